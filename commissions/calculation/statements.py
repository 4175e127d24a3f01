"""What a month pays a payee: carry, caps, floor, minimum (rule STATEMENT). Amounts in 分."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from commissions.calculation.facts import Opening, Period, Request
from commissions.calculation.ledger import MEMO, Entry
from commissions.calculation.plan import Cap, PlanVersion
from commissions.calculation.shares import RULED, Row
from crm.money import round_ratio


@dataclass(frozen=True, slots=True)
class Settled:
    """The outcome of one month: what the rules added by kind, what is paid, what is carried on."""

    added: Mapping[str, int]
    payable: int
    closing_carry: int
    draw_due: int


def settle(parts: Iterable[int], version: PlanVersion, draw_due: int = 0, paid_this_year: int = 0) -> Settled:
    """Rules 1 to 5 for one payee and month.

    `parts` are the opening carry and the payable entries summed per source event; `paid_this_year` is
    what earlier months of the calendar year paid. Always: sum of parts + added = payable + carry.
    """
    available, deferred = _net_off([*parts], version)
    added: dict[str, int] = {}
    carried = 0
    limits = (("PAYEE_PERIOD", 0), ("PAYEE_YEAR", paid_this_year))
    for scope, used in limits:
        cap = version.cap(scope)
        excess = 0 if cap is None else max(0, available - max(0, cap.amount - used))
        if cap is None or not excess:
            continue
        available -= excess
        carried += _beyond(cap, excess, added)
    if version.floor is not None:
        available, draw_due = _floor(version, available, draw_due, added)
    if 0 < available < version.min_payout:
        available, carried = 0, carried + available
    return Settled(added, available, deferred + carried, draw_due)


def settle_plainly(balance: int, draw_due: int = 0) -> Settled:
    """For funds, overlays and ops: a positive balance is paid, a negative one carried on."""
    return Settled({}, max(0, balance), min(0, balance), draw_due)


def _net_off(parts: Sequence[int], version: PlanVersion) -> tuple[int, int]:
    """Rule 1: (what is available, what is deferred, not positive)."""
    above = sum(part for part in parts if part > 0)
    below = -sum(part for part in parts if part < 0)
    rate = version.max_netoff_rate
    if rate is None:
        return max(0, above - below), min(0, above - below)
    taken = min(below, round_ratio(above * rate.numerator, rate.denominator))
    return above - taken, taken - below


def _beyond(cap: Cap, excess: int, added: dict[str, int]) -> int:
    """What of an excess is carried on; the other part is cut."""
    if cap.excess == "CARRY":
        return excess
    added["CAP"] = added.get("CAP", 0) - excess
    return 0


def _floor(version: PlanVersion, available: int, draw_due: int, added: dict[str, int]) -> tuple[int, int]:
    """Rule 4: (available, draw due) after filling up to the floor, or taking back from above it."""
    floor = version.floor
    if floor is None:
        return available, draw_due
    if available < floor.amount:
        added["FLOOR"] = filled = floor.amount - available
        return floor.amount, draw_due + (filled if floor.recoverable else 0)
    taken = min(draw_due, available - floor.amount)
    if taken:
        added["RECOVER"] = -taken
    return available - taken, draw_due - taken


class Statement(NamedTuple):
    """One month of one payee; `by_kind` has the payable kinds whose sum is not zero."""

    period: int
    closed: bool
    payee: str
    opening_carry: int
    by_kind: dict[str, int]
    payable: int
    closing_carry: int
    draw_due: int
    held: int
    forfeited: int


def payees_of(rows: Iterable[Row], ledger: Iterable[Entry]) -> list[str]:
    """Rows of rule SPLIT first, then those met in the ledger."""
    return list(dict.fromkeys([*(row.payee for row in rows), *(entry.payee for entry in ledger)]))


def statements_of(
    request: Request, version: PlanVersion, rows: Sequence[Row], ledger: Sequence[Entry]
) -> list[Statement]:
    """The statements of every month from the first to the last listed, for every payee."""
    if not request.periods:
        return []
    ruled = {row.payee for row in rows if row.component in RULED}
    ruled |= {opening.payee for opening in request.openings}
    openings = {opening.payee: opening for opening in request.openings}
    payees = list(dict.fromkeys([*payees_of(rows, ledger), *openings]))
    entries: dict[tuple[int, str], list[Entry]] = {}
    for entry in ledger:
        entries.setdefault((entry.posting_period, entry.payee), []).append(entry)
    months = [period.month for period in request.periods]
    accounts = {
        payee: Account(openings.get(payee, Opening(payee)), payee in ruled, version, min(months))
        for payee in payees
    }
    closed = _closed_until(request.periods)
    return [
        accounts[payee].month(month, month <= closed, entries.get((month, payee), ()))
        for month in range(min(months), max(months) + 1)
        for payee in payees
    ]


def _closed_until(periods: Iterable[Period]) -> int:
    return max((period.month for period in periods if period.closed_on is not None), default=-1)


class Account:
    """The running balances of a payee from month to month."""

    def __init__(self, opening: Opening, ruled: bool, version: PlanVersion, first_month: int) -> None:
        self._payee, self._ruled, self._version = opening.payee, ruled, version
        self._carry, self._draw_due = opening.carry, opening.draw_due
        self._paid = {first_month // 12: opening.paid_this_year}

    def month(self, month: int, closed: bool, entries: Iterable[Entry]) -> Statement:
        """The statement of the next month."""
        by_kind: dict[str, int] = {}
        by_event: dict[str, int] = {}
        memo = dict.fromkeys(MEMO, 0)
        for entry in entries:
            if entry.kind in MEMO:
                memo[entry.kind] += entry.amount
                continue
            by_kind[entry.kind] = by_kind.get(entry.kind, 0) + entry.amount
            by_event[entry.source_event] = by_event.get(entry.source_event, 0) + entry.amount
        opening, settled = self._carry, self._settle([self._carry, *by_event.values()], month // 12)
        for kind, amount in settled.added.items():
            by_kind[kind] = by_kind.get(kind, 0) + amount
        self._carry, self._draw_due = settled.closing_carry, settled.draw_due
        return Statement(
            *(month, closed, self._payee, opening, {kind: sum_ for kind, sum_ in by_kind.items() if sum_}),
            *(settled.payable, settled.closing_carry, settled.draw_due, *memo.values()),
        )

    def _settle(self, parts: list[int], year: int) -> Settled:
        if not self._ruled:
            return settle_plainly(sum(parts), self._draw_due)
        paid = self._paid.get(year, 0)
        settled = settle(parts, self._version, self._draw_due, paid)
        self._paid[year] = paid + settled.payable
        return settled
