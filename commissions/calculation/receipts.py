"""What has come and counts: refunds taken off receipts, receipts laid over receivables (RELEASE 3-4)."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from commissions.calculation.facts import Event


class Slice(NamedTuple):
    """A part of a receipt that pays one receivable of a contract year; amount in contract currency."""

    source: Event
    contract_year: int
    amount: int
    days_late: int


class Counting(NamedTuple):
    """What counts of each receipt after refunds; per refund what was inside the window and what was not."""

    amounts: list[int]
    inside: dict[str, int]
    expired: dict[str, int]


def counting(
    receipts: Sequence[Event], refunds: Sequence[Event], window_days: int, approved: frozenset[str]
) -> Counting:
    """Take refunds off the newest receipts dated not later; both come in business order.

    A part older than the window lowers cash only, unless the refund's id is among the `approved`.
    """
    counts = [receipt.amount for receipt in receipts]
    left = counts.copy()
    inside: dict[str, int] = {}
    expired: dict[str, int] = {}
    reached, open_places = 0, []  # receipts dated up to the refund that are not given back, newest last
    for refund in refunds:
        while reached < len(receipts) and receipts[reached].on <= refund.on:
            open_places.append(reached)
            reached += 1
        need, within = refund.amount, 0
        while need and open_places:
            place = open_places[-1]
            taken = min(left[place], need)
            left[place] -= taken
            need -= taken
            if refund.id in approved or (refund.on - receipts[place].on).days <= window_days:
                counts[place] -= taken
                within += taken
            if not left[place]:
                open_places.pop()
        inside[refund.id] = within
        expired[refund.id] = refund.amount - need - within
    return Counting(counts, inside, expired)


Item = tuple[date, int, int]  # due day, contract year, amount


class Layout:
    """Receipts laid over receivables, oldest due first; what is left over is an advance.

    Kept between two postings, so that a new receipt is laid without laying all earlier ones again.
    """

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        self.laid: list[tuple[Event, int]] = []
        self.slices: list[list[Slice]] = []
        self.cursors: list[tuple[int, int]] = [(0, 0)]  # item and amount used of it, before each receipt

    def lay(self, receipts: Sequence[Event], amounts: Sequence[int]) -> int:
        """Lay these receipts with the amounts that count; the place of the first that changed."""
        since = 0
        for event, amount in zip(receipts, amounts, strict=True):
            if since == len(self.laid) or self.laid[since][0] is not event or self.laid[since][1] != amount:
                break
            since += 1
        del self.laid[since:], self.slices[since:], self.cursors[since + 1 :]
        for place in range(since, len(receipts)):
            self._lay_one(receipts[place], amounts[place])
        return since

    def _lay_one(self, receipt: Event, amount: int) -> None:
        item, used = self.cursors[-1]
        parts = []
        rest = amount
        while rest and item < len(self.items):
            due_on, year, gross = self.items[item]
            part = min(rest, gross - used)
            if part:
                parts.append(Slice(receipt, year, part, max(0, (receipt.on - due_on).days)))
            rest, used = rest - part, used + part
            if used == gross:
                item, used = item + 1, 0
        self.laid.append((receipt, amount))
        self.slices.append(parts)
        self.cursors.append((item, used))


def collected_by_year(items: Sequence[Item], total: int) -> dict[int, int]:
    """How much of each contract year a total covers when it is laid over the receivables."""
    covered: dict[int, int] = {}
    for _, year, gross in items:
        part = min(gross, total)
        covered[year] = covered.get(year, 0) + part
        total -= part
    return covered
