"""The ridge logit, and Platt's line from a score to a probability."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from lifecycle.churn.prediction.arrays import Anything, Flags, Floats, clipped
from lifecycle.churn.prediction.features import Encoding, encoding
from lifecycle.churn.prediction.refusals import TooLittle

CHOICES = (0.003, 0.03, 0.3)  # scikit-learn's C of standardised columns: the smaller the stronger the ridge
UNPROVEN = 0.03
WEAK = 1e6
Columns = Mapping[str, Anything]


@dataclass(frozen=True)
class Logit:
    """log odds = intercept + Σ coefficient × column; contributions add up to it."""

    encoding: Encoding
    coefficients: Floats
    intercept: float

    def log_odds(self, columns: Columns) -> Floats:
        return self.encoding.matrix(columns) @ self.coefficients + self.intercept

    def probability(self, columns: Columns) -> Floats:
        return expit(self.log_odds(columns))


@dataclass(frozen=True)
class Line:
    """P = expit(slope × score + intercept)."""

    slope: float
    intercept: float

    def probability(self, score: Floats) -> Floats:
        return expit(self.slope * score + self.intercept)


def fit(columns: Columns, lost: Flags, *, c: float) -> Logit:
    """The logit of training rows; TooLittle when they hold one outcome only."""
    learned = _learned(columns)
    model = _fitted(learned.matrix(columns), lost, c)
    return Logit(learned, model.coef_[0].astype(float), float(model.intercept_[0]))


def fit_by_time(blocks: Sequence[tuple[Columns, Flags]]) -> Logit:
    """The logit of all blocks (oldest first), with the C that foretells the newest block best from the
    older ones; from one block alone the middle one. TooLittle when they hold one outcome only.
    """
    *older, (newest, outcome) = blocks
    c = UNPROVEN
    if older and outcome.any() and any(lost.any() and not lost.all() for _, lost in older):
        c = CHOICES[int(np.argmin(_losses_of_choices(*stacked(older), newest, outcome)))]
    return fit(*stacked(blocks), c=c)


def fit_by_folds(columns: Columns, lost: Flags, folds: Anything) -> Logit:
    """The logit of rows without dates, with the C that foretells each fold best from the others."""
    total = np.zeros(len(CHOICES))
    for fold in np.unique(folds):
        out = folds == fold
        rest = {name: values[~out] for name, values in columns.items()}
        kept = {name: values[out] for name, values in columns.items()}
        total += _losses_of_choices(rest, lost[~out], kept, lost[out]) * out.sum()
    return fit(columns, lost, c=CHOICES[int(np.argmin(total))])


def _losses_of_choices(past: Columns, lost: Flags, now: Columns, outcome: Flags) -> Floats:
    """The log loss that each C of CHOICES has on later or other rows."""
    learned = _learned(past)
    taught, asked = learned.matrix(past), learned.matrix(now)
    models = (_fitted(taught, lost, c) for c in CHOICES)
    return np.array([log_loss(model.predict_proba(asked)[:, 1], outcome) for model in models])


def platt(score: Floats, lost: Flags) -> Line:
    """The line by the labels; TooLittle when they hold one outcome only."""
    spread = float(score.std()) or 1.0
    model = _fitted((score / spread)[:, None], lost, WEAK)
    return Line(float(model.coef_[0, 0]) / spread, float(model.intercept_[0]))


def log_loss(probability: Floats, lost: Flags) -> float:
    return float(losses(probability, lost).mean())


def losses(probability: Floats, lost: Flags) -> Floats:
    """−ln of the probability given to what happened, for each row."""
    kept = clipped(probability)
    return -np.where(lost, np.log(kept), np.log1p(-kept))


def stacked(blocks: Sequence[tuple[Columns, Flags]]) -> tuple[Columns, Flags]:
    """Blocks of rows under one another."""
    names = blocks[0][0]
    columns = {name: np.concatenate([block[name] for block, _ in blocks]) for name in names}
    return columns, np.concatenate([lost for _, lost in blocks])


def _learned(columns: Columns) -> Encoding:
    learned = encoding(columns)
    if not learned.families():
        raise TooLittle("no column with a value seen often enough")
    return learned


def _fitted(matrix: Floats, lost: Flags, c: float) -> LogisticRegression:
    if lost.all() or not lost.any():
        raise TooLittle("all past outcomes are the same")
    model = LogisticRegression(C=c, solver="newton-cholesky", max_iter=200)
    return model.fit(matrix, lost)
