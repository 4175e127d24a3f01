"""The public scorecard: a fixed logit without units, for tenants too young for a model of their own.

Fitted once by ridge (C .03, each company the same weight) on three public sets of repeat orders: one half
of Online Retail II (UCI, CC BY 4.0), the CDNOW 1/10 sample, and a simulated apparel shop; horizon 90 days,
all origins a horizon apart, the population of `orders.Standing.at_risk`. AUC on the company left out: .729,
.693, .639. It knows no tenant and is never fitted to one; on the three sets it is not out of sample.
"""

import numpy as np
from scipy.special import expit

from lifecycle.churn.prediction.arrays import Floats
from lifecycle.churn.prediction.orders import Standing
from lifecycle.churn.prediction.rhythm import scale_free

INTERCEPT = 1.2405
COEFFICIENTS = {"silence": 0.1706, "orders": -0.9349, "age": 0.4447, "lately": -0.4548, "before": -0.3471}


def contributions(at: Standing, horizon: int) -> dict[str, Floats]:
    """What each column adds to the log odds of no order within the horizon, before the intercept."""
    columns = scale_free(at, horizon)
    return {name: coefficient * columns[name] for name, coefficient in COEFFICIENTS.items()}


def no_order(at: Standing, horizon: int) -> Floats:
    """P(no order within the horizon) of customers with a repeat order."""
    return expit(INTERCEPT + np.sum(list(contributions(at, horizon).values()), axis=0))
