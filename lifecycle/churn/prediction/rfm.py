"""RFM 5x5x5: the yardstick that any model must beat; the sum of three fifths, lowest is likeliest lost."""

import numpy as np
from scipy.stats import rankdata

from lifecycle.churn.prediction.arrays import Floats
from lifecycle.churn.prediction.orders import Standing

FIFTHS = 5


def score(at: Standing) -> Floats:
    """3–15 (2–10 without amounts), turned so that more is likelier lost; fifths among the rows given."""
    total = fifths(-at.silence) + fifths(at.x)
    if not np.isnan(at.spent).any():
        total = total + fifths(at.spent)
    return -total


def fifths(values: Floats) -> Floats:
    """1–5 by rank; equal values share one."""
    return np.minimum(np.floor((rankdata(values) - 0.5) / values.size * FIFTHS), FIFTHS - 1) + 1
