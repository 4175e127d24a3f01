"""Names of the array types, and days as numbers."""

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.str_]
Anything = npt.NDArray[Any]

EPOCH = date(1970, 1, 1).toordinal()
TINY = 1e-12


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - EPOCH


def day_of(number: int) -> date:
    return date.fromordinal(int(number) + EPOCH)


def months_later(day: int, months: int) -> int:
    """The day number so many months later (earlier when negative), kept inside a shorter month."""
    start = day_of(day)
    month = start.year * 12 + start.month - 1 + months
    first = date(month // 12, month % 12 + 1, 1)
    after = date((month + 1) // 12, (month + 1) % 12 + 1, 1)
    return day_number(first) + min(start.day, (after - first).days) - 1


def clipped(probability: Floats) -> Floats:
    """Probabilities away from 0 and 1, so that their logarithm exists."""
    return np.clip(probability, TINY, 1 - TINY)


def log_odds(probability: Floats) -> Floats:
    kept = clipped(probability)
    return np.log(kept) - np.log1p(-kept)
