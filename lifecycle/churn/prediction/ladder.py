"""Which method a tenant stands on: levels open by the data there are, and only what has proved itself climbs.

Level 0 a rule, 1 the public scorecard, 2 the tenant's own model, 3 challengers. What was said at the last
two completed origins is compared by log loss. Levels 1 and 2 must be better than what stands and than the
base rate; a challenger must also be so with 90 % confidence, one-sided.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lifecycle.churn.prediction.arrays import Floats, Ints
from lifecycle.churn.prediction.logit import losses
from lifecycle.churn.prediction.trials import BASE_RATE, Trial

CHALLENGER = 3
ONE_SIDED_90 = 1.2816  # of the normal distribution


@dataclass(frozen=True)
class Rung:
    """A method and its level."""

    name: str
    level: int


@dataclass(frozen=True)
class Champion:
    """The method that stands, its level, and in a sentence how it came to."""

    name: str
    level: int
    why: str


@dataclass(frozen=True)
class Gain:
    """Mean log loss saved, and its lower bound by customers."""

    mean: float
    lower: float


def champion(rungs: Sequence[Rung], now: Trial, past: Sequence[Trial]) -> Champion:
    """The method of this origin, by the trials completed before it; rungs in the order of their levels."""
    open_now = [rung for rung in rungs if rung.name in now.said]
    first = next((rung for rung in open_now if rung.level == 0), None)
    if not past:
        if first is None:
            return Champion(BASE_RATE, 0, "no completed origin to measure any method by")
        return Champion(first.name, 0, "no completed origin to measure a model by")
    stands = first if first and _said_in(first.name, past) else Rung(BASE_RATE, 0)
    told = ["the lowest level that is open"]
    for rung in open_now:
        if rung == stands or not _said_in(rung.name, past):
            continue
        found = gain(rung.name, stands.name, past)
        needed = found.lower if rung.level >= CHALLENGER else found.mean
        if needed > 0 and gain(rung.name, BASE_RATE, past).mean > 0:
            told = [f"log loss {found.mean:.4f} lower than {stands.name} over {_origins(past)}"]
            stands = rung
        else:
            told.append(
                f"{rung.name} not shown to be better ({found.mean:+.4f}, at least {found.lower:+.4f})"
            )
    if stands.name != BASE_RATE and gain(stands.name, BASE_RATE, past).mean <= 0:
        return Champion(BASE_RATE, 0, f"no method was better than the base rate over {_origins(past)}")
    return Champion(stands.name, stands.level, "; ".join(told))


def gain(challenger: str, stands: str, past: Sequence[Trial]) -> Gain:
    """What the challenger saved over what stands; the observed rate is the base rate to beat."""
    saved = np.concatenate([_losses(stands, each) - _losses(challenger, each) for each in past])
    return _bounded(saved, np.concatenate([each.customer for each in past]))


def _losses(name: str, trial: Trial) -> Floats:
    said = trial.observed_rate() if name == BASE_RATE else trial.said[name]
    return losses(said, trial.lost)


def _bounded(saved: Floats, customer: Ints) -> Gain:
    """Rows of one customer stand or fall together."""
    _, cluster = np.unique(customer, return_inverse=True)
    mean = float(saved.mean())
    sums = np.bincount(cluster, weights=saved - mean)
    error = float(np.sqrt((sums**2).sum())) / saved.size
    return Gain(mean, mean - ONE_SIDED_90 * error)


def _said_in(name: str, past: Sequence[Trial]) -> bool:
    return all(name == BASE_RATE or name in each.said for each in past)


def _origins(past: Sequence[Trial]) -> str:
    return "the last completed origin" if len(past) == 1 else f"the last {len(past)} completed origins"
