"""Gamma-Gamma (Fader, Hardie 2013): what a customer's next order is worth, by how many he has shown."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, psi

from lifecycle.churn.prediction.arrays import Floats
from lifecycle.churn.prediction.btyd.minimising import maximise


@dataclass(frozen=True)
class GammaGamma:
    """p of an order, q and gamma of the spread between customers; gamma in units of money."""

    p: float
    q: float
    gamma: float

    @property
    def parameters(self) -> Floats:
        return np.array([self.p, self.q, self.gamma])

    def mean(self, x: Floats, average: Floats) -> Floats:
        """E[value of an order] of customers with x orders of this average; needs q > 1 where x is 0."""
        return self.p * (self.gamma + average * x) / (self.p * x + self.q - 1)


def fit(x: Floats, average: Floats, *, penalty: float = 0.0) -> GammaGamma:
    """The model of customers with x ≥ 1 orders of a positive average value; CannotFit."""
    found = maximise(lambda p: log_likelihood(p, x, average), size=3, penalty=penalty, weight=float(x.size))
    return GammaGamma(*(float(each) for each in found))


def log_likelihood(parameters: Floats, x: Floats, average: Floats) -> tuple[float, Floats]:
    """(log likelihood, gradient by p, q, gamma)."""
    p, q, gamma = parameters
    px, total = p * x, np.log(x * average + gamma)
    value = gammaln(px + q) - gammaln(px) - gammaln(q) + q * np.log(gamma)
    value = value + (px - 1) * np.log(average) + px * np.log(x) - (px + q) * total
    by_p = x * (psi(px + q) - psi(px) + np.log(average) + np.log(x) - total)
    by_q = psi(px + q) - psi(q) + np.log(gamma) - total
    by_gamma = q / gamma - (px + q) / (x * average + gamma)
    return float(value.sum()), np.array([each.sum() for each in (by_p, by_q, by_gamma)])
