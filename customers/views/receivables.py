"""往来账款 (V1): accounts with what is open by age, seen on a day, and the instalments behind them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import DateField
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from crm.accounts.access import reach
from crm.accounts.rights import Right
from crm.refusal import Fault
from crm.web.access import PageRequest, page
from crm.web.fragments import show
from crm.web.keyset import Sort
from crm.web.listing import Column, Listing, View
from customers.filters.receivables import AccountFilters, ReceivableFilters
from customers.forms.boxes import read_day
from customers.models import Dunning, Receivable
from customers.receivables import ageing, dunning
from customers.receivables.ageing import Bucket

SORTS: Mapping[str, Sort | str] = {
    "oldest": Sort("oldest", nullable=True, field=DateField()),
    "number": "number",
    "customer": "customer__name",
}
OLD = "bucket=91-180&bucket=181-365&bucket=%3E365"
LATE = f"bucket=0-30&bucket=31-60&bucket=61-90&{OLD}"


def _short(bucket: Bucket) -> Any:
    """The head of its column, where there is little room."""
    if bucket is Bucket.NOT_DUE:
        return pgettext_lazy("receivables", "Not due")
    return bucket.value.replace("-", "–")


def _less(bucket: Bucket) -> str:
    """From which width on its column is there: what is not due goes first, the rest can be told from it."""
    return "p4" if bucket is Bucket.NOT_DUE else "p3"


class Accounts(Listing):
    """The accounts within reach with something open on `as_of`. Queries: rows, counts, totals, dunning."""

    filters = AccountFilters
    sorts = SORTS
    ordering = "oldest"
    views = (
        View("all", pgettext_lazy("receivables", "All")),
        View("due", pgettext_lazy("receivables", "Due"), LATE),
        View("old", gettext_lazy("Over 90 days"), OLD, late=True),
        View("joint", gettext_lazy("Dun together"), "dunning=4&dunning=5", late=True),
        View("mine", pgettext_lazy("receivables", "Mine"), "owner=me"),
    )
    columns = (
        Column("customer", gettext_lazy("Customer"), "l1", "customer"),
        Column("contract", gettext_lazy("Contract"), "w-l l2", "number"),
        Column("owner", gettext_lazy("Responsible"), "w-s p4"),
        Column("open", pgettext_lazy("receivables", "Open"), "r w-s"),
        *(Column(each.value, _short(each), f"r w-s {_less(each)}") for each in Bucket),
        Column("oldest", pgettext_lazy("receivables", "Oldest"), "r w-m", "oldest"),
        Column("dunning", gettext_lazy("Dunning"), "w-l p2"),
    )

    def __init__(self, request: PageRequest) -> None:
        self.today: date = request.today
        self.as_of, fault = _as_of(request)
        rows = ageing.accounts(self.as_of, self.today)
        rows = rows.select_related("customer", "customer__owner", "responsible_dept")
        super().__init__(request, reach(request.viewer, rows))
        self.faults += fault

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        """The rows of the page: open in sum, and of each bucket the amount and its instalments' address."""
        found = Dunning.objects.filter(contract__in=[row.pk for row in self.rows])
        steps = {each.contract_id: each for each in found}
        return [self._line(row) | {"dunning": steps.get(row.pk)} for row in self.rows]

    def _line(self, row: Any) -> dict[str, Any]:
        found = ageing.amounts(row.aged)
        cells = [(found[each], self._items_url(row, each), _less(each)) for each in Bucket]
        return {"row": row, "open": found["open"], "cells": cells, "days": (self.as_of - row.oldest).days}

    def _items_url(self, row: Any, bucket: Bucket) -> str:
        """The instalments behind an amount of today; those of another day are not kept."""
        if self.as_of != self.today:
            return ""
        return f"{reverse('customers:receivable-items')}?{urlencode({'contract': row.pk, 'bucket': bucket})}"

    @cached_property
    def totals(self) -> list[dict[str, Any]]:
        """What all rows of the list have in each bucket, with the list of those accounts."""
        found = ageing.totals(self.found, self.as_of, self.today)
        return [{"total": each, "url": self.url(bucket=each.bucket.value)} for each in found]

    @property
    def whole(self) -> Decimal:
        """What is open in all."""
        return sum((each["total"].amount for each in self.totals), ageing.ZERO)


class Items(Listing):
    """The open instalments within reach, the longest due first. Queries: rows, counts."""

    filters = ReceivableFilters
    sorts: Mapping[str, Sort | str] = {"due_on": "due_on", "number": "number"}
    ordering = "due_on"
    columns = (
        Column("number", gettext_lazy("Instalment"), "l1 w-l", "number"),
        Column("customer", gettext_lazy("Customer"), "l2"),
        Column("owner", gettext_lazy("Responsible"), "w-m p2"),
        Column("due", gettext_lazy("Due on"), "r w-m", "due_on"),
        Column("days", gettext_lazy("Due for"), "r w-l"),
        Column("amount", gettext_lazy("Amount"), "r w-l p2"),
        Column("open", pgettext_lazy("receivables", "Open"), "r w-l"),
    )

    def __init__(self, request: PageRequest) -> None:
        rows = Receivable.objects.filter(open__gt=0)
        rows = rows.select_related("contract", "customer", "customer__owner")
        super().__init__(request, reach(request.viewer, rows))

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        """The rows of the page with their age."""
        today = self.request.today
        return [
            {"row": row, "days": (today - row.due_on).days, "bucket": ageing.bucket(row.due_on, today).label}
            for row in self.rows
        ]


def _as_of(request: PageRequest) -> tuple[date, tuple[Fault, ...]]:
    """The day from which the list is seen: one that was typed, not to come, or today."""
    text = request.GET.get("as_of", "")
    try:
        day = read_day(text, request.today) if text else request.today
    except (ValueError, OverflowError):
        return request.today, (Fault("as_of", "invalid", _("Write a date, such as 2026-11-20.")),)
    if day > request.today:
        return request.today, (Fault("as_of", "in_future", _("This day is still to come.")),)
    return day, ()


@require_safe
@page(Right.RECEIVABLE_VIEW, Right.SEE_AMOUNT)
def listed(request: PageRequest) -> HttpResponse:
    """Accounts by age, seen today or on an earlier day; htmx asks for the list alone."""
    found = Accounts(request)
    context = {"list": found, "on": request.today, "currency": request.tenant.currency}
    context["steps"] = dunning.in_force(request.today)
    regions = {"list": "customers/_receivable_list.html"}
    return show(request, "customers/receivables.html", context, regions=regions)


@require_safe
@page(Right.RECEIVABLE_VIEW, Right.SEE_AMOUNT)
def items(request: PageRequest) -> HttpResponse:
    """The open instalments behind an amount."""
    context = {"list": Items(request), "on": request.today, "crumbs": crumbs()}
    regions = {"list": "customers/_receivable_items.html"}
    return show(request, "customers/receivable_items.html", context, regions=regions)


def crumbs() -> list[dict[str, str]]:
    """The way back to the accounts."""
    return [{"label": _("Receivables"), "url": reverse("customers:receivables")}]
