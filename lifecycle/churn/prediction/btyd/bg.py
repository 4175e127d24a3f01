"""BG/NBD (Fader, Hardie, Lee 2005): the yardstick of the literature; it never doubts a one-time buyer."""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, expit, gammaln, hyp2f1, psi

from lifecycle.churn.prediction.arrays import Anything, Floats
from lifecycle.churn.prediction.btyd.minimising import maximise


@dataclass(frozen=True)
class Bg:
    """r, alpha of the gamma of rates (alpha in units of time), a, b of the beta of leaving."""

    r: float
    alpha: float
    a: float
    b: float

    @property
    def parameters(self) -> Floats:
        return np.array([self.r, self.alpha, self.a, self.b])

    def alive(self, x: Floats, t_x: Floats, age: Floats) -> Floats:
        """P(he has not left); 1 for everybody without a repeat order."""
        again = np.maximum(x, 1)
        gone = np.log(self.a / (self.b + again - 1))
        gone = gone + (self.r + x) * np.log((self.alpha + age) / (self.alpha + t_x))
        return np.where(x > 0, expit(-gone), 1.0)

    def orders(self, x: Floats, t_x: Floats, age: Floats, horizon: float) -> Floats:
        """E[orders within the horizon]."""
        later = self.alpha + age + horizon
        waited = ((self.alpha + age) / later) ** (self.r + x)
        series = hyp2f1(self.r + x, self.b + x, self.a + self.b + x - 1, horizon / later)
        expected = (self.a + self.b + x - 1) / (self.a - 1) * (1 - waited * series)
        return expected * self.alive(x, t_x, age)


def fit(x: Floats, t_x: Floats, age: Floats, *, penalty: float = 0.0) -> Bg:
    """The model of all customers with an order; CannotFit."""
    rows, counts = np.unique(np.column_stack([x, t_x, age]), axis=0, return_counts=True)
    found = maximise(
        lambda p: log_likelihood(p, rows[:, 0], rows[:, 1], rows[:, 2], counts),
        size=4,
        penalty=penalty,
        weight=counts.sum(),
    )
    return Bg(*(float(each) for each in found))


def log_likelihood(
    parameters: Floats, x: Floats, t_x: Floats, age: Floats, counts: Anything
) -> tuple[float, Floats]:
    """(log likelihood, gradient by r, alpha, a, b) of rows that occur `counts` times."""
    r, alpha, a, b = parameters
    bought = x > 0
    before = np.where(bought, b + x - 1, 1.0)
    stayed = -(r + x) * np.log(alpha + age)
    left = np.where(bought, np.log(a) - np.log(before) - (r + x) * np.log(alpha + t_x), -np.inf)
    of_left = np.where(bought, expit(np.where(bought, left, 0) - stayed), 0)
    stays = 1 - of_left
    value = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b)
    value = value + np.logaddexp(stayed, left)
    by_r = psi(r + x) - psi(r) + np.log(alpha) - stays * np.log(alpha + age) - of_left * np.log(alpha + t_x)
    by_alpha = r / alpha - (r + x) * (stays / (alpha + age) + of_left / (alpha + t_x))
    by_a = psi(a + b) - psi(a + b + x) + of_left / a
    by_b = psi(b + x) - psi(a + b + x) - psi(b) + psi(a + b) - of_left / before
    return float(counts @ value), np.array([counts @ each for each in (by_r, by_alpha, by_a, by_b)])
