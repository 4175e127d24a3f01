"""What one contract pays its reader, and what cash for it would release, as fragments of other pages."""

from decimal import Decimal
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from commissions import releasing
from commissions.forms.release import ReleaseForm
from commissions.models import Entitlement
from commissions.statement import ADJUSTED, of_member, payable
from crm.accounts.access import reach
from crm.accounts.rights import Right, Scope
from crm.web.access import PageRequest, page
from crm.web.fragments import show
from customers.models import Contract

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


@require_safe
@page(Right.PAYMENT_RECORD, Right.COMMISSION_REVIEW)
def releases(request: PageRequest, contract_id: UUID) -> HttpResponse:
    """What a receipt of this amount on this day would release to whom, before it is recorded."""
    rows = reach(request.viewer, Contract.objects.all())
    contract = get_object_or_404(rows, pk=contract_id)
    if request.viewer.commission is not Scope.TENANT:
        raise PermissionDenied
    form = ReleaseForm(request.GET, on=request.today)
    context = {"contract": contract, "currency": request.tenant.currency, "released": None}
    if form.is_valid():
        context["released"] = releasing.by_receipt(contract, **form.cleaned_data, on=request.today)
    regions = {"releases": "commissions/_contract_releases.html"}
    return show(request, "commissions/contract_releases.html", context, regions=regions)
