"""The figures of the home pages: each one query over the rows in the reader's reach.

Amounts are in the tenant's currency. A period is half-open; a contract that ends on a day has its last
day before it.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Least, TruncMonth

from crm.accounts.access import Viewer, reach
from crm.accounts.models import Department, Member
from crm.periods import ONE_DAY, add_months
from customers.models import Contract, ContractYear, Customer
from lifecycle.models import FollowUp

ZERO = Decimal("0.00")
IN_HOME = F("gross") * F("book_rate")


def customers(viewer: Viewer) -> QuerySet[Customer]:
    return reach(viewer, Customer.objects.order_by())


def quarter(on: date) -> tuple[date, date]:
    """The quarter that contains a day."""
    first = on.replace(month=(on.month - 1) // 3 * 3 + 1, day=1)
    return first, add_months(first, 3)


@dataclass(frozen=True)
class Book:
    """The customers in reach summed up: with a contract in force, and at risk."""

    customers: int
    annual: Decimal
    red: int
    amber: int
    red_annual: Decimal


def book(viewer: Viewer) -> Book:
    """Everything in force now, and what of it is at risk."""
    red, annual = Q(standing__risk_band="RED"), "standing__annual_amount"
    sums = customers(viewer).aggregate(
        customers=Count("pk", filter=Q(standing__contracts_in_force__gt=0)),
        annual=Sum(annual, default=ZERO),
        red=Count("pk", filter=red),
        amber=Count("pk", filter=Q(standing__risk_band="AMBER")),
        red_annual=Sum(annual, filter=red, default=ZERO),
    )
    return Book(**sums)


def signed(viewer: Viewer, since: date, until: date) -> QuerySet[Any]:
    """Contracts signed in [since, until), each with its written amount `home`."""
    rows = Contract.objects.filter(signed_on__gte=since, signed_on__lt=until)
    return reach(viewer, rows).annotate(home=IN_HOME)


def signed_by_day(viewer: Viewer, *periods: tuple[date, date]) -> dict[date, Decimal]:
    """Written amounts by the day of signature, in any of the periods."""
    wanted = Q()
    for since, until in periods:
        wanted |= Q(signed_on__gte=since, signed_on__lt=until)
    rows = reach(viewer, Contract.objects.filter(wanted)).order_by().values_list("signed_on")
    return dict(rows.annotate(sum=Sum(IN_HOME)))


def ended(viewer: Viewer, after: date, until: date) -> QuerySet[Any]:
    """Contracts that ended in (after, until], with `old`, `renewed` and `kept` yearly values."""
    last_year = ContractYear.objects.filter(contract=OuterRef("pk")).order_by("-number")
    first_years = ContractYear.objects.filter(contract__renewal_of=OuterRef("pk"), number=1).order_by()
    new = first_years.values("contract__renewal_of").annotate(sum=Sum("annual_amount")).values("sum")
    rows = reach(viewer, Contract.objects.filter(ends_on__gt=after, ends_on__lte=until))
    return rows.annotate(
        old=Coalesce(Subquery(last_year.values("annual_amount")[:1]), ZERO),
        renewed=Coalesce(Subquery(new), ZERO),
    ).annotate(kept=Least("old", "renewed"))


@dataclass(frozen=True)
class Renewals:
    """Of the yearly value that ended: how much of it was kept, and what it was renewed at."""

    number: int = 0
    due: Decimal = ZERO
    kept: Decimal = ZERO
    renewed: Decimal = ZERO

    @property
    def gross(self) -> Decimal | None:
        return self.kept / self.due if self.due else None

    @property
    def net(self) -> Decimal | None:
        return self.renewed / self.due if self.due else None

    def __add__(self, other: "Renewals") -> "Renewals":
        parts = zip(self._all(), other._all(), strict=True)
        return Renewals(*(one + more for one, more in parts))  # type: ignore[arg-type]

    def _all(self) -> tuple[Any, ...]:
        return self.number, self.due, self.kept, self.renewed


def renewals(viewer: Viewer, on: date, months: int = 12) -> list[tuple[date, Renewals]]:
    """(month, renewals) of the contracts whose last day lies in this month so far or in those before."""
    every = [add_months(on.replace(day=1), -back) for back in range(months - 1, -1, -1)]
    rows = ended(viewer, every[0], on).annotate(month=TruncMonth(F("ends_on") - ONE_DAY)).order_by()
    sums = rows.values_list("month").annotate(
        number=Count("pk"), due=Sum("old"), again=Sum("kept"), new=Sum("renewed")
    )
    found = {day_of(month): Renewals(*values) for month, *values in sums}
    return [(month, found.get(month, Renewals())) for month in every]


def day_of(month: Any) -> date:
    return month.date() if hasattr(month, "date") else month


def by_tier_and_band(viewer: Viewer) -> dict[tuple[str, str], tuple[int, Decimal]]:
    """(tier, band) → number and annual value of customers with a contract in force."""
    rows = customers(viewer).filter(standing__contracts_in_force__gt=0)
    counted = rows.values_list("standing__tier", "standing__risk_band").annotate(
        number=Count("pk"), value=Sum("standing__annual_amount")
    )
    return {(tier, band): (number, value) for tier, band, number, value in counted}


def unattended(viewer: Viewer, on: date, most: int = 6) -> list[Customer]:
    """The viewer's own customers with whom a contact is late by their strategy, the longest first."""
    late = customers(viewer).filter(owner_id=viewer.id, standing__contact_due_on__lt=on)
    return list(late.select_related("standing").order_by("standing__contact_due_on", "pk")[:most])


def by_value_segment(viewer: Viewer) -> dict[str, tuple[int, Decimal]]:
    """Segment of customer value → number and annual value of the customers in it."""
    rows = customers(viewer).exclude(standing__rfm_segment="").values_list("standing__rfm_segment")
    counted = rows.annotate(number=Count("pk"), value=Sum("standing__annual_amount"))
    return {segment: (number, value) for segment, number, value in counted}


@dataclass(frozen=True)
class Ending:
    """Customers whose first contract ends in (after, until], by how they stand: yearly values."""

    after: date
    until: date
    renewed: Decimal
    calm: Decimal
    red: Decimal

    @property
    def values(self) -> tuple[Decimal, ...]:
        return self.renewed, self.calm, self.red


def ending(viewer: Viewer, on: date, months: int = 6) -> list[Ending]:
    """The next months by the last day of the first contract to end; this month begins today."""
    first = on.replace(day=1)
    bounds = [on, *(add_months(first, number) for number in range(1, months + 1))]
    ends, annual = "standing__first_ends_on", "standing__annual_amount"
    again = Contract.objects.filter(
        renewal_of__customer=OuterRef("pk"), renewal_of__ends_on=OuterRef(ends), cancelled_on__isnull=True
    )
    rows = customers(viewer).filter(**{f"{ends}__gt": on, f"{ends}__lte": bounds[-1]})
    sums = (
        rows.annotate(renewed=Exists(again), month=TruncMonth(F(ends) - ONE_DAY))
        .values_list("month")
        .annotate(
            done=Sum(annual, filter=Q(renewed=True), default=ZERO),
            calm=Sum(annual, filter=Q(renewed=False) & ~Q(standing__risk_band="RED"), default=ZERO),
            red=Sum(annual, filter=Q(renewed=False, standing__risk_band="RED"), default=ZERO),
        )
    )
    found = {day_of(month): values for month, *values in sums}
    spans = pairwise(bounds)
    return [Ending(a, u, *found.get((u - ONE_DAY).replace(day=1), (ZERO, ZERO, ZERO))) for a, u in spans]


CHANGES = ("new", "back", "up", "down", "lost")


def yearly(viewer: Viewer, opening: date, closing: date) -> QuerySet[Any]:
    """What each customer counted a year on two days, as rows of customer, `was`, `is_now`, `before`."""
    annual = "annual_amount"

    def on(day: date) -> Q:
        return Q(counts_from__lte=day, counts_until__gt=day)

    rows = reach(viewer, ContractYear.objects.order_by()).values("customer")
    return rows.annotate(
        was=Sum(annual, filter=on(opening), default=ZERO),
        is_now=Sum(annual, filter=on(closing), default=ZERO),
        before=Count("pk", filter=Q(counts_until__lte=opening)),
    )


def kind_of_change(name: str) -> Q:
    """Which rows of `yearly` are customers that changed so."""
    return {
        "new": Q(was=0, is_now__gt=0, before=0),
        "back": Q(was=0, is_now__gt=0, before__gt=0),
        "up": Q(was__gt=0, is_now__gt=F("was")),
        "down": Q(is_now__gt=0, is_now__lt=F("was")),
        "lost": Q(was__gt=0, is_now=0),
    }[name]


def changes(viewer: Viewer, opening: date, closing: date) -> dict[str, Decimal]:
    """The book on two days, and what of the difference came from which kind of change."""
    sums = {name: Sum(F("is_now") - F("was"), filter=kind_of_change(name), default=ZERO) for name in CHANGES}
    rows = yearly(viewer, opening, closing)
    return rows.aggregate(opening=Sum("was", default=ZERO), closing=Sum("is_now", default=ZERO), **sums)


@dataclass(frozen=True)
class Colleague:
    """How a member of the reader's departments stands."""

    member: Member
    signed: Decimal
    red: int
    late: int


def colleagues(viewer: Viewer, since: date, on: date) -> list[Colleague]:
    """Who signed how much since a day, who has red customers and late follow-ups: four queries."""
    owned = customers(viewer).filter(owner__isnull=False).values_list("owner")
    red = dict(owned.annotate(n=Count("pk", filter=Q(standing__risk_band="RED"))))
    written = signed(viewer, since, on + ONE_DAY).order_by().values_list("customer__owner")
    amounts = dict(written.annotate(sum=Sum(IN_HOME)))
    undone = FollowUp.objects.filter(state=FollowUp.State.OPEN, due_on__lt=on).order_by()
    delays = dict(reach(viewer, undone).values_list("owner").annotate(n=Count("pk")))
    members = Member.objects.filter(pk__in=red.keys()).order_by("code")
    rows = [Colleague(m, amounts.get(m.pk, ZERO), red[m.pk], delays.get(m.pk, 0)) for m in members]
    return sorted(rows, key=lambda row: -row.signed)


def by_department(viewer: Viewer) -> list[tuple[Department, Decimal]]:
    """Annual value in force of each department right below the top, with all below it: two queries."""
    rows = customers(viewer).filter(responsible_dept__isnull=False).values_list("responsible_dept")
    sums: dict[UUID, Decimal] = dict(rows.annotate(sum=Sum("standing__annual_amount")))
    every = list(Department.objects.all())
    found = [
        (top, sum((sums.get(d.pk, ZERO) for d in every if top.pk in d.ancestors), ZERO))
        for top in every
        if len(top.ancestors) == 2
    ]
    return sorted((pair for pair in found if pair[1]), key=lambda pair: -pair[1])
