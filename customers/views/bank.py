"""Bank lines (V2): what arrived and whose it may be; a person confirms, chooses, or sets aside."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from crm.accounts.access import reach
from crm.accounts.rights import Right
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done, show
from crm.web.keyset import Sort
from crm.web.listing import Column, Listing, View
from customers.filters.receivables import BankLineFilters
from customers.forms.boxes import DoorForm
from customers.forms.receivables import MatchForm, SetAsideForm
from customers.models import BankLine
from customers.receivables import banking
from customers.views.place import reached
from customers.views.receivables import crumbs

NEAR = ("payment", "payment__contract", "payment__customer", "decided_by")
State = BankLine.State


class BankLines(Listing):
    """The bank lines within reach, the newest first. Queries: rows, counts, suggestions (two)."""

    filters = BankLineFilters
    sorts: Mapping[str, Sort | str] = {"received_on": "received_on"}
    ordering = "-received_on"
    views = (
        View("open", pgettext_lazy("bank lines", "Unmatched"), "state=OPEN", late=True),
        View("matched", pgettext_lazy("bank lines", "Matched"), "state=MATCHED"),
        View("aside", pgettext_lazy("bank lines", "No receipt"), "state=SET_ASIDE"),
        View("all", pgettext_lazy("bank lines", "All")),
    )
    columns = (
        Column("received", gettext_lazy("Received on"), "w-l", "received_on"),
        Column("payer", gettext_lazy("Payer")),
        Column("amount", gettext_lazy("Amount"), "r w-l"),
        Column("reference", gettext_lazy("Reference"), "p2"),
        Column("whose", gettext_lazy("Whose"), "w-xl"),
        Column("act", "", "r w-l"),
    )

    def __init__(self, request: PageRequest) -> None:
        super().__init__(request, reach(request.viewer, BankLine.objects.select_related(*NEAR)))

    @cached_property
    def lines(self) -> list[tuple[BankLine, banking.Suggestion | None]]:
        """The rows of the page, each with what is likeliest behind it."""
        found = banking.suggestions(self.rows)
        return [(row, next(iter(found[row.pk]), None)) for row in self.rows]


@require_safe
@page(Right.RECEIVABLE_VIEW, Right.SEE_AMOUNT)
def listed(request: PageRequest) -> HttpResponse:
    """Bank lines with suggestions; htmx asks for the list alone."""
    context = {
        "list": BankLines(request),
        "on": request.today,
        "records": request.viewer.may(Right.PAYMENT_RECORD),
        "brings": request.viewer.may(Right.PAYMENT_RECORD) and request.viewer.may(Right.IMPORT_RUN),
        "crumbs": crumbs(),
    }
    regions = {"list": "customers/_bank_lines.html"}
    return show(request, "customers/bank_lines.html", context, regions=regions)


@require_safe
@page(Right.RECEIVABLE_VIEW, Right.SEE_AMOUNT)
def one(request: PageRequest, line_id: UUID) -> HttpResponse:
    """One line with everything that may be behind it."""
    return _shown(request, _found(request, line_id))


@require_POST
@page(Right.PAYMENT_RECORD, Right.SEE_AMOUNT)
def match(request: PageRequest, line_id: UUID) -> HttpResponse:
    """Record it as a receipt of the contract that a person chose or confirmed."""
    row = _found(request, line_id)
    form = MatchForm(request.POST, viewer=request.viewer, on=request.today)
    if carry_out(form, lambda data: banking.match(row, **data, **request.act)) is None:
        return _shown(request, _found(request, line_id), matching=form)
    said = _("Recorded as a receipt of %(number)s.") % {"number": form.cleaned_data["contract"].number}
    return done(request, reverse("customers:bank-lines"), said)


@require_POST
@page(Right.PAYMENT_RECORD, Right.SEE_AMOUNT)
def set_aside(request: PageRequest, line_id: UUID) -> HttpResponse:
    """It is no receipt of a customer."""
    row = _found(request, line_id)
    form = SetAsideForm(request.POST, on=request.today)
    if carry_out(form, lambda data: banking.set_aside(row, **data, **request.act)) is None:
        return _shown(request, _found(request, line_id), setting=form)
    return done(request, reverse("customers:bank-lines"), _("Set aside."))


@require_POST
@page(Right.PAYMENT_RECORD, Right.SEE_AMOUNT)
def reopen(request: PageRequest, line_id: UUID) -> HttpResponse:
    """It is a receipt after all."""
    row = _found(request, line_id)
    form = DoorForm(request.POST, on=request.today)
    if carry_out(form, lambda _data: banking.reopen(row, **request.act)) is None:
        return _shown(request, _found(request, line_id), reopening=form)
    return done(request, reverse("customers:bank-line", args=[row.pk]), _("Open again."))


def _found(request: PageRequest, line_id: UUID) -> BankLine:
    return reached(request, BankLine.objects.select_related(*NEAR), line_id)


def _shown(request: PageRequest, row: BankLine, **typed: DoorForm) -> HttpResponse:
    acts, about = request.viewer.may(Right.PAYMENT_RECORD), {"on": request.today}
    is_open = row.state == State.OPEN
    forms: dict[str, Any] = {}
    if acts and is_open:
        forms["matching"] = typed.get("matching") or MatchForm(viewer=request.viewer, **about)
        forms["setting"] = typed.get("setting") or SetAsideForm(**about)
    if acts and row.state == State.SET_ASIDE:
        forms["reopening"] = typed.get("reopening") or DoorForm(**about)
    context = {
        "row": row,
        "suggestions": banking.suggestions([row])[row.pk],
        "on": request.today,
        "crumbs": [*crumbs(), {"label": _("Bank lines"), "url": reverse("customers:bank-lines")}],
        **forms,
    }
    status = max((getattr(form, "status", 200) for form in typed.values()), default=200)
    return render(request, "customers/bank_line.html", context, status=status)
