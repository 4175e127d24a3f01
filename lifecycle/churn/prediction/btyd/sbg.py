"""Shifted beta-geometric (Fader, Hardie 2007): what share of a cohort of contracts is left each year."""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, psi

from lifecycle.churn.prediction.arrays import Floats
from lifecycle.churn.prediction.btyd.minimising import maximise


@dataclass(frozen=True)
class Sbg:
    """alpha, beta of the beta of not renewing."""

    alpha: float
    beta: float

    @property
    def parameters(self) -> Floats:
        return np.array([self.alpha, self.beta])

    def survival(self, years: Floats) -> Floats:
        """Share of the cohort that renewed so many times."""
        return np.exp(betaln(self.alpha, self.beta + years) - betaln(self.alpha, self.beta))


def fit(kept: Floats) -> Sbg:
    """The model of a cohort: kept[t] were left after t renewals, kept[0] at the start; CannotFit."""
    found = maximise(lambda p: log_likelihood(p, kept), size=2, penalty=0.0, weight=float(kept[0]))
    return Sbg(*(float(each) for each in found))


def log_likelihood(parameters: Floats, kept: Floats) -> tuple[float, Floats]:
    """(log likelihood, gradient by alpha, beta)."""
    alpha, beta = parameters
    lost, years = -np.diff(kept), np.arange(1, kept.size)
    last = years[-1]
    ended = betaln(alpha + 1, beta + years - 1) - betaln(alpha, beta)
    value = lost @ ended + kept[-1] * (betaln(alpha, beta + last) - betaln(alpha, beta))
    whole = psi(alpha + beta)
    by_alpha = lost @ (psi(alpha + 1) - psi(alpha + beta + years) - psi(alpha) + whole)
    by_alpha = by_alpha + kept[-1] * (whole - psi(alpha + beta + last))
    by_beta = lost @ (psi(beta + years - 1) - psi(alpha + beta + years) - psi(beta) + whole)
    by_beta = by_beta + kept[-1] * (psi(beta + last) - psi(alpha + beta + last) - psi(beta) + whole)
    return float(value), np.array([by_alpha, by_beta])
