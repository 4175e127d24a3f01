"""Hand-set points, written down before any result was seen; no probability of their own."""

import numpy as np

from lifecycle.churn.prediction.arrays import Floats
from lifecycle.churn.prediction.orders import Standing


def of_orders(at: Standing, horizon: int) -> Floats:
    """0–100 for repeat orders: silence (60), fewer orders than the horizon before (25), few orders (15)."""
    silent = np.select(
        [at.silence <= horizon / 3, at.silence <= horizon * 2 / 3, at.silence <= horizon], [0, 20, 40], 60
    )
    fewer = np.where(at.lately < at.before, 25, 0)
    few = np.select([at.x >= 5, at.x >= 2], [0, 8], 15)
    return (silent + fewer + few).astype(float)


def of_contracts(age_years: Floats) -> Floats:
    """0–100 for contracts: the young ones first."""
    bands = [age_years < 1, age_years < 2, age_years < 3, age_years < 5]
    return np.select(bands, [100, 70, 50, 30], 10).astype(float)
