"""What is due to whom: the slices of receipts, each with what it releases of every row (rule RELEASE).

What is due depends on the set of known events only. Between two postings the portions are kept, and only
those from the first changed receipt on are worked out again.
"""

from fractions import Fraction
from typing import NamedTuple

from commissions.calculation.entitled import Entitled
from commissions.calculation.facts import ONE, ZERO, Event, Kind, Request
from commissions.calculation.history import event_year
from commissions.calculation.known import Known
from commissions.calculation.plan import PlanVersion, factor_at
from commissions.calculation.pools import Signing
from commissions.calculation.price import open_items, price_after, signed_price
from commissions.calculation.receipts import Counting, Layout, Slice, collected_by_year, counting
from commissions.calculation.shares import RULED, Row
from crm.money import round_ratio

PRICE_KINDS = (Kind.CONTRACT_AMENDED, Kind.CONTRACT_CANCELLED)
POOL_KINDS = (Kind.HANDOVER, Kind.EXPENSE_BOOKED, *PRICE_KINDS)
HOLD_KINDS = (
    Kind.HOLD_RELEASED,
    Kind.DISPUTE_OPENED,
    Kind.DISPUTE_RULED,
    Kind.SHARES_OPENED,
    Kind.SHARES_SETTLED,
)
ALL_AGAIN = (*POOL_KINDS, *HOLD_KINDS)


class Portion(NamedTuple):
    """What one slice releases of one row: the parts of step 5 in 分, and what they came from.

    `before` is what was collected of the year before this slice, of `due`, in contract currency.
    """

    part: Slice
    row: Row
    earned: int
    cap: int
    held: int
    forfeit: int
    before: int
    due: int
    factor: Fraction


class Dues:
    """The portions due for the events known so far."""

    def __init__(self, request: Request, signing: Signing) -> None:
        self._request, self._signing = request, signing
        self.known = Known(signing)
        self.price = signed_price(signing.contract)
        self.entitled = Entitled(request, signing, self.known, self.price)
        self.counted = Counting([], {}, {})
        self._layout = Layout(open_items(self.price, signing.term))
        self._open_years: frozenset[int] = frozenset()
        self._portions: list[list[Portion]] = []  # by receipt
        self._collected: list[dict[int, int]] = [{}]  # of each year, before each receipt
        self._factors: dict[int, Fraction] = {}  # overdue factor by days late
        self._paid: dict[tuple[int, str, str], int] = {}  # under PRORATA_TEMPORIS: X of each row

    def learn(self, event: Event) -> tuple[list[Portion], list[Portion]]:
        """Take up an event; (portions that are due no longer, portions that are due instead)."""
        self.known.learn(event)
        if event.kind in PRICE_KINDS:
            self.price = price_after(self._signing.contract, self.known.changes, self.known.prorata)
            self._layout = Layout(open_items(self.price, self._signing.term))
        if event.kind in POOL_KINDS:
            self.entitled.renew(self.price)
        slices, since = self._slices()
        open_years = self._years_that_count()
        if event.kind in ALL_AGAIN or open_years != self._open_years or self.price.served_until is not None:
            since = 0
            self._paid.clear()
        self._open_years = open_years
        return self._renew(slices, since)

    def _slices(self) -> tuple[list[list[Slice]], int]:
        """The slices by receipt, and the place of the first receipt whose slices changed."""
        known = self.known
        window = self._signing.version.clawback_window_days
        self.counted = counting(known.receipts, known.refunds, window, known.approved)
        if known.on_signing:
            return self._slices_of_signing(), 0
        since = self._layout.lay(known.receipts, self.counted.amounts)
        return self._layout.slices, since

    def _slices_of_signing(self) -> list[list[Slice]]:
        """On basis SIGNED: one slice a year, less write-offs and refunds inside the window."""
        known, span = self.known, self._signing.term
        gone = dict(known.written_off)
        for refund in known.refunds:
            year = event_year(refund, span)
            gone[year] = gone.get(year, 0) + self.counted.inside[refund.id]
        slices = []
        for year in sorted(known.starts):
            amount = self.price.due[year - 1] - gone.get(year, 0)
            slices.append([Slice(known.starts[year], year, amount, 0)] if amount > 0 else [])
        return slices

    def _years_that_count(self) -> frozenset[int]:
        """The contract years that have begun and whose receipts, before refunds, reach `release_at`."""
        known, gate = self.known, self._signing.version.release_at
        if not known.signed:
            return frozenset()
        if not gate or known.on_signing:
            return frozenset(known.starts)
        total = sum(receipt.amount for receipt in known.receipts)
        covered = collected_by_year(self._layout.items, total)
        return frozenset(
            year
            for year in known.starts
            if covered[year] * gate.denominator >= gate.numerator * self.price.due[year - 1]
        )

    def _renew(self, slices: list[list[Slice]], since: int) -> tuple[list[Portion], list[Portion]]:
        gone = [portion for portions in self._portions[since:] for portion in portions]
        del self._portions[since:], self._collected[since + 1 :]
        come = []
        for parts in slices[since:]:
            collected = self._collected[-1].copy()
            portions = [
                portion
                for part in parts
                if part.contract_year in self._open_years
                for portion in self._of_slice(part, collected)
            ]
            self._portions.append(portions)
            self._collected.append(collected)
            come += portions
        return gone, come

    def _of_slice(self, part: Slice, collected: dict[int, int]) -> list[Portion]:
        """Step 5 for one slice, row by row."""
        year = part.contract_year
        due, before = self.price.due[year - 1], collected.get(year, 0)
        after = collected[year] = before + part.amount
        factor = self._overdue_factor(part.days_late)
        portions = []
        for row in self.entitled.rows(self._pool_version(part))[year]:
            whole, capped = row.before_cap, row.amount
            released = within = round_ratio(whole * after, due) - round_ratio(whole * before, due)
            if capped != whole:
                within = round_ratio(capped * after, due) - round_ratio(capped * before, due)
            paid = within if factor is ONE else round_ratio(within * factor.numerator, factor.denominator)
            forfeit, cut = within - paid, released - within
            if self.price.served_until is not None:
                paid = self._served(row, paid)
            held = self._held(row, paid)
            portions.append(Portion(part, row, paid - held + cut, -cut, held, forfeit, before, due, factor))
        return portions

    def _pool_version(self, part: Slice) -> PlanVersion:
        version = self._signing.version
        return (self._request.plan.on(part.source.on) or version) if version.by_event_date else version

    def _overdue_factor(self, days_late: int) -> Fraction:
        factor = self._factors.get(days_late)
        if factor is None:
            version = self._signing.version
            decays = version.basis == "CASH" and version.overdue_factors
            factor = factor_at(version.overdue_factors, days_late) if decays else ONE
            factor = self._factors[days_late] = ONE if factor == 1 else factor
        return factor

    def _held(self, row: Row, paid: int) -> int:
        """The part of a payment that waits: all of it while it is open whose it is, else the holdback."""
        if self.known.disputed or (self.known.unsettled and row.component in RULED):
            return paid
        if not self.known.holds:
            return 0
        rate = self._signing.version.holdback_rate
        return round_ratio(paid * rate.numerator, rate.denominator)

    def _served(self, row: Row, paid: int) -> int:
        """What stays of a payment when only a part of the year was served (PRORATA_TEMPORIS)."""
        key = row[:3]
        unserved = self._unserved(row.contract_year)
        above, below = unserved.numerator, unserved.denominator
        x_before = self._paid.get(key, 0)
        x = self._paid[key] = x_before + paid
        return (x - round_ratio(x * above, below)) - (x_before - round_ratio(x_before * above, below))

    def _unserved(self, number: int) -> Fraction:
        """The share of a contract year that was not served."""
        year, until = self._signing.term.years[number - 1], self.price.served_until
        if until is None:
            return ZERO
        days = (year.ends_on - max(until, year.starts_on)).days
        return Fraction(max(days, 0), year.days)
