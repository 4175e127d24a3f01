"""The figures of the home pages: each one query over the rows in the reader's reach.

Amounts are in the tenant's currency. A period is half-open.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Least, TruncMonth

from commissions.models import Entitlement, LedgerEntry
from commissions.models.entry import MEMO_KINDS
from crm.accounts.access import Viewer, reach
from crm.accounts.models import Member
from crm.periods import add_months
from customers.models import Contract, ContractYear, Customer, Receivable, Standing
from lifecycle.models import FollowUp

ZERO = Decimal("0.00")
BUCKETS = ((30, "0–30"), (60, "31–60"), (90, "61–90"), (180, "91–180"), (365, "181–365"), (None, "> 365"))
IN_HOME = F("gross") * F("book_rate")


def _sum(rows: QuerySet, what: Any) -> Decimal:
    return rows.aggregate(sum=Sum(what))["sum"] or ZERO


def standings(viewer: Viewer) -> QuerySet[Standing]:
    """Where every customer in reach stands."""
    return Standing.objects.filter(customer__in=reach(viewer, Customer.objects.all()).values("id"))


def signed(viewer: Viewer, since: date, until: date) -> Decimal:
    """Written amount of contracts signed in [since, until)."""
    rows = reach(viewer, Contract.objects.filter(signed_on__gte=since, signed_on__lt=until))
    return _sum(rows, IN_HOME)


def quarter(on: date) -> tuple[date, date]:
    """The quarter that contains a day."""
    first = on.replace(month=(on.month - 1) // 3 * 3 + 1, day=1)
    return first, add_months(first, 3)


@dataclass(frozen=True)
class Book:
    """The customers in reach summed up."""

    customers: int
    annual: Decimal
    red: int
    amber: int
    red_annual: Decimal
    overdue: Decimal
    open: Decimal


def book(viewer: Viewer) -> Book:
    """Everything in force now, and what of it is at risk or overdue."""
    red = Q(risk_band="RED")
    sums = standings(viewer).aggregate(
        customers=Count("pk", filter=Q(contracts_in_force__gt=0)),
        annual=Coalesce(Sum("annual_amount"), ZERO),
        red=Count("pk", filter=red),
        amber=Count("pk", filter=Q(risk_band="AMBER")),
        red_annual=Coalesce(Sum("annual_amount", filter=red), ZERO),
        overdue=Coalesce(Sum("overdue_amount"), ZERO),
        open=Coalesce(Sum("open_amount"), ZERO),
    )
    return Book(**sums)


@dataclass(frozen=True)
class RenewalRate:
    """Of the yearly value that ended in twelve months: what was kept (gross), and with growth (net)."""

    ended: int
    gross: Decimal | None
    net: Decimal | None


def renewal_rate(viewer: Viewer, on: date) -> RenewalRate:
    """Gross and net renewal rate of the contracts that ended in the twelve months before `on`."""
    last_year = ContractYear.objects.filter(contract=OuterRef("pk")).order_by("-number")
    first_year = ContractYear.objects.filter(contract__renewal_of=OuterRef("pk"), number=1)
    renewed = first_year.values("contract__renewal_of").annotate(sum=Sum("annual_amount")).values("sum")
    ended = reach(viewer, Contract.objects.filter(ends_on__gt=add_months(on, -12), ends_on__lte=on))
    old = Coalesce(Subquery(last_year.values("annual_amount")[:1]), ZERO)
    sums = ended.annotate(old=old, new=Coalesce(Subquery(renewed), ZERO)).aggregate(
        number=Count("pk"), due=Sum("old"), kept=Sum(Least("old", "new")), renewed=Sum("new")
    )
    if not sums["due"]:
        return RenewalRate(0, None, None)
    return RenewalRate(sums["number"], sums["kept"] / sums["due"], sums["renewed"] / sums["due"])


def by_tier_and_band(viewer: Viewer) -> dict[tuple[str, str], tuple[int, Decimal]]:
    """(tier, band) → number and annual value of customers with a contract in force."""
    rows = standings(viewer).filter(contracts_in_force__gt=0).values_list("tier", "risk_band")
    counted = rows.annotate(number=Count("pk"), value=Sum("annual_amount")).order_by()
    return {(tier, band): (number, value) for tier, band, number, value in counted}


def ageing(viewer: Viewer, on: date) -> dict[str, Decimal]:
    """Overdue amounts by days since they were due."""
    late = reach(viewer, Receivable.objects.filter(due_on__lt=on, applied__lt=F("amount")))
    cases = [
        When(due_on__gte=date.fromordinal(on.toordinal() - days), then=Value(name))
        for days, name in BUCKETS
        if days is not None
    ]
    open_amount = (F("amount") - F("applied")) * F("contract__book_rate")
    rows = late.annotate(bucket=Case(*cases, default=Value(BUCKETS[-1][1]))).values_list("bucket")
    found = dict(rows.annotate(sum=Sum(open_amount)).order_by())
    return {name: found.get(name, ZERO) for _, name in BUCKETS}


def ending(viewer: Viewer, on: date, months: int = 6) -> list[tuple[date, Decimal, Decimal, Decimal]]:
    """(month, renewed, open, open and at risk): yearly value of contracts that end in the next months."""
    first = on.replace(day=1)
    last_year = ContractYear.objects.filter(contract=OuterRef("pk")).order_by("-number")
    rows = (
        reach(viewer, Contract.objects.filter(ends_on__gte=on, ends_on__lt=add_months(first, months)))
        .filter(cancelled_on__isnull=True)
        .annotate(
            month=TruncMonth("ends_on"),
            value=Coalesce(Subquery(last_year.values("annual_amount")[:1]), ZERO),
            renewed=Exists(Contract.objects.filter(renewal_of=OuterRef("pk"))),
            band=F("customer__standing__risk_band"),
        )
        .values_list("month")
        .annotate(
            done=Sum("value", filter=Q(renewed=True), default=ZERO),
            calm=Sum("value", filter=Q(renewed=False) & ~Q(band="RED"), default=ZERO),
            red=Sum("value", filter=Q(renewed=False, band="RED"), default=ZERO),
        )
        .order_by()
    )
    found = {month: (done, calm, red) for month, done, calm, red in rows}
    every = [add_months(first, number) for number in range(months)]
    return [(month, *found.get(month, (ZERO, ZERO, ZERO))) for month in every]


@dataclass(frozen=True)
class Colleague:
    """How a member of the reader's departments stands."""

    member: Member
    signed: Decimal
    red: int
    late: int


def colleagues(viewer: Viewer, since: date, on: date) -> list[Colleague]:
    """Who signed how much since a day, who has red customers and late follow-ups."""
    owners = reach(viewer, Customer.objects.filter(owner__isnull=False)).values("owner")
    members = Member.objects.filter(id__in=owners).order_by("code")
    contracts = Contract.objects.filter(signed_on__gte=since, customer__owner__isnull=False)
    written = dict(contracts.values_list("customer__owner").annotate(sum=Sum(IN_HOME)).order_by())
    red = (
        Standing.objects.filter(risk_band="RED")
        .values_list("customer__owner")
        .annotate(n=Count("pk"))
        .order_by()
    )
    late = FollowUp.objects.filter(state=FollowUp.State.OPEN, due_on__lt=on).values_list("owner")
    red_by, late_by = dict(red), dict(late.annotate(n=Count("pk")).order_by())
    rows = [Colleague(m, written.get(m.id, ZERO), red_by.get(m.id, 0), late_by.get(m.id, 0)) for m in members]
    return sorted(rows, key=lambda row: -row.signed)


def pay_by_month(viewer: Viewer, on: date, months: int = 6) -> list[tuple[date, Decimal]]:
    """The viewer's own payable commission by posting month."""
    every = [add_months(on.replace(day=1), -back) for back in range(months - 1, -1, -1)]
    rows = LedgerEntry.objects.filter(member_id=viewer.id, posting_period__gte=f"{every[0]:%Y-%m}")
    found = dict(
        rows.exclude(kind__in=MEMO_KINDS).values_list("posting_period").annotate(sum=Sum("amount")).order_by()
    )
    return [(month, found.get(f"{month:%Y-%m}", ZERO)) for month in every]


def pay_expected(viewer: Viewer) -> Decimal:
    """What the viewer's signed contracts will still pay when their cash arrives in time."""
    mine = {"member_id": viewer.id}
    posted = LedgerEntry.objects.filter(**mine).exclude(kind__in=MEMO_KINDS)
    return _sum(Entitlement.objects.filter(**mine), "amount") - _sum(posted, "amount")
