"""Figures of money that came, should come, and was paid on: each one query over the rows in reach.

Amounts are in the tenant's currency.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Case, F, QuerySet, Sum, Value, When
from django.db.models.functions import TruncMonth

from commissions.models import LedgerEntry
from commissions.statement import FEWEST, PAYABLE
from crm.accounts.access import Viewer, reach
from crm.dashboards.metrics import ZERO, day_of
from crm.periods import add_months
from customers.models import Payment, Receivable

AGES = ((30, "0–30"), (60, "31–60"), (90, "61–90"), (180, "91–180"), (365, "181–365"), (None, "> 365"))
NOT_DUE, LONG = "not due", "> 90"
OPEN_IN_HOME = F("open") * F("contract__book_rate")


def late(viewer: Viewer, on: date, age: str = "") -> QuerySet[Any]:
    """Instalments that are late, each with `home`, what is open of it; of one age, of LONG, or of all."""
    rows = Receivable.objects.filter(due_on__lt=on, open__gt=0)
    if age == LONG:
        rows = rows.filter(due_on__lt=on - timedelta(days=90))
    elif age:
        rows = rows.annotate(age=_age(on)).filter(age=age)
    return reach(viewer, rows).annotate(home=OPEN_IN_HOME)


def ageing(viewer: Viewer, on: date) -> dict[str, Decimal]:
    """What is open by days since it was due, and what is not due yet."""
    rows = reach(viewer, Receivable.objects.filter(open__gt=0)).order_by()
    sums = dict(rows.annotate(age=_age(on)).values_list("age").annotate(sum=Sum(OPEN_IN_HOME)))
    return {name: sums.get(name, ZERO) for name in (*(name for _days, name in AGES), NOT_DUE)}


def _age(on: date) -> Case:
    cases = [When(due_on__gte=on, then=Value(NOT_DUE))]
    cases += [
        When(due_on__gte=on - timedelta(days=days), then=Value(name))
        for days, name in AGES
        if days is not None
    ]
    return Case(*cases, default=Value(AGES[-1][1]))


class Posted(NamedTuple):
    """What a month posted of commission, and to how many payees."""

    month: date
    amount: Decimal
    payees: int

    @property
    def told(self) -> Decimal | None:
        """The amount, None over one or two payees: it would tell what one of them earns."""
        return None if 0 < self.payees < FEWEST else self.amount


def commission(viewer: Viewer, on: date, months: int = 12) -> list[Posted] | None:
    """Posted commission by month over all payees that the viewer reviews; None over fewer than three."""
    every = [add_months(on.replace(day=1), -back) for back in range(months - 1, -1, -1)]
    entries = reach(viewer, LedgerEntry.objects.filter(PAYABLE, posting_period__gte=f"{every[0]:%Y-%m}"))
    rows = entries.order_by().values_list("posting_period", "member", "department")
    sums: dict[str, list[Decimal]] = {}
    payees = set()
    for month, member, department, amount in rows.annotate(sum=Sum("amount")):
        sums.setdefault(month, []).append(amount)
        payees.add((member, department))
    if len(payees) < FEWEST:
        return None
    parts = [(month, sums.get(f"{month:%Y-%m}", [])) for month in every]
    return [Posted(month, sum(amounts, ZERO), len(amounts)) for month, amounts in parts]


def cash(viewer: Viewer, since: date, until: date) -> QuerySet[Any]:
    """Receipts and refunds in [since, until), each with its signed amount `home`."""
    rows = Payment.objects.filter(received_on__gte=since, received_on__lt=until)
    in_home = F("amount") * F("contract__book_rate")
    refund = When(kind=Payment.Kind.REFUND, then=-in_home)
    return reach(viewer, rows).annotate(home=Case(refund, default=in_home))


def cash_and_plan(viewer: Viewer, on: date, months: int = 6) -> list[tuple[date, Decimal, Decimal]]:
    """(month, came, was due) of this month and those before: two queries."""
    every = [add_months(on.replace(day=1), -back) for back in range(months - 1, -1, -1)]
    until = add_months(every[-1], 1)
    rows = cash(viewer, every[0], until).order_by().annotate(month=TruncMonth("received_on"))
    came = {day_of(m): amount for m, amount in rows.values_list("month").annotate(sum=Sum("home"))}
    planned = reach(viewer, Receivable.objects.filter(due_on__gte=every[0], due_on__lt=until)).order_by()
    wanted = Sum((F("amount") - F("waived")) * F("contract__book_rate"))
    due_rows = planned.annotate(month=TruncMonth("due_on")).values_list("month").annotate(sum=wanted)
    due = {day_of(m): amount for m, amount in due_rows}
    return [(month, came.get(month, ZERO), due.get(month, ZERO)) for month in every]
