"""How good probabilities were: order (AUC, PR-AUC, lift), size (Brier, ECE, O/E), and intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lifecycle.churn.prediction.arrays import Anything, Flags, Floats, Ints

FLAGGED = 0.10
BINS = 10


@dataclass(frozen=True)
class Measures:
    """Of one method at one origin; None where a figure does not exist."""

    auc: float | None
    pr_auc: float | None
    lift_at_10: float | None
    precision_at_10: float | None
    brier: float
    ece: float
    observed_expected: float | None


def measures(probability: Floats, lost: Flags) -> Measures:
    """The measures of probabilities against what happened."""
    events, rate = int(lost.sum()), float(lost.mean())
    precision = precision_at(probability, lost)
    expected = float(probability.sum())
    return Measures(
        auc=auc(probability, lost),
        pr_auc=pr_auc(probability, lost) if events else None,
        lift_at_10=precision / rate if events else None,
        precision_at_10=precision,
        brier=float(((probability - lost) ** 2).mean()),
        ece=calibration_error(probability, lost),
        observed_expected=events / expected if expected else None,
    )


def averaged(found: Sequence[Measures]) -> Measures:
    """The mean over origins of each figure, of those that have it."""

    def mean(name: str) -> float | None:
        known = [value for each in found if (value := getattr(each, name)) is not None]
        return float(np.mean(known)) if known else None

    return Measures(**{name: mean(name) for name in Measures.__dataclass_fields__})  # type: ignore[arg-type]


def auc(score: Floats, lost: Flags, weight: Floats | None = None) -> float | None:
    """P(a lost one scores above a kept one), ties half; None when there is only one kind."""
    return Ranking.of(score, lost).auc(np.ones(score.size) if weight is None else weight)


@dataclass(frozen=True)
class Ranking:
    """Rows in the order of their score, sorted once for many weightings."""

    order: Ints
    starts: Ints  # of each run of equal scores
    lost: Flags

    @classmethod
    def of(cls, score: Floats, lost: Flags) -> "Ranking":
        order = np.argsort(score, kind="stable")
        ranked = score[order]
        starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
        return cls(order, starts, lost[order])

    def auc(self, weight: Anything) -> float | None:
        """AUC with each row counted so many times, by its place before the sorting."""
        ranked = weight[self.order]
        events = np.add.reduceat(ranked * self.lost, self.starts)
        others = np.add.reduceat(ranked, self.starts) - events
        pairs = events.sum() * others.sum()
        if not pairs:
            return None
        below = np.cumsum(others) - others
        return float((events @ (below + others / 2)) / pairs)


def pr_auc(score: Floats, lost: Flags) -> float:
    """Average precision over the thresholds that the scores have."""
    ranked = Ranking.of(-score, lost)
    hits = np.add.reduceat(ranked.lost.astype(float), ranked.starts)
    flagged = np.diff(np.append(ranked.starts, lost.size))
    precision = np.cumsum(hits) / np.cumsum(flagged)
    return float((hits @ precision) / hits.sum())


def precision_at(score: Floats, lost: Flags, share: float = FLAGGED) -> float:
    """Share of lost ones among the highest-scored; equal scores at the border count by their share."""
    wanted = max(1, round(share * score.size))
    border = np.sort(score)[-wanted]
    above, level = score > border, score == border
    return float((lost[above].sum() + lost[level].mean() * (wanted - above.sum())) / wanted)


def calibration_error(probability: Floats, lost: Flags, bins: int = BINS) -> float:
    """Expected calibration error over groups of equal size by probability."""
    order = np.argsort(probability, kind="stable")
    groups = [each for each in np.array_split(order, bins) if each.size]
    gaps = [abs(float(probability[each].mean() - lost[each].mean())) * each.size for each in groups]
    return sum(gaps) / lost.size


def stability(before: Floats, now: Floats, bins: int = BINS) -> float:
    """Population stability index of two sets of scores over the tenths of the first; above .2 they moved."""
    edges = np.unique(np.quantile(before, np.linspace(0, 1, bins + 1)[1:-1]))
    shares = [
        (np.bincount(np.searchsorted(edges, each, side="right"), minlength=edges.size + 1) + 0.5)
        / (each.size + 0.5 * (edges.size + 1))
        for each in (before, now)
    ]
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())
