"""One trial: at one origin every method says a probability, from what was known then, and life answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from lifecycle.churn.prediction.arrays import Flags, Floats, Ints
from lifecycle.churn.prediction.refusals import TooLittle

BASE_RATE = "base_rate"
Methods = Mapping[str, Callable[[], Floats]]


@dataclass(frozen=True)
class Trial:
    """What was said of whom at an origin (a day number, or the number of a fold), and what happened."""

    origin: int
    customer: Ints
    lost: Flags
    said: Mapping[str, Floats]
    skipped: Mapping[str, str]

    def observed_rate(self) -> Floats:
        """The share that was lost, for each row: what nobody could know, the strictest base rate."""
        return np.full(self.lost.size, self.lost.mean() if self.lost.size else 0.0)


def hold(origin: int, customer: Ints, lost: Flags, methods: Methods, known_rate: float) -> Trial:
    """Ask every method; one that does not apply is named with its reason. CannotFit of any method."""
    said: dict[str, Floats] = {BASE_RATE: np.full(customer.size, known_rate)}
    skipped: dict[str, str] = {}
    for name, method in methods.items():
        try:
            said[name] = method()
        except TooLittle as why:
            skipped[name] = str(why)
    return Trial(origin, customer, lost, said, skipped)
