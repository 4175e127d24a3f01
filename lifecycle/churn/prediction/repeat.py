"""Repeat orders: who will not order within the horizon."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from lifecycle.churn.prediction import boosting, logit, rfm, rules, scorecard
from lifecycle.churn.prediction.arrays import Flags, Floats, months_later
from lifecycle.churn.prediction.btyd import mbg
from lifecycle.churn.prediction.ladder import Rung
from lifecycle.churn.prediction.orders import Orders, Standing, lost, standing, together
from lifecycle.churn.prediction.refusals import TooLittle
from lifecycle.churn.prediction.rhythm import rhythm
from lifecycle.churn.prediction.trials import Methods, Trial, hold

TRAINING = 4  # origins, a horizon apart, the newest with its horizon complete
SCORECARD_REPEATERS = 10
MBG_CUSTOMERS, MBG_REPEATERS = 40, 20
RIDGE_EVENTS = 200
YEAR = 365
RUNGS = (
    Rung("rule", 0),
    Rung("scorecard", 1),
    Rung("mbg_nbd", 2),
    Rung("mbg_ridge_mean", 3),
    Rung("ridge", 3),
    Rung("hgb", 3),
)


@dataclass(frozen=True)
class Labelled:
    """A population of the past and what became of it."""

    at: Standing
    lost: Flags


@dataclass
class RepeatOrders:
    """Trials over one tenant's orders; horizon in days. Each origin is worked out once."""

    orders: Orders
    horizon: int
    seed: int
    _held: dict[int, Trial] = field(default_factory=dict)

    def trial(self, origin: int) -> Trial:
        """Every method at the origin, and the orders of the horizon after it."""
        if origin not in self._held:
            self._held[origin] = self._hold(origin)
        return self._held[origin]

    def past(self, origin: int) -> list[Trial]:
        """The trials of the last two origins whose horizon was complete by this one, newest first."""
        earlier = (origin - self.horizon * back for back in (1, 2))
        first = int(self.orders.day.min())
        held = [self.trial(each) for each in earlier if each - first >= self.horizon - 1]
        return [each for each in held if each.lost.any() and not each.lost.all()]

    def last_year(self, origin: int) -> Trial | None:
        """The trial of the same season a year earlier; None when the history is too short for it."""
        earlier = months_later(origin, -12)
        if self.horizon >= YEAR or earlier - int(self.orders.day.min()) < self.horizon - 1:
            return None
        return self.trial(earlier)

    def _hold(self, origin: int) -> Trial:
        known = self.orders.until(origin)
        everybody = standing(known, origin, self.horizon)
        at = everybody.at_risk(self.horizon)
        training = past_populations(known, origin, self.horizon)
        said = Telling(everybody, at, training, self.horizon, self.seed).methods()
        happened = lost(self.orders, at.customer, origin, self.horizon)
        rate = float(training[-1].lost.mean()) if training else 0.5
        return hold(origin, at.customer, happened, said if at.customer.size else {}, rate)


def past_populations(known: Orders, origin: int, horizon: int) -> list[Labelled]:
    """Populations whose horizon was complete by the origin, oldest first."""
    first, found = int(known.day.min()), []
    for back in range(TRAINING, 0, -1):
        earlier = origin - back * horizon
        if earlier - first < horizon - 1:
            continue
        at = standing(known, earlier, horizon).at_risk(horizon)
        if at.customer.size:
            found.append(Labelled(at, lost(known, at.customer, earlier, horizon)))
    return found


@dataclass
class Telling:
    """P(no order within the horizon) of `at` by each method; TooLittle when it does not apply."""

    everybody: Standing
    at: Standing
    training: list[Labelled]
    horizon: int
    seed: int

    def methods(self) -> Methods:
        return {
            "rule": lambda: self.platt(lambda who: rules.of_orders(who, self.horizon)),
            "rfm_platt": lambda: self.platt(rfm.score),
            "scorecard": self.public,
            "mbg_nbd": lambda: self.own,
            "ridge": lambda: self.ridge,
            "mbg_ridge_mean": lambda: (self.own + self.ridge) / 2,
            "hgb": self.boosted,
        }

    def platt(self, score: Callable[[Standing], Floats]) -> Floats:
        """A score made a probability by what became of those who had it."""
        _needs(len(self.training), 1, "completed origins")
        past = np.concatenate([score(each.at) for each in self.training])
        return logit.platt(past, self.outcome).probability(score(self.at))

    def public(self) -> Floats:
        _needs(int((self.everybody.x > 0).sum()), SCORECARD_REPEATERS, "customers with two orders")
        return scorecard.no_order(self.at, self.horizon)

    @cached_property
    def own(self) -> Floats:
        model = fit_mbg(self.everybody, self.horizon)
        return model.no_order(self.at.x, self.at.t_x, self.at.age, self.horizon)

    @cached_property
    def ridge(self) -> Floats:
        events = int(sum(each.lost.sum() for each in self.training))
        _needs(events, RIDGE_EVENTS, "events")
        blocks = [(rhythm(each.at, self.horizon), each.lost) for each in self.training]
        return logit.fit_by_time(blocks).probability(rhythm(self.at, self.horizon))

    def boosted(self) -> Floats:
        _needs(len(self.training), 1, "completed origins")
        past = rhythm(together([each.at for each in self.training]), self.horizon)
        model = boosting.fit(past, self.outcome, seed=self.seed)
        return model.probability(rhythm(self.at, self.horizon))

    @property
    def outcome(self) -> Flags:
        return np.concatenate([each.lost for each in self.training])


def fit_mbg(everybody: Standing, horizon: int) -> mbg.Mbg:
    """The tenant's MBG/NBD of all customers with an order; TooLittle, CannotFit."""
    _needs(everybody.x.size, MBG_CUSTOMERS, "customers")
    _needs(int((everybody.x > 0).sum()), MBG_REPEATERS, "customers with two orders")
    _needs(int(everybody.age.max()), 2 * horizon - 1, "days of history")
    return mbg.fit(everybody.x, everybody.t_x, everybody.age)


def _needs(has: int, needs: int, what: str) -> None:
    if has < needs:
        raise TooLittle(f"{has:,} {what}, needs {needs:,}")
