"""对账单 (V3): the statements of account, one with its movements, its way to the signature, and on paper."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.accounts.access import changeable, reach
from crm.accounts.rights import Right
from crm.periods import add_months
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done, show
from crm.web.keyset import Sort
from crm.web.listing import Column, Listing, View
from customers.filters.receivables import ReconciliationFilters
from customers.forms.boxes import DoorForm
from customers.forms.reconciliation import DisagreementForm, PrepareForm, SignatureForm
from customers.models import Customer, Reconciliation
from customers.receivables import reconciling
from customers.views import printed
from customers.views.place import reached
from customers.views.receivables import crumbs

State = Reconciliation.State


class Reconciliations(Listing):
    """The statements within reach, the latest period first. Queries: rows, counts."""

    filters = ReconciliationFilters
    sorts: Mapping[str, Sort | str] = {"ends_on": "ends_on"}
    ordering = "-ends_on"
    views = (
        View("all", pgettext_lazy("reconciliations", "All")),
        View("draft", State.DRAFT.label, "state=DRAFT"),
        View("sent", State.SENT.label, "state=SENT"),
        View("disagreed", State.DISAGREED.label, "state=DISAGREED", late=True),
        View("signed", State.SIGNED.label, "state=SIGNED"),
    )
    columns = (
        Column("customer", gettext_lazy("Customer")),
        Column("period", gettext_lazy("Period"), "w-xl"),
        Column("closing", gettext_lazy("Closing balance"), "r w-l"),
        Column("difference", gettext_lazy("Difference"), "r w-l p2"),
        Column("sent", gettext_lazy("Sent on"), "r w-m p2"),
        Column("state", gettext_lazy("State"), "w-m"),
    )

    def __init__(self, request: PageRequest) -> None:
        super().__init__(request, reach(request.viewer, Reconciliation.objects.select_related("customer")))

    @cached_property
    def lines(self) -> list[Reconciliation]:
        """The rows of the page."""
        return self.rows


class Act(NamedTuple):
    """Something done to a statement: the states from which, the form, the verb, the button, what is said."""

    states: tuple[str, ...]
    form: type[DoorForm]
    verb: Callable[..., Any]
    said: Any


ACTS: Mapping[str, Act] = {
    "send": Act((State.DRAFT,), DoorForm, reconciling.send, gettext_lazy("Recorded as sent.")),
    "sign": Act((State.SENT,), SignatureForm, reconciling.sign, gettext_lazy("Recorded as signed.")),
    "disagree": Act(
        (State.SENT,), DisagreementForm, reconciling.disagree, gettext_lazy("The difference is recorded.")
    ),
    "redraft": Act(
        (State.SENT, State.DISAGREED), DoorForm, reconciling.redraft, gettext_lazy("A draft again.")
    ),
    "discard": Act((State.DRAFT,), DoorForm, reconciling.discard, gettext_lazy("Thrown away.")),
}


@require_safe
@page(Right.RECEIVABLE_VIEW, Right.SEE_AMOUNT)
def listed(request: PageRequest) -> HttpResponse:
    """The statements; htmx asks for the list alone."""
    context = {"list": Reconciliations(request), "on": request.today, "crumbs": crumbs()}
    context["prepares"] = request.viewer.may(Right.PAYMENT_RECORD)
    regions = {"list": "customers/_reconciliations.html"}
    return show(request, "customers/reconciliations.html", context, regions=regions)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.PAYMENT_RECORD, Right.SEE_AMOUNT)
def new(request: PageRequest) -> HttpResponse:
    """Draw up the statement of a customer, of last month unless said otherwise."""
    given = request.POST if request.method == "POST" else None
    form = PrepareForm(given, viewer=request.viewer, on=request.today, initial=_usual(request))
    if given is not None:
        made = carry_out(form, lambda _data: reconciling.prepare(**form.words, **request.act))
        if made is not None:
            return done(request, reverse("customers:reconciliation", args=[made.pk]), _("Prepared."))
    context = {"form": form, "crumbs": _crumbs(), "title": _("Prepare a statement of account")}
    return render(request, "customers/reconciliation_new.html", context, status=getattr(form, "status", 200))


def _usual(request: PageRequest) -> dict[str, Any]:
    """Last month of the customer in the address, in the company's currency."""
    first: date = request.today.replace(day=1)
    usual: dict[str, Any] = {"starts_on": add_months(first, -1), "last_day": _before(first)}
    usual["currency"] = request.tenant.currency
    rows = changeable(request.viewer, Customer.objects.all())
    with suppress(ValueError):
        usual["customer"] = rows.filter(pk=UUID(request.GET.get("customer", ""))).first()
    return usual


def _before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)


@require_safe
@page(Right.RECEIVABLE_VIEW, Right.SEE_AMOUNT)
def one(request: PageRequest, reconciliation_id: UUID) -> HttpResponse:
    """A statement with its movements, and what the reader can do to it."""
    return _shown(request, _found(request, reconciliation_id), {})


@require_POST
@page(Right.PAYMENT_RECORD, Right.SEE_AMOUNT)
def act(request: PageRequest, reconciliation_id: UUID, name: str) -> HttpResponse:
    """One of ACTS."""
    row, doing = _found(request, reconciliation_id), ACTS[name]
    form = doing.form(request.POST, on=request.today)
    if carry_out(form, lambda data: doing.verb(row, **data, **request.act) or row) is None:
        return _shown(request, _found(request, reconciliation_id), {name: form})
    to = "customers:reconciliations" if name == "discard" else "customers:reconciliation"
    return done(request, reverse(to, args=[] if name == "discard" else [row.pk]), str(doing.said))


@require_safe
@page(Right.RECEIVABLE_VIEW, Right.SEE_AMOUNT)
def pdf(request: PageRequest, reconciliation_id: UUID) -> HttpResponse:
    """The statement to print, for the customer's seal."""
    row = _found(request, reconciliation_id)
    paper = printed.reconciliation(row, tenant=request.tenant, viewer=request.viewer, at=request.now)
    return HttpResponse(paper, content_type="application/pdf", headers=printed.named(row))


def _found(request: PageRequest, reconciliation_id: UUID) -> Reconciliation:
    rows = Reconciliation.objects.select_related("customer", "prepared_by")
    return reached(request, rows, reconciliation_id)


def _shown(request: PageRequest, row: Reconciliation, forms: Mapping[str, DoorForm]) -> HttpResponse:
    acts = request.viewer.may(Right.PAYMENT_RECORD)
    usual = {"answered_on": request.today}
    offered = {
        name: forms.get(name) or doing.form(on=request.today, initial=usual)
        for name, doing in ACTS.items()
        if acts and row.state in doing.states
    }
    context = {
        "row": row,
        "lines": printed.lines(row),
        "sums": printed.sums(row),
        "columns": COLUMNS,
        "forms": offered,
        "on": request.today,
        "crumbs": _crumbs(),
    }
    status = max((getattr(form, "status", 200) for form in forms.values()), default=200)
    return render(request, "customers/reconciliation.html", context, status=status)


COLUMNS = [
    {"key": "on", "label": gettext_lazy("Date"), "classes": "w-m"},
    {"key": "what", "label": gettext_lazy("What"), "classes": "w-m"},
    {"key": "contract", "label": gettext_lazy("Contract"), "classes": "w-l p2"},
    {"key": "number", "label": gettext_lazy("Number")},
    {"key": "amount", "label": gettext_lazy("Amount"), "classes": "r w-l"},
    {"key": "balance", "label": gettext_lazy("Balance"), "classes": "r w-l"},
]


def _crumbs() -> list[dict[str, str]]:
    return [*crumbs(), {"label": _("Statements of account"), "url": reverse("customers:reconciliations")}]
