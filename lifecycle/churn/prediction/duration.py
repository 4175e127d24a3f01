"""Contracts with a start and perhaps an end: who will end within the horizon by an event that counts.

Person-period rows: at boundaries a horizon apart within the last 36 months, everybody in force then, and
whether the event came before the next boundary. The logit of these rows is the hazard of a period.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from lifecycle.churn.prediction import boosting, logit, rules
from lifecycle.churn.prediction.arrays import Anything, Flags, Floats, Ints, day_of, months_later
from lifecycle.churn.prediction.ladder import Rung
from lifecycle.churn.prediction.logit import Columns
from lifecycle.churn.prediction.refusals import TooLittle
from lifecycle.churn.prediction.trials import Methods, Trial, hold

MEMORY = 36  # months: what is older is forgotten
EACH_OUTCOME = 50
CYCLES = 2
YEAR = 365.25
RUNGS = (Rung("rule", 0), Rung("ridge", 2), Rung("ridge_hgb_mean", 3), Rung("hgb", 3))


@dataclass(frozen=True)
class Contracts:
    """One row a contract. `end` is the day it ended or was last seen, a far day while none is known;
    `event` whether it ended by what counts; `known` columns that stood at the start.
    """

    start: Ints
    end: Floats
    event: Flags
    known: Mapping[str, Anything]

    def in_force(self, day: int) -> Ints:
        """The contracts of a day, by their place."""
        return np.flatnonzero((self.start <= day) & (self.end > day))

    def lost(self, rows: Ints, until: int) -> Flags:
        """Whose event came by the day; another end is none."""
        return self.event[rows] & (self.end[rows] <= until)

    def columns(self, rows: Ints, day: int, months: int) -> Columns:
        """What a logit hears of these contracts on the day: what stood at the start, and their age."""
        age = (day - self.start[rows]) / YEAR
        found = {name: values[rows] for name, values in self.known.items()}
        found["age_years"] = age
        found["young"] = np.select([age < 0.25, age < 1, age < 2, age < 3], ["0", "1", "2", "3"], "older")
        if months < 12:  # a horizon of whole years holds every anniversary
            found["anniversary"] = np.where((age + months / 12) // 1 > age // 1, "within", "later")
        return found


@dataclass
class ContractsInForce:
    """Trials over one tenant's contracts; horizon in months. Each origin is worked out once."""

    contracts: Contracts
    months: int
    seed: int
    _held: dict[int, Trial] = field(default_factory=dict)

    def trial(self, origin: int) -> Trial:
        """Every method at the origin, and the events of the horizon after it."""
        if origin not in self._held:
            self._held[origin] = self._hold(origin)
        return self._held[origin]

    def past(self, origin: int) -> list[Trial]:
        """The trials of the last two origins whose horizon was complete by this one, newest first."""
        earlier = (months_later(origin, -self.months * back) for back in (1, 2))
        first = int(self.contracts.start.min())
        held = [self.trial(each) for each in earlier if each > first and _possible(each)]
        return [each for each in held if each.lost.any() and not each.lost.all()]

    def _hold(self, origin: int) -> Trial:
        rows = self.contracts.in_force(origin)
        columns = self.contracts.columns(rows, origin, self.months)
        blocks = periods(self.contracts, origin, self.months)
        happened = self.contracts.lost(rows, months_later(origin, self.months))
        rate = float(logit.stacked(blocks)[1].mean()) if blocks else 0.0
        said = methods(columns, blocks, self.seed) if rows.size else {}
        return hold(origin, rows, happened, said, rate)


def periods(contracts: Contracts, origin: int, months: int) -> list[tuple[Columns, Flags]]:
    """The person-period rows of each complete period before the origin, oldest first."""
    found = []
    for back in range(max(1, MEMORY // months), 0, -1):
        begins, ends = months_later(origin, -months * back), months_later(origin, -months * (back - 1))
        rows = contracts.in_force(begins)
        if rows.size:
            found.append((contracts.columns(rows, begins, months), contracts.lost(rows, ends)))
    return found


def methods(columns: Columns, blocks: list[tuple[Columns, Flags]], seed: int) -> Methods:
    """P(event within the horizon) of `columns` by each method; TooLittle when it does not apply."""

    def rule() -> Floats:
        _needs(len(blocks), 1, "completed periods")
        past, outcome = logit.stacked(blocks)
        line = logit.platt(rules.of_contracts(past["age_years"]), outcome)
        return line.probability(rules.of_contracts(columns["age_years"]))

    @cache
    def ridge() -> Floats:
        _needs(sum(bool(lost.any()) for _, lost in blocks), CYCLES, "completed periods with an event")
        outcome = logit.stacked(blocks)[1]
        _needs(int(outcome.sum()), EACH_OUTCOME, "events")
        _needs(int((~outcome).sum()), EACH_OUTCOME, "kept")
        return logit.fit_by_time(blocks).probability(columns)

    @cache
    def boosted() -> Floats:
        _needs(len(blocks), 1, "completed periods")
        return boosting.fit(*logit.stacked(blocks), seed=seed).probability(columns)

    return {
        "rule": rule,
        "ridge": ridge,
        "hgb": boosted,
        "ridge_hgb_mean": lambda: (boosted() + ridge()) / 2,
    }


def _possible(day: int) -> bool:
    return day_of(day).year > 1900


def _needs(has: int, needs: int, what: str) -> None:
    if has < needs:
        raise TooLittle(f"{has:,} {what}, needs {needs:,}")
