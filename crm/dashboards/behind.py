"""The rows behind a figure of a home page, with a total that is the figure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Abs
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.accounts.rights import Right
from crm.dashboards import income, metrics
from crm.dashboards.desk import Desk
from crm.dashboards.metrics import ZERO
from crm.periods import add_months, last_day
from crm.web.templatetags.days import day, period
from customers.models import Customer

MOST = 200
Words = Mapping[str, str]


class Nonsense(ValueError):
    """The address names no such figure."""


@dataclass(frozen=True)
class Row:
    """One row: what it is, whose, when, and its amounts."""

    name: str
    url: str
    whose: str
    when: date | None
    amounts: tuple[Decimal, ...]


@dataclass(frozen=True)
class Behind:
    """A figure taken apart: the amounts by their heads, their totals, the rows, and how many are left out."""

    title: str
    heads: tuple[str, ...]
    totals: tuple[Decimal, ...]
    rows: list[Row]
    number: int

    @property
    def more(self) -> int:
        return max(0, self.number - len(self.rows))


def _day(words: Words, name: str) -> date:
    try:
        return date.fromisoformat(words.get(name, ""))
    except ValueError:
        raise Nonsense(name) from None


def _summed(rows: QuerySet, *names: str) -> tuple[int, tuple[Decimal, ...]]:
    sums = rows.order_by().aggregate(**{f"sum_{name}": Sum(name, default=ZERO) for name in names})
    return rows.order_by().count(), tuple(sums[f"sum_{name}"] for name in names)


def signed(desk: Desk, words: Words) -> Behind:
    """Contracts signed in [since, until)."""
    since, until = _day(words, "since"), _day(words, "until")
    found = metrics.signed(desk.viewer, since, until).select_related("customer")
    number, totals = _summed(found, "home")
    rows = [_contract(row, row.signed_on, row.home) for row in found.order_by("-home", "id")[:MOST]]
    title = _("Signed from %(since)s to %(until)s") % {"since": day(since), "until": day(last_day(until))}
    return Behind(title, (_("Amount incl. VAT"),), totals, rows, number)


def ended(desk: Desk, words: Words) -> Behind:
    """Contracts that ended in (after, until], and what they were renewed at."""
    after, until = _day(words, "after"), _day(words, "until")
    found = metrics.ended(desk.viewer, after, until).select_related("customer")
    number, totals = _summed(found, "old", "kept", "renewed")
    rows = [
        _contract(row, last_day(row.ends_on), row.old, row.kept, row.renewed)
        for row in found.order_by("-old", "id")[:MOST]
    ]
    span = {"since": day(after), "until": day(last_day(until))}
    title = _("Ended from %(since)s to %(until)s") % span
    return Behind(title, (_("A year before"), _("Kept"), _("Renewed at")), totals, rows, number)


def _contract(row: Any, when: date, *amounts: Decimal) -> Row:
    return Row(row.number, reverse("customers:contract", args=[row.pk]), row.customer.name, when, amounts)


def overdue(desk: Desk, words: Words) -> Behind:
    """Instalments that are late, of one age or of all."""
    age = words.get("age", "")
    known = {name for _days, name in income.AGES} | {"", income.LONG}
    if age not in known:
        raise Nonsense("age")
    found = income.late(desk.viewer, desk.on, age).select_related("contract", "customer")
    number, totals = _summed(found, "home")
    rows = [
        Row(
            row.number,
            reverse("customers:contract", args=[row.contract_id]),
            row.customer.name,
            row.due_on,
            (row.home,),
        )
        for row in found.order_by("due_on", "id")[:MOST]
    ]
    title = _("Overdue for %(age)s days") % {"age": age} if age else _("Overdue")
    return Behind(title, (_("Open"),), totals, rows, number)


def changes(desk: Desk, words: Words) -> Behind:
    """Customers whose yearly value changed in one way since a day."""
    kind, opening = words.get("kind", ""), _day(words, "opening")
    if kind not in metrics.CHANGES:
        raise Nonsense("kind")
    found = metrics.yearly(desk.viewer, opening, desk.on).filter(metrics.kind_of_change(kind))
    found = found.annotate(change=F("is_now") - F("was"))
    number, totals = _summed(found, "was", "is_now", "change")
    top = list(found.annotate(size=Abs(F("change"))).order_by("-size", "customer")[:MOST])
    names = Customer.objects.in_bulk([row["customer"] for row in top])
    rows = [
        Row(
            names[row["customer"]].name,
            reverse("dashboards:customer", args=[row["customer"]]),
            "",
            None,
            (row["was"], row["is_now"], row["change"]),
        )
        for row in top
    ]
    heads = (day(opening), day(desk.on), _("Change"))
    return Behind(_of_change(kind), heads, totals, rows, number)


def _of_change(kind: str) -> str:
    titles = {
        "new": _("New customers"),
        "back": _("Customers won back"),
        "up": _("Customers that grew"),
        "down": _("Customers that shrank"),
        "lost": _("Customers whose contracts ended"),
    }
    return titles[kind]


def cash(desk: Desk, words: Words) -> Behind:
    """Receipts and refunds of a month."""
    month = _day({"month": f"{words.get('month', '')}-01"}, "month")
    until = add_months(month, 1)
    found = income.cash(desk.viewer, month, until).select_related("contract", "customer")
    number, totals = _summed(found, "home")
    rows = [
        Row(
            row.number,
            reverse("customers:contract", args=[row.contract_id]),
            row.customer.name,
            row.received_on,
            (row.home,),
        )
        for row in found.order_by("-received_on", "-id")[:MOST]
    ]
    return Behind(
        _("Cash of %(month)s") % {"month": period(month, until)}, (_("Came"),), totals, rows, number
    )


@dataclass(frozen=True)
class Figure:
    """A figure that can be taken apart, and the rights it takes."""

    make: Callable[[Desk, Words], Behind]
    rights: tuple[Right, ...]


FIGURES = {
    "signed": Figure(signed, (Right.SEE_AMOUNT, Right.CONTRACT_VIEW)),
    "ended": Figure(ended, (Right.SEE_AMOUNT, Right.CONTRACT_VIEW)),
    "changes": Figure(changes, (Right.SEE_AMOUNT, Right.CONTRACT_VIEW)),
    "overdue": Figure(overdue, (Right.SEE_AMOUNT, Right.RECEIVABLE_VIEW)),
    "cash": Figure(cash, (Right.SEE_AMOUNT, Right.RECEIVABLE_VIEW)),
}
