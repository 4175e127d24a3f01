"""MBG/NBD (Batislam et al. 2007): orders at a customer's own rate; after each, the first too, he may leave.

Unlike BG/NBD a customer of one order may be gone. Four parameters for a whole tenant, no labels.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, expit, gammaln, hyp2f1, psi

from lifecycle.churn.prediction.arrays import Anything, Floats
from lifecycle.churn.prediction.btyd.minimising import maximise

MEAN_AGE = 10.0  # the unit of time of the fit: parameters near 1
PENALTY = 0.002  # on squared log parameters, for each customer; keeps small fits stable


@dataclass(frozen=True)
class Mbg:
    """r, alpha of the gamma of rates (alpha in units of time), a, b of the beta of leaving."""

    r: float
    alpha: float
    a: float
    b: float

    @property
    def parameters(self) -> Floats:
        return np.array([self.r, self.alpha, self.a, self.b])

    def silence(self, x: Floats, t_x: Floats, age: Floats) -> Floats:
        """First term of the log odds of being gone: the silence against his own rhythm, ≥ 0."""
        return (self.r + x) * np.log((self.alpha + age) / (self.alpha + t_x))

    def loyalty(self, x: Floats) -> Floats:
        """Second term: how readily customers of so many orders leave. Both add up to the log odds."""
        return np.log(self.a / (self.b + x))

    def alive(self, x: Floats, t_x: Floats, age: Floats) -> Floats:
        """P(he has not left)."""
        return expit(-(self.silence(x, t_x, age) + self.loyalty(x)))

    def no_order(self, x: Floats, t_x: Floats, age: Floats, horizon: float) -> Floats:
        """P(no order within the horizon), whether he left or is only slow."""
        waited = ((self.alpha + age) / (self.alpha + age + horizon)) ** (self.r + x)
        return 1 - self.alive(x, t_x, age) * (1 - waited)

    def orders(self, x: Floats, t_x: Floats, age: Floats, horizon: float) -> Floats:
        """E[order days within the horizon]."""
        later = self.alpha + age + horizon
        waited = ((self.alpha + age) / later) ** (self.r + x)
        series = hyp2f1(self.r + x, self.b + x + 1, self.a + self.b + x, horizon / later)
        return self.alive(x, t_x, age) * (self.a + self.b + x) / (self.a - 1) * (1 - waited * series)


def fit(x: Floats, t_x: Floats, age: Floats, *, penalty: float = PENALTY) -> Mbg:
    """The model of all customers with an order; CannotFit. Its alpha is in the unit of t_x and age."""
    scale = MEAN_AGE / age.mean() if age.mean() > 0 else 1.0
    rows, counts = np.unique(np.column_stack([x, t_x * scale, age * scale]), axis=0, return_counts=True)
    r, alpha, a, b = maximise(
        lambda p: log_likelihood(p, rows[:, 0], rows[:, 1], rows[:, 2], counts),
        size=4,
        penalty=penalty,
        weight=counts.sum(),
    )
    return Mbg(float(r), float(alpha / scale), float(a), float(b))


def log_likelihood(
    parameters: Floats, x: Floats, t_x: Floats, age: Floats, counts: Anything
) -> tuple[float, Floats]:
    """(log likelihood, gradient by r, alpha, a, b) of rows that occur `counts` times."""
    r, alpha, a, b = parameters
    stayed = -(r + x) * np.log(alpha + age)
    left = np.log(a) - np.log(b + x) - (r + x) * np.log(alpha + t_x)
    of_left = expit(left - stayed)
    value = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x + 1) - betaln(a, b)
    value = value + np.logaddexp(stayed, left)
    stays = 1 - of_left
    by_r = psi(r + x) - psi(r) + np.log(alpha) - stays * np.log(alpha + age) - of_left * np.log(alpha + t_x)
    by_alpha = r / alpha - (r + x) * (stays / (alpha + age) + of_left / (alpha + t_x))
    by_a = psi(a + b) - psi(a + b + x + 1) + of_left / a
    by_b = psi(b + x + 1) - psi(a + b + x + 1) - psi(b) + psi(a + b) - of_left / (b + x)
    return float(counts @ value), np.array([counts @ each for each in (by_r, by_alpha, by_a, by_b)])
