"""95 % intervals: customers are drawn anew, with all their rows at all origins."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lifecycle.churn.prediction.arrays import Flags, Floats, Ints
from lifecycle.churn.prediction.metrics import Ranking

REPLICATES = 500
SHARE = (2.5, 97.5)
Interval = tuple[float, float]
Statistic = Callable[[Ints], float | None]  # of how often each customer was drawn


def intervals(
    statistics: Mapping[str, Statistic], *, customers: int, seed: int, replicates: int = REPLICATES
) -> dict[str, Interval | None]:
    """The middle 95 % of each statistic; all see the same draws. None for one that exists in no draw."""
    found: dict[str, list[float]] = {name: [] for name in statistics}
    random = np.random.default_rng(seed)
    for _ in range(replicates):
        counts = np.bincount(random.integers(0, customers, customers), minlength=customers)
        for name, statistic in statistics.items():
            value = statistic(counts)
            if value is not None:
                found[name].append(value)
    return {name: _middle(values) for name, values in found.items()}


def _middle(values: list[float]) -> Interval | None:
    if not values:
        return None
    low, high = np.percentile(values, SHARE)
    return float(low), float(high)


@dataclass(frozen=True)
class Sample:
    """One origin: whose row it is, what was said and what happened."""

    customer: Ints
    probability: Floats
    lost: Flags


def auc_of(samples: Sequence[Sample]) -> Statistic:
    """The mean AUC over origins as a function of the customers' weights."""
    ranked = [(each.customer, Ranking.of(each.probability, each.lost)) for each in samples]

    def statistic(counts: Ints) -> float | None:
        found = [value for who, rows in ranked if (value := rows.auc(counts[who])) is not None]
        return float(np.mean(found)) if found else None

    return statistic


def brier_of(samples: Sequence[Sample]) -> Statistic:
    """The mean Brier score over origins as a function of the customers' weights."""
    errors = [(each.customer, (each.probability - each.lost) ** 2) for each in samples]

    def statistic(counts: Ints) -> float | None:
        sums = [(float(counts[who] @ error), float(counts[who].sum())) for who, error in errors]
        found = [error / weight for error, weight in sums if weight]
        return float(np.mean(found)) if found else None

    return statistic


def difference(first: Statistic, second: Statistic) -> Statistic:
    """The first statistic less the second, of the same draw."""

    def statistic(counts: Ints) -> float | None:
        one, other = first(counts), second(counts)
        return None if one is None or other is None else one - other

    return statistic
