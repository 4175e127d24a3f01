"""What a logit and boosting listen to in orders: times in horizons, money against the usual basket."""

import numpy as np

from lifecycle.churn.prediction.arrays import Floats
from lifecycle.churn.prediction.orders import Standing

Columns = dict[str, Floats]


def scale_free(at: Standing, horizon: int) -> Columns:
    """Columns that mean the same in every company: no unit, no money. Of customers with a repeat order."""
    silence, gap = at.silence / horizon, np.maximum(at.gap, 1) / horizon
    return {
        "silence": np.log1p(silence * 10),
        "overdue": np.log((silence + 0.1) / (gap + 0.1)),
        "orders": np.log1p(at.x),
        "gap": np.log(gap + 0.05),
        "age": np.log(at.age / horizon + 0.1),
        "lately": np.log1p(at.lately),
        "before": np.log1p(at.before),
    }


def rhythm(at: Standing, horizon: int) -> Columns:
    """All columns of a tenant's own model; money columns are missing where no amounts are known."""
    basket = at.spent / (at.x + 1)
    own = {
        "gap_spread": at.gap_spread / np.maximum(at.gap, 1),
        "spent": _log(at.spent),
        "spent_lately": _log(at.spent_lately),
        "spent_before": _log(at.spent_before),
        "basket": _log(basket),
        "last_basket": _log(at.last_basket) - _log(basket),
    }
    known = {name: values for name, values in own.items() if not np.isnan(values).all()}
    return scale_free(at, horizon) | known


def _log(money: Floats) -> Floats:
    return np.log1p(np.maximum(money, 0))
