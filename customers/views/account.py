"""What is agreed and decided of one account (customer × contract) beyond its cash: the credit terms."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from crm.accounts.access import changeable
from crm.accounts.roles import Right
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done
from customers.forms.boxes import DoorForm
from customers.forms.receivables import TermsForm
from customers.models import Contract, CreditTerms
from customers.receivables import credit
from customers.views.place import crumbs, reached


@dataclass(frozen=True)
class Act:
    """A form about an account: the verb, and what stands in the form at first."""

    form: type[DoorForm]
    do: Callable[..., object]
    initial: Callable[[Contract], dict[str, Any]]
    title: Any
    button: Any
    said: Any
    danger: bool = False


def _agreed(contract: Contract) -> dict[str, Any]:
    row = CreditTerms.objects.filter(contract=contract).first() or CreditTerms()
    return {name: getattr(row, name) for name in credit.FIELDS}


ACTS = {
    "terms": Act(
        TermsForm,
        credit.agree,
        _agreed,
        gettext_lazy("Agree credit terms"),
        gettext_lazy("Agree the terms"),
        gettext_lazy("The terms are agreed."),
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.CONTRACT_VIEW, Right.PAYMENT_RECORD)
def act(request: PageRequest, contract_id: UUID, name: str) -> HttpResponse:
    """One of ACTS on the account of a contract: its form, or what it did."""
    doing, rows = ACTS[name], Contract.objects.select_related("customer")
    found = reached(request, rows, contract_id, changeable)
    form = doing.form(request.POST or None, on=request.today, initial=doing.initial(found))
    if request.method == "POST":
        made = carry_out(form, lambda data: doing.do(found, **data, **request.act))
        if made is not None:
            return done(request, reverse("customers:contract", args=[contract_id]), str(doing.said))
    context = {
        "act": doing,
        "form": form,
        "contract": found,
        "crumbs": crumbs(found.customer, found),
        "currency": found.currency,
    }
    return render(request, "customers/act.html", context, status=getattr(form, "status", 200))
