import re
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render

from commissions import statement, told
from commissions.models import Entitlement, LedgerEntry
from crm.accounts.access import reach
from crm.accounts.roles import Right
from crm.web.access import PageRequest, page

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
    rows = reach(request.viewer, LedgerEntry.objects.select_related("contract", "plan_version"))
    return _explained(request, told.entry(get_object_or_404(rows, id=entry_id)))


@page()
def contract_why(request: PageRequest, contract_id: UUID) -> HttpResponse:
    """Why a contract will pay me what it will: the first year's entitlement of mine."""
    rows = Entitlement.objects.select_related("contract", "plan_version").order_by("contract_year")
    found = rows.filter(contract_id=contract_id, member_id=request.viewer.id).first()
    if found is None:
        raise Http404
    return _explained(request, told.entitlement(found))


def _explained(request: PageRequest, trace: told.Told) -> HttpResponse:
    fragment = "X-Why" in request.headers or request.headers.get("HX-Request")
    template = "components/explanation.html" if fragment else "commissions/why.html"
    return render(request, template, {"trace": trace})
