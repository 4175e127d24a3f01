"""核销坏账: the list of proposals, one of them with what can be done to it, and proposing one."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.accounts.access import changeable, reach
from crm.accounts.rights import Right
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done, show
from crm.web.keyset import Sort
from crm.web.listing import Column, Listing, View
from customers.filters.receivables import WriteOffFilters
from customers.forms.boxes import DoorForm
from customers.forms.receivables import CorrectionForm, RefusalForm, WriteOffForm
from customers.models import Contract, Receivable, WriteOff
from customers.receivables import writeoffs
from customers.views.place import crumbs as of_contract
from customers.views.place import reached
from customers.views.receivables import crumbs

NEAR = ("contract", "customer", "proposed_by", "decided_by", "corrects")


class WriteOffs(Listing):
    """Write-offs and corrections within reach, the newest first. Queries: rows, counts."""

    filters = WriteOffFilters
    sorts: Mapping[str, Sort | str] = {"proposed_on": "proposed_on"}
    ordering = "-proposed_on"
    views = (
        View("waiting", pgettext_lazy("write-offs", "To decide"), "state=PROPOSED", late=True),
        View("approved", pgettext_lazy("write-offs", "Approved"), "state=APPROVED"),
        View("all", pgettext_lazy("write-offs", "All")),
    )
    columns = (
        Column("number", gettext_lazy("Number"), "w-xl"),
        Column("customer", gettext_lazy("Customer")),
        Column("kind", gettext_lazy("Kind"), "w-l p2"),
        Column("amount", gettext_lazy("Amount"), "r w-l"),
        Column("proposed", gettext_lazy("Proposed on"), "r w-m p2", "proposed_on"),
        Column("state", gettext_lazy("State"), "w-l"),
    )

    def __init__(self, request: PageRequest) -> None:
        super().__init__(request, reach(request.viewer, WriteOff.objects.select_related(*NEAR)))

    @cached_property
    def lines(self) -> list[WriteOff]:
        """The rows of the page."""
        return self.rows


@require_safe
@page(Right.RECEIVABLE_VIEW, Right.SEE_AMOUNT)
def listed(request: PageRequest) -> HttpResponse:
    """What waits for a decision, and what was decided; htmx asks for the list alone."""
    context = {"list": WriteOffs(request), "on": request.today, "crumbs": crumbs()}
    regions = {"list": "customers/_write_offs.html"}
    return show(request, "customers/write_offs.html", context, regions=regions)


class Act(NamedTuple):
    """Something done to a write-off: who may, the form, the verb, and what is said then."""

    right: Right
    form: type[DoorForm]
    verb: Callable[..., WriteOff]
    said: Any


ACTS: Mapping[str, Act] = {
    "approve": Act(Right.WRITE_OFF_APPROVE, DoorForm, writeoffs.approve, gettext_lazy("Approved.")),
    "refuse": Act(Right.WRITE_OFF_APPROVE, RefusalForm, writeoffs.refuse, gettext_lazy("Refused.")),
    "withdraw": Act(Right.PAYMENT_RECORD, DoorForm, writeoffs.withdraw, gettext_lazy("Withdrawn.")),
    "correct": Act(
        Right.PAYMENT_RECORD, CorrectionForm, writeoffs.correct, gettext_lazy("The correction is proposed.")
    ),
}


@require_safe
@page(Right.RECEIVABLE_VIEW, Right.SEE_AMOUNT)
def one(request: PageRequest, write_off_id: UUID) -> HttpResponse:
    """One with its reason, its instalment, and what the reader can do to it."""
    return _shown(request, _found(request, write_off_id), {})


@require_POST
@page(Right.PAYMENT_RECORD, Right.WRITE_OFF_APPROVE, any_of=True)
def act(request: PageRequest, write_off_id: UUID, name: str) -> HttpResponse:
    """One of ACTS."""
    row, doing = _found(request, write_off_id), ACTS[name]
    own = row.proposed_by_id == request.viewer.id
    if not request.viewer.may(doing.right) or (name == "withdraw" and not own):
        raise PermissionDenied
    form = doing.form(request.POST, on=request.today)
    made = carry_out(form, lambda data: doing.verb(row, **data, **request.act))
    if made is None:
        return _shown(request, _found(request, write_off_id), {name: form})
    return done(request, reverse("customers:write-off", args=[made.pk]), str(doing.said))


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.PAYMENT_RECORD)
def propose(request: PageRequest, contract_id: UUID) -> HttpResponse:
    """Propose to give up money of an overdue instalment of a contract."""
    found = reached(request, Contract.objects.select_related("customer"), contract_id, changeable)
    form = WriteOffForm(request.POST or None, contract=found, on=request.today)
    if request.method == "POST":
        made = carry_out(form, lambda data: writeoffs.propose(**data, **request.act))
        if made is not None:
            said = _("Proposed: an executive decides.")
            return done(request, reverse("customers:write-off", args=[made.pk]), said)
    context = {
        "form": form,
        "contract": found,
        "currency": found.currency,
        "crumbs": of_contract(found.customer, found),
        "title": _("Propose a write-off"),
        "some": form.fields["receivable"].queryset.exists(),
    }
    return render(request, "customers/write_off_new.html", context, status=getattr(form, "status", 200))


def _found(request: PageRequest, write_off_id: UUID) -> WriteOff:
    return reached(request, WriteOff.objects.select_related(*NEAR), write_off_id)


def _shown(request: PageRequest, row: WriteOff, forms: Mapping[str, DoorForm]) -> HttpResponse:
    open_acts = _acts(request, row)
    item = Receivable.objects.filter(contract=row.contract_id, number=row.instalment).first()
    context: dict[str, Any] = {
        "row": row,
        "item": item,
        "days": _overdue_days(item, row.decided_on or request.today),
        "is_write_off": row.kind == WriteOff.Kind.WRITE_OFF,
        "corrections": row.corrections.all() if row.corrects_id is None else (),
        "standing": writeoffs.standing(row) if row.state == WriteOff.State.APPROVED else None,
        "forms": {name: forms.get(name) or ACTS[name].form(on=request.today) for name in open_acts},
        "own": row.proposed_by_id == request.viewer.id,
        "on": request.today,
        "crumbs": [*crumbs(), {"label": _("Write-offs"), "url": reverse("customers:write-offs")}],
    }
    context["is_tax_loss"] = writeoffs.is_tax_loss(row.amount * row.contract.book_rate, context["days"])
    status = max((getattr(form, "status", 200) for form in forms.values()), default=200)
    return render(request, "customers/write_off.html", context, status=status)


def _acts(request: PageRequest, row: WriteOff) -> list[str]:
    """What the reader can do to it now, in the order of the page."""
    found = writeoffs.acts_of(row, request.viewer, request.viewer.may(Right.WRITE_OFF_APPROVE))
    correctable = row.state == WriteOff.State.APPROVED and row.kind == WriteOff.Kind.WRITE_OFF
    if correctable and request.viewer.may(Right.PAYMENT_RECORD) and writeoffs.standing(row):
        found |= {"correct"}
    return [name for name in ACTS if name in found]


def _overdue_days(item: Receivable | None, on: date) -> int:
    return max((on - item.due_on).days, 0) if item else 0
