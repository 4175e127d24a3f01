"""Posting: the ledger grows by what is due less what was posted, event by event (rule POST)."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from commissions.calculation.facts import Event, Kind, Period, Request
from commissions.calculation.pools import Signing
from commissions.calculation.release import Dues, Portion
from commissions.calculation.shares import COMPONENTS, Row
from crm.periods import month_number

PAYABLE = ("EARNED", "RELEASE", "CLAWBACK", "REVERSAL", "ADJUSTMENT", "CAP", "FLOOR", "RECOVER")
MEMO = ("HOLD", "FORFEIT")
PARTS = ("EARNED", "CAP", *MEMO)
MOST_PORTIONS = 24  # kept for the trace of one entry: all of them would make a long history quadratic
PER_RECEIPT = (Kind.REFUNDED, Kind.WRITTEN_OFF)
COMPONENT_RANK = {component: rank for rank, component in enumerate(COMPONENTS)}
EARNED_AS = {
    Kind.CONTRACT_SIGNED: "EARNED",
    Kind.YEAR_STARTED: "EARNED",
    Kind.CASH_RECEIVED: "EARNED",
    Kind.INVOICE_ISSUED: "EARNED",
    Kind.REFUNDED: "CLAWBACK",
    Kind.HANDOVER: "ADJUSTMENT",
    Kind.EXPENSE_BOOKED: "ADJUSTMENT",
    Kind.CONTRACT_AMENDED: "ADJUSTMENT",
    Kind.CONTRACT_CANCELLED: "ADJUSTMENT",
    Kind.WRITTEN_OFF: "REVERSAL",
    Kind.HOLD_RELEASED: "RELEASE",
    Kind.DISPUTE_OPENED: "ADJUSTMENT",  # what an appeal holds again
    Kind.DISPUTE_RULED: "RELEASE",
    Kind.SHARES_OPENED: "ADJUSTMENT",
    Kind.SHARES_SETTLED: "RELEASE",
}


class Entry(NamedTuple):
    """One posting. Amounts in 分 of the plan's currency, `posting_period` a running month number.

    `posted` is what this payee, component, year and part had before; `portions` are the last of the
    `portion_count` that are due since the event, from which the amount can be worked out again.
    """

    kind: str
    payee: str
    amount: int
    effective_date: date
    posting_period: int
    contract_year: int
    component: str
    source_event: str
    reverses: str | None
    plan_version: str
    posted: int
    portions: tuple[Portion, ...]
    portion_count: int


def posting_month(event: Event, periods: Iterable[Period]) -> int:
    """The month an event is posted in: its own, or the first one still open when it became known."""
    closed = [
        period.month
        for period in periods
        if period.closed_on is not None and period.closed_on < event.known_on
    ]
    return max([month_number(event.on), *(month + 1 for month in closed)])


class Difference(NamedTuple):
    """What changed for one row, or for one row and receipt: earned, cap, held, forfeit in 分."""

    row: Row
    receipt: Event | None
    parts: list[int]
    portions: list[Portion]


class Ledger:
    """The postings so far; `dues` knows the state they have brought the payees to."""

    def __init__(self, request: Request, signing: Signing) -> None:
        self._request, self._signing = request, signing
        self.dues = Dues(request, signing)
        self.entries: list[Entry] = []
        self._posted: dict[tuple[int, str, str, str], int] = {}

    def post(self, event: Event) -> None:
        """Enter what an event changes: due less posted, zero amounts never."""
        gone, come = self.dues.learn(event)
        if not gone and not come:
            return
        found = _differences(gone, come, event.kind in PER_RECEIPT)
        kinds = (self._earned_as(event), "CAP", *MEMO)
        month = posting_month(event, self._request.periods)
        version = self._version_code(event)
        for change in self._in_order(found):
            for name, kind, amount in zip(PARTS, kinds, change.parts, strict=True):
                if amount:
                    self._enter(event, change, name, kind, amount, month, version)

    def _enter(
        self, event: Event, change: Difference, part: str, kind: str, amount: int, month: int, version: str
    ) -> None:
        year, component, payee = change.row[:3]
        key = (year, component, payee, part)
        posted = self._posted.get(key, 0)
        self._posted[key] = posted + amount
        reverses = None if change.receipt is None else change.receipt.id
        self.entries.append(
            Entry(
                *(kind, payee, amount, event.on, month, year, component, event.id, reverses, version),
                *(posted, tuple(change.portions[-MOST_PORTIONS:]), len(change.portions)),
            )
        )

    def _in_order(self, found: list[Difference]) -> list[Difference]:
        """By contract year, component, receipt, and payee as in rule SPLIT."""
        if len(found) < 2:
            return found
        rows = self.dues.entitled.rows(self._signing.version)
        years = {change.row.contract_year for change in found}
        names = [row[1:3] for year in sorted(years) for row in rows[year]]
        names += [change.row[1:3] for change in found]
        place = {name: number for number, name in enumerate(dict.fromkeys(names))}
        return sorted(
            found,
            key=lambda change: (
                change.row.contract_year,
                COMPONENT_RANK[change.row.component],
                () if change.receipt is None else change.receipt.order,
                place[change.row[1:3]],
            ),
        )

    def _earned_as(self, event: Event) -> str:
        if event.kind is Kind.REFUNDED and event.approved:
            return "ADJUSTMENT"
        if event.kind is Kind.CONTRACT_CANCELLED and self.dues.known.prorata:
            return "CLAWBACK"
        return EARNED_AS[event.kind]

    def _version_code(self, event: Event) -> str:
        version = self._signing.version
        return ((self._request.plan.on(event.on) or version) if version.by_event_date else version).code


def _differences(gone: list[Portion], come: list[Portion], per_receipt: bool) -> list[Difference]:
    """What is due now less what was due before, per row, or per row and receipt."""
    found: dict[tuple[object, ...], Difference] = {}
    for sign, portions in ((-1, gone), (1, come)):
        for portion in portions:
            row, receipt = portion.row, portion.part.source if per_receipt else None
            key = (*row[:3], receipt and receipt.id)
            change = found.get(key)
            if change is None:
                change = found[key] = Difference(row, receipt, [0, 0, 0, 0], [])
            parts = change.parts
            parts[0] += sign * portion.earned
            parts[1] += sign * portion.cap
            parts[2] += sign * portion.held
            parts[3] += sign * portion.forfeit
            if sign > 0:
                change.portions.append(portion)
    return [change for change in found.values() if any(change.parts)]
