import re
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render

from commissions import statement
from commissions.models import Entitlement, LedgerEntry
from commissions.views import told
from crm.accounts.access import reach
from crm.accounts.roles import Right
from crm.web.access import PageRequest, page
from crm.web.why import explain

LATEST = 100


@page(Right.COMMISSION_OWN)
def mine(request: PageRequest) -> HttpResponse:
    """My commission: what came, what is still to come, and the line behind each number."""
    month = request.GET.get("period", "")
    if month and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        raise Http404
    me = request.viewer.id
    context: dict[str, Any] = {
        "sums": statement.sums(me, f"{request.today:%Y-%m}"),
        "lines": statement.lines(me),
        "entries": statement.entries(me, month)[:LATEST],
        "month": month,
        "on": request.today,
        "currency": request.tenant.currency,
    }
    return render(request, "commissions/mine.html", context)


@page()
def entry_why(request: PageRequest, entry_id: UUID) -> HttpResponse:
    """Why an entry has its amount; for its payee and those who review him."""
    rows = LedgerEntry.objects.select_related("contract", "plan_version__plan")
    entry = get_object_or_404(reach(request.viewer, rows), id=entry_id)
    return explain(request, told.entry(entry))


@page()
def contract_why(request: PageRequest, contract_id: UUID) -> HttpResponse:
    """Why a contract will pay me what it will: the first year's entitlement of mine."""
    rows = Entitlement.objects.select_related("contract", "plan_version__plan").order_by("contract_year")
    found = rows.filter(contract_id=contract_id, member_id=request.viewer.id).first()
    if found is None:
        raise Http404
    return explain(request, told.entitlement(found, request.tenant.currency))
