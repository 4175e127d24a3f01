"""Renewal decisions without dates: judged on rows that no method was fitted to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from lifecycle.churn.prediction import boosting, logit
from lifecycle.churn.prediction.arrays import Anything, Flags, Floats, Ints
from lifecycle.churn.prediction.ladder import Rung
from lifecycle.churn.prediction.logit import Columns
from lifecycle.churn.prediction.refusals import TooLittle
from lifecycle.churn.prediction.trials import Methods, Trial, hold

EACH_OUTCOME = 50
INNER = 5  # folds of the training rows, for the choice of C and of the champion
RUNGS = (Rung("ridge", 2), Rung("ridge_hgb_mean", 3), Rung("hgb", 3))


@dataclass(frozen=True)
class Decisions:
    """One row a decision: what was known before, and whether it was lost."""

    columns: Mapping[str, Anything]
    lost: Flags

    def kept(self, rows: Flags) -> "Decisions":
        return Decisions({name: values[rows] for name, values in self.columns.items()}, self.lost[rows])


def random_folds(lost: Flags, folds: int, seed: int) -> Ints:
    """A fold for each row, each with its share of lost ones."""
    random, found = np.random.default_rng(seed), np.empty(lost.size, dtype=np.int64)
    for outcome in (False, True):
        rows = random.permutation(np.flatnonzero(lost == outcome))
        found[rows] = np.arange(rows.size) % folds
    return found


def trials(decisions: Decisions, folds: Anything, seed: int) -> Iterator[Trial]:
    """One trial a fold: its rows by methods fitted to all others."""
    for number, fold in enumerate(np.unique(folds)):
        yield trial(decisions, folds == fold, number, seed)


def trial(decisions: Decisions, judged: Flags, number: int, seed: int) -> Trial:
    """The rows judged, by methods fitted to the others."""
    past, now = decisions.kept(~judged), decisions.kept(judged)
    said = methods(past, now.columns, seed)
    return hold(number, np.flatnonzero(judged), now.lost, said, float(past.lost.mean()))


def methods(past: Decisions, columns: Columns, seed: int) -> Methods:
    """P(lost) of `columns` by each method; TooLittle when it does not apply."""

    @cache
    def ridge() -> Floats:
        for has, what in ((past.lost.sum(), "events"), ((~past.lost).sum(), "kept")):
            if has < EACH_OUTCOME:
                raise TooLittle(f"{has:,} {what}, needs {EACH_OUTCOME}")
        folds = random_folds(past.lost, INNER, seed + 1)
        return logit.fit_by_folds(past.columns, past.lost, folds).probability(columns)

    @cache
    def boosted() -> Floats:
        return boosting.fit(past.columns, past.lost, seed=seed).probability(columns)

    return {"ridge": ridge, "hgb": boosted, "ridge_hgb_mean": lambda: (ridge() + boosted()) / 2}
