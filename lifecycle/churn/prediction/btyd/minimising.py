"""Positive parameters by L-BFGS on their logarithms, with the analytic gradient."""

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize

from lifecycle.churn.prediction.arrays import Floats
from lifecycle.churn.prediction.refusals import CannotFit

LARGEST = 12.0  # of a logarithm
LogLikelihood = Callable[[Floats], tuple[float, Floats]]


def maximise(log_likelihood: LogLikelihood, *, size: int, penalty: float, weight: float) -> Floats:
    """The parameters that maximise log likelihood ÷ weight − penalty × Σ ln². `log_likelihood` gives value
    and gradient by the parameters themselves; `weight` is the number of customers. CannotFit.
    """

    def loss(logs: Floats) -> tuple[float, Floats]:
        parameters = np.exp(logs)
        value, gradient = log_likelihood(parameters)
        return (
            -value / weight + penalty * float(logs @ logs),
            -gradient * parameters / weight + 2 * penalty * logs,
        )

    bounds = [(-LARGEST, LARGEST)] * size
    start = np.zeros(size)
    found = minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": 1000, "ftol": 1e-12, "gtol": 1e-7},
    )
    if not np.isfinite(found.fun) or not np.isfinite(found.x).all():
        raise CannotFit("no finite likelihood")
    return np.exp(found.x)
