"""The page on which a contract that runs is given another price."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.accounts.access import changeable
from crm.accounts.rights import Right
from crm.refusal import Fault, Refused
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done
from customers import amending
from customers.forms.amend import AmendForm
from customers.models import Contract
from customers.views.place import acts, crumbs, reached


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.CONTRACT_SIGN)
def amend(request: PageRequest, contract_id: UUID) -> HttpResponse:
    """The new price of a contract: its form, or what it did."""
    rows = Contract.objects.select_related("customer")
    found = reached(request, rows, contract_id, changeable)
    initial = {"amended_on": request.today, "gross": found.gross}
    form = AmendForm(request.POST or None, on=request.today, initial=initial, contract=found)
    back = reverse("customers:contract", args=[contract_id])
    if request.method == "POST":
        amended = carry_out(form, lambda data: _amend(request, found, form, data))
        if amended is not None:
            return done(request, back, _("The contract is amended."))
    context = {"form": form, "contract": found, "crumbs": crumbs(found.customer, found), "back": back}
    return render(request, "customers/amend.html", context, status=getattr(form, "status", 200))


def _amend(request: PageRequest, found: Contract, form: AmendForm, data: dict[str, Any]) -> Contract:
    price = {name: data[name] for name in ("gross", "amended_on", "reason")}
    try:
        return amending.amend(found, schedule=form.schedule, **price, **acts(request))
    except Refused as refused:
        raise type(refused)(*(_beside(fault, form) for fault in refused.faults)) from refused


def _beside(fault: Fault, form: AmendForm) -> Fault:
    """A fault of the years stands beside the box of the first year."""
    years = fault.field.startswith("schedule") and form.year_fields
    return Fault("year_1", fault.code, fault.message) if years else fault
