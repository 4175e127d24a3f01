"""What one contract pays its reader, as a fragment of the contract's page."""

from decimal import Decimal
from uuid import UUID

from django.db.models import Sum
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from commissions.models import Entitlement
from commissions.statement import ADJUSTED, of_member, payable
from crm.accounts.roles import Right
from crm.web.access import PageRequest, page
from crm.web.fragments import show

ZERO = Decimal("0.00")


@require_safe
@page(Right.COMMISSION_OWN)
def pays(request: PageRequest, contract_id: UUID) -> HttpResponse:
    """About how much a contract pays me, and how much of it is posted; nothing when it pays me none."""
    mine = of_member(request.viewer.id)
    entitled = Entitlement.objects.filter(mine, contract_id=contract_id)
    posted = (
        payable(mine)
        .filter(contract_id=contract_id)
        .aggregate(sum=Sum("amount", default=ZERO), adjusted=Sum("amount", filter=ADJUSTED, default=ZERO))
    )
    expected = entitled.aggregate(sum=Sum("amount"))["sum"]
    context = {
        "contract_id": contract_id,
        "expected": expected and expected + posted["adjusted"],
        "posted": posted["sum"],
        "currency": request.tenant.currency,
    }
    regions = {"pays": "commissions/_contract_pays.html"}
    return show(request, "commissions/contract_pays.html", context, regions=regions)
