"""The page of one contract, and the forms for what happens to it: cash, expenses, cancellation, terms."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from crm.accounts.access import Viewer, changeable, reach
from crm.accounts.rights import Right, Scope
from crm.money import capitals
from crm.periods import last_day
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done
from customers import cash, confirming, contracts
from customers.forms.boxes import DoorForm
from customers.forms.cash import CancelForm, ExpenseForm, ReceiptForm, RefundForm
from customers.forms.receivables import TermsForm
from customers.models import Contract, CreditTerms, Payment, Receivable
from customers.receivables import credit
from customers.views.place import acts, crumbs, reached
from customers.views.splits import shares

ZERO = Decimal("0.00")
SEES = {
    "amount": Right.SEE_AMOUNT,
    "receivable": Right.RECEIVABLE_VIEW,
    "expense": Right.SEE_EXPENSE,
    "receive": Right.PAYMENT_RECORD,
    "book": Right.EXPENSE_RECORD,
    "sign": Right.CONTRACT_SIGN,
    "own": Right.COMMISSION_OWN,
}


ACTING = {"receive", "book", "sign"}


@dataclass(frozen=True)
class Act:
    """Something done to a contract by a form: who may, what is filled in, and the verb."""

    right: Right
    form: type[DoorForm]
    do: Callable[..., object]
    title: Any
    button: Any
    said: Any
    initial: Callable[[Contract, date], dict[str, Any]]
    danger: bool = False


def _on(day: str) -> Callable[[Contract, date], dict[str, Any]]:
    return lambda _contract, today: {day: today}


def _due(found: Contract, today: date) -> dict[str, Any]:
    """What is open of the oldest instalment."""
    due = found.receivables.filter(open__gt=0).order_by("due_on", "id").first()
    return {"received_on": today, "amount": due.open if due else None}


def _agreed(found: Contract, _today: date) -> dict[str, Any]:
    row = CreditTerms.objects.filter(contract=found).first() or CreditTerms()
    return {name: getattr(row, name) for name in credit.FIELDS}


ACTS = {
    "receipt": Act(
        Right.PAYMENT_RECORD,
        ReceiptForm,
        cash.receive,
        gettext_lazy("Record a receipt"),
        gettext_lazy("Record the receipt"),
        gettext_lazy("The receipt is recorded."),
        _due,
    ),
    "refund": Act(
        Right.PAYMENT_RECORD,
        RefundForm,
        cash.refund,
        gettext_lazy("Record a refund"),
        gettext_lazy("Record the refund"),
        gettext_lazy("The refund is recorded."),
        _on("refunded_on"),
    ),
    "expense": Act(
        Right.EXPENSE_RECORD,
        ExpenseForm,
        cash.book_expense,
        gettext_lazy("Book an expense"),
        gettext_lazy("Book the expense"),
        gettext_lazy("The expense is booked."),
        _on("incurred_on"),
    ),
    "cancellation": Act(
        Right.CONTRACT_SIGN,
        CancelForm,
        contracts.cancel,
        gettext_lazy("Cancel the contract"),
        gettext_lazy("Cancel the contract"),
        gettext_lazy("The contract is cancelled."),
        _on("cancelled_on"),
        danger=True,
    ),
    "terms": Act(
        Right.PAYMENT_RECORD,
        TermsForm,
        credit.agree,
        gettext_lazy("Agree credit terms"),
        gettext_lazy("Agree the terms"),
        gettext_lazy("The terms are agreed."),
        _agreed,
    ),
}


def _found(request: PageRequest, contract_id: UUID, scope: Callable[..., Any] = reach) -> Contract:
    rows = Contract.objects.select_related("customer", "responsible_dept", "signed_by", "renewal_of")
    return reached(request, rows, contract_id, scope)


@require_safe
@page(Right.CONTRACT_VIEW)
def contract(request: PageRequest, contract_id: UUID) -> HttpResponse:
    """Terms, years, shares, instalments with what was collected, cash, expenses."""
    found = _found(request, contract_id)
    sees = _sees(request.viewer, found)
    instalments = list(found.receivables.all()) if sees["receivable"] else []
    context = {
        "contract": found,
        "customer": found.customer,
        "crumbs": crumbs(found.customer),
        "on": request.today,
        "sees": sees,
        "last_day": last_day(found.ends_on),
        "capitals": capitals(found.gross) if sees["amount"] and found.currency == "CNY" else "",
        "years": list(found.years.all()),
        "splits": shares(found),
        "words": confirming.words_on(found),
        "instalments": [(each, each.open > 0 and each.due_on < request.today) for each in instalments],
        "columns": _columns(sees),
        "collected": _collected(instalments),
        "payments": list(found.payments.all()) if sees["receivable"] else [],
        "expenses": list(found.expenses.all()) if sees["expense"] else [],
        "renewals": list(found.renewals.all()),
        "amendments": list(found.amendments.all()) if sees["amount"] else [],
        "credit": found.credit_terms.first() if sees["receivable"] else None,
        "currency": request.tenant.currency,
        "refund": Payment.Kind.REFUND,
    }
    return render(request, "customers/contract.html", context)


def _sees(viewer: Viewer, found: Contract) -> dict[str, bool]:
    """What the reader sees and does here; one who is only let read does nothing to it."""
    writes = changeable(viewer, Contract.objects.filter(pk=found.pk)).exists()
    return {name: viewer.may(right) and (writes or name not in ACTING) for name, right in SEES.items()}


def _columns(sees: dict[str, bool]) -> dict[str, list[dict[str, str]]]:
    """Heads of the three small tables; amounts only for those who see them."""

    def heads(*labels: tuple[str, str] | None) -> list[dict[str, str]]:
        return [{"key": "", "label": one[0], "classes": one[1]} for one in labels if one]

    amount = (_("Amount"), "r w-l") if sees["amount"] else None
    came = (_("Received"), "r w-l") if sees["amount"] else None
    number, day = (_("Number"), ""), (_("Date"), "w-m")
    return {
        "instalments": heads(number, (_("Due on"), "w-m"), amount, came, (_("State"), "w-m")),
        "payments": heads(number, day, (_("Kind"), "w-m"), amount),
        "expenses": heads(
            number, day, (_("Category"), "w-l"), (_("Year"), "r w-xs p2"), (_("Amount"), "r w-l")
        ),
    }


def _collected(instalments: list[Receivable]) -> dict[str, Any]:
    due = sum((i.amount - i.waived for i in instalments), ZERO)
    came = sum((i.applied for i in instalments), ZERO)
    open_ = sum((i.open for i in instalments), ZERO)
    return {"due": due, "came": came, "open": open_, "share": came / due if due else None}


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.CONTRACT_VIEW)
def act(request: PageRequest, contract_id: UUID, name: str) -> HttpResponse:
    """One of ACTS on a contract: its form, or what it did."""
    doing = ACTS[name]
    if not request.viewer.may(doing.right):
        _found(request, contract_id)
        raise PermissionDenied
    found = _found(request, contract_id, changeable)
    form = doing.form(request.POST or None, on=request.today, initial=doing.initial(found, request.today))
    if request.method == "POST":
        made = carry_out(form, lambda data: doing.do(found, **data, **acts(request)) or found)
        if made is not None:
            return done(request, reverse("customers:contract", args=[contract_id]), str(doing.said))
    context = {
        "act": doing,
        "form": form,
        "contract": found,
        "crumbs": crumbs(found.customer, found),
        "currency": request.tenant.currency if name == "expense" else found.currency,
        "sees_releases": name == "receipt" and _reviews_all(request.viewer),
    }
    return render(request, "customers/act.html", context, status=getattr(form, "status", 200))


def _reviews_all(viewer: Viewer) -> bool:
    return viewer.may(Right.COMMISSION_REVIEW) and viewer.commission is Scope.TENANT
