"""Bands that tile [0, ∞): what is wrong with a table of half-open rows.

Pure: nothing of Django, so that every calculation may stand on it.
"""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple


class Span(NamedTuple):
    """The numbers [lower, upper); `upper` None is ∞."""

    lower: Decimal
    upper: Decimal | None


def tiling_fault(rows: Sequence[Span]) -> str | None:
    """The first fault of a table that should tile [0, ∞), rows in any order; None when there is none.

    Codes of spec/what-if.md §6 in its order: empty_band, not_from_zero, hole, overlap, not_unbounded.
    Of holes and overlaps the one at the lowest place is told.
    """
    if any(upper is not None and upper <= lower for lower, upper in rows):
        return "empty_band"
    ordered = sorted(rows, key=lambda row: (row.lower, row.upper is None, row.upper or 0))
    if not ordered or ordered[0].lower != 0:
        return "not_from_zero"
    for below, above in pairwise(ordered):
        if below.upper != above.lower:
            return "hole" if below.upper is not None and below.upper < above.lower else "overlap"
    return None if ordered[-1].upper is None else "not_unbounded"
