"""What payees earn, read from the entitlements and the ledger: expected, posted, forfeited, still to come.

Amounts are in the plan's currency. `whose` says of which payees: `of_member(id)`, `of_department(id)`
or the reach of a reviewer.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Min, Q, QuerySet, Sum

from commissions.models import Entitlement, LedgerEntry
from commissions.models.entry import ACCRUED, MEMO_KINDS
from crm.money import from_fen, split, to_fen
from crm.periods import add_months
from customers.models import Contract, Receivable

ZERO = Decimal("0.00")
PAYABLE = ~Q(kind__in=MEMO_KINDS)  # HOLD and FORFEIT are memo rows (spec/what-if.md D14)
ADJUSTED = ~ACCRUED  # changes what a contract pays in all, not what is to come
FEWEST = 3  # a total over fewer payees would tell what one of them earns


@dataclass(frozen=True)
class Part:
    """What a contract, or one of its years, pays: in all (T), posted as payable, and lost."""

    expected: Decimal = ZERO
    posted: Decimal = ZERO
    forfeited: Decimal = ZERO
    starts_on: date | None = None

    @property
    def open(self) -> Decimal:
        return self.expected - self.posted - self.forfeited

    def __add__(self, other: "Part") -> "Part":
        return Part(
            self.expected + other.expected, self.posted + other.posted, self.forfeited + other.forfeited
        )


@dataclass(frozen=True)
class Line:
    """One contract and what it pays."""

    contract: Contract
    part: Part


@dataclass(frozen=True)
class Coming:
    """A part of what is still to come: with which instalment, and when at the earliest."""

    contract_id: UUID
    on: date
    amount: Decimal
    due_on: date | None


@dataclass(frozen=True)
class Sums:
    """The figures on top of a statement; what was forfeited is that of the year."""

    month: Decimal
    year: Decimal
    open: Decimal
    forfeited: Decimal


Parts = dict[tuple[UUID, int], Part]


def of_member(member_id: UUID) -> Q:
    return Q(member_id=member_id)


def of_department(department_id: UUID) -> Q:
    return Q(department_id=department_id)


def payable(whose: Q) -> QuerySet[LedgerEntry]:
    """Entries that are paid out."""
    return LedgerEntry.objects.filter(whose, PAYABLE)


def parts(whose: Q) -> Parts:
    """What each contract year pays: two queries."""
    keys = ("contract_id", "contract_year")
    entitled = Entitlement.objects.filter(whose).values_list(*keys).order_by()
    expected = {
        (contract, year): (amount, starts_on)
        for contract, year, amount, starts_on in entitled.annotate(Sum("amount"), Min("starts_on"))
    }
    ledger = LedgerEntry.objects.filter(whose, contract__isnull=False).values_list(*keys).order_by()
    posted = {
        (contract, year): sums
        for contract, year, *sums in ledger.annotate(
            paid=Sum("amount", filter=PAYABLE, default=ZERO),
            lost=Sum("amount", filter=Q(kind="FORFEIT"), default=ZERO),
            adjusted=Sum("amount", filter=ADJUSTED, default=ZERO),
        )
    }
    found: Parts = {}
    for key in expected.keys() | posted.keys():
        amount, starts_on = expected.get(key, (ZERO, None))
        paid, lost, adjusted = posted.get(key, (ZERO, ZERO, ZERO))
        found[key] = Part(amount + adjusted, paid, lost, starts_on)
    return found


def sums(whose: Q, on: date, known: Parts) -> Sums:
    """Posted and forfeited in the month of `on` and in its year, and what is still to come."""
    month = f"{on:%Y-%m}"
    lost, in_month = Q(kind="FORFEIT"), Q(posting_period=month)
    rows = LedgerEntry.objects.filter(whose, posting_period__startswith=month[:4])
    posted = rows.aggregate(
        month=Sum("amount", filter=PAYABLE & in_month, default=ZERO),
        year=Sum("amount", filter=PAYABLE, default=ZERO),
        forfeited=Sum("amount", filter=lost, default=ZERO),
    )
    return Sums(open=sum((part.open for part in known.values()), ZERO), **posted)


def lines(known: Parts, most: int) -> list[Line]:
    """The contracts with most still to come, then those that paid most."""
    by_contract: dict[UUID, Part] = defaultdict(Part)
    for (contract_id, _year), part in known.items():
        by_contract[contract_id] += part
    ranked = sorted(by_contract, key=lambda key: (-by_contract[key].open, -by_contract[key].posted, key))
    contracts = Contract.objects.select_related("customer").in_bulk(ranked[:most])
    return [Line(contracts[key], by_contract[key]) for key in ranked[:most]]


def months(whose: Q, on: date, back: int) -> list[tuple[date, Decimal]]:
    """(first of the month, posted) for the month of `on` and `back` months before it, oldest first."""
    every = [add_months(on.replace(day=1), -number) for number in range(back, -1, -1)]
    rows = payable(whose).filter(posting_period__gte=f"{every[0]:%Y-%m}").values_list("posting_period")
    found = dict(rows.annotate(sum=Sum("amount")).order_by())
    return [(month, found.get(f"{month:%Y-%m}", ZERO)) for month in every]


def coming(known: Parts, on: date) -> list[Coming]:
    """What is still to come, spread over the open instalments of its contract year, the next one first.

    An instalment counts on its due date, or today when it is late, or when its contract year starts.
    Without an open instalment a part comes when its contract year starts. One query.
    """
    waiting = {key: part for key, part in known.items() if part.open}
    instalments: dict[tuple[UUID, int], list[Any]] = defaultdict(list)
    rows = Receivable.objects.filter(contract_id__in={key for key, _year in waiting}, open__gt=0)
    for row in rows.order_by("due_on", "id").values_list("contract_id", "contract_year", "due_on", "open"):
        instalments[row[:2]].append(row)
    found = [c for key, part in waiting.items() for c in _spread(key[0], part, instalments[key], on)]
    return sorted(found, key=lambda c: (c.on, c.contract_id))


def _spread(contract_id: UUID, part: Part, instalments: list[Any], on: date) -> Iterator[Coming]:
    earliest = max(on, part.starts_on or on)
    if not instalments:
        yield Coming(contract_id, earliest, part.open, None)
        return
    shares = split(to_fen(part.open), [to_fen(row[3]) for row in instalments])
    for (_contract, _year, due_on, _open), share in zip(instalments, shares, strict=True):
        if share:
            yield Coming(contract_id, max(earliest, due_on), from_fen(share), due_on)
