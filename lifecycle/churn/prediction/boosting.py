"""The challenger: gradient boosting over histograms, with fixed settings, on one core."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from lifecycle.churn.prediction.arrays import Anything, Flags, Floats
from lifecycle.churn.prediction.refusals import TooLittle

EVENTS = 1000  # below it never passed the ridge on real data
LEVELS = 200  # of one column of words
Columns = Mapping[str, Anything]


@dataclass(frozen=True)
class Boosted:
    """Boosted trees; missing numbers stay missing, a word not seen in training counts as missing."""

    words: Mapping[str, Anything]
    model: HistGradientBoostingClassifier

    def probability(self, columns: Columns) -> Floats:
        with threadpool_limits(1):
            return self.model.predict_proba(_matrix(columns, self.words))[:, 1]


def fit(columns: Columns, lost: Flags, *, seed: int) -> Boosted:
    """The boosted model of training rows; TooLittle below 1,000 events."""
    events = int(min(lost.sum(), (~lost).sum()))
    if events < EVENTS:
        raise TooLittle(f"{events:,} events, needs {EVENTS:,}")
    words = {
        name: np.unique(values, return_counts=True)
        for name, values in columns.items()
        if values.dtype.kind != "f"
    }
    often = {
        name: found[np.sort(np.argsort(-counts, kind="stable")[:LEVELS])]
        for name, (found, counts) in words.items()
    }
    model = HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=120,
        max_leaf_nodes=12,
        min_samples_leaf=40,
        l2_regularization=5.0,
        early_stopping=False,
        categorical_features=[name in often for name in columns],
        random_state=seed,
    )
    with threadpool_limits(1):
        return Boosted(often, model.fit(_matrix(columns, often), lost))


def _matrix(columns: Columns, words: Mapping[str, Anything]) -> Floats:
    return np.column_stack([_numbers(values, words.get(name)) for name, values in columns.items()])


def _numbers(values: Anything, words: Anything | None) -> Floats:
    if words is None:
        return values
    place = np.searchsorted(words, values).clip(max=len(words) - 1)
    return np.where(words[place] == values, place.astype(float), np.nan)
