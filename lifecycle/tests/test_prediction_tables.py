"""The tables of the papers, found again."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import check_grad
from scipy.special import expit

from lifecycle.churn.prediction.btyd import bg, gamma_gamma, mbg, sbg
from lifecycle.tests.public import numbers

SUMMARY = "cdnow_summary_published.csv.gz"


@pytest.fixture(scope="module")
def cdnow():
    return numbers(SUMMARY, "x", "t_x", "T", "zbar")


def test_bg_nbd_finds_the_published_parameters_likelihood_and_orders(cdnow) -> None:
    x, t_x, age, _ = cdnow
    found = bg.fit(x, t_x, age)
    assert_allclose(found.parameters, [0.243, 4.414, 0.793, 2.426], atol=0.001)
    value, _ = bg.log_likelihood(found.parameters, x, t_x, age, np.ones(x.size))
    assert value == pytest.approx(-9582.4, abs=0.05)
    assert found.orders(x, t_x, age, 39.0).sum() == pytest.approx(1653, abs=1)


def test_mbg_nbd_finds_the_published_parameters_and_likelihood(cdnow) -> None:
    x, t_x, age, _ = cdnow
    found = mbg.fit(x, t_x, age, penalty=0.0)
    assert_allclose(found.parameters, [0.525, 6.183, 0.891, 1.614], atol=0.001)
    value, _ = mbg.log_likelihood(found.parameters, x, t_x, age, np.ones(x.size))
    assert value == pytest.approx(-9582.1, abs=0.05)


def test_gamma_gamma_finds_the_published_parameters_and_likelihood(cdnow) -> None:
    x, _, _, average = cdnow
    again = x > 0
    found = gamma_gamma.fit(x[again], average[again])
    assert_allclose(found.parameters, [6.25, 3.74, 15.44], atol=0.015)
    value, _ = gamma_gamma.log_likelihood(found.parameters, x[again], average[again])
    assert value == pytest.approx(-4055.9, abs=0.05)


@pytest.mark.parametrize(
    ("cohort", "parameters", "likelihood", "twelfth"),
    [("regular", (0.704, 1.182), -1680.3, 0.170), ("high_end", (0.668, 3.806), -1611.2, 0.378)],
)
def test_sbg_foretells_year_twelve_from_seven_years(cohort, parameters, likelihood, twelfth) -> None:
    kept = numbers("sbg_cohorts.csv", cohort)[0][:8] * 10
    found = sbg.fit(kept)
    assert_allclose(found.parameters, parameters, atol=0.001)
    assert sbg.log_likelihood(found.parameters, kept)[0] == pytest.approx(likelihood, abs=0.05)
    assert found.survival(np.array([0.0, 12.0])) == pytest.approx([1.0, twelfth], abs=0.0006)


@pytest.mark.parametrize("model", [bg, mbg])
def test_the_gradients_are_those_of_the_likelihoods(cdnow, model) -> None:
    x, t_x, age = (each[:200] for each in cdnow[:3])
    at = np.array([0.7, 5.0, 0.9, 2.1])
    ones = np.ones(x.size)
    wrong = check_grad(
        lambda p: model.log_likelihood(p, x, t_x, age, ones)[0],
        lambda p: model.log_likelihood(p, x, t_x, age, ones)[1],
        at,
    )
    assert wrong < 1e-3


def test_the_two_terms_of_the_reason_add_up_to_the_odds_of_being_gone(cdnow) -> None:
    x, t_x, age, _ = cdnow
    model = mbg.fit(x, t_x, age)
    assert_allclose(expit(model.silence(x, t_x, age) + model.loyalty(x)), 1 - model.alive(x, t_x, age))


def test_mbg_agrees_with_simulated_customers() -> None:
    """One history asked of many simulated lives: P(alive), P(no order), E[orders]."""
    model = mbg.Mbg(r=0.8, alpha=6.0, a=0.7, b=2.5)
    weeks, later, lives = 20.0, 10.0, 400_000
    random = np.random.default_rng(7)
    rate = random.gamma(model.r, 1 / model.alpha, lives)
    leaves = random.beta(model.a, model.b, lives)
    orders, alive, more = np.zeros(lives), random.random(lives) >= leaves, np.zeros(lives)
    last, clock = np.zeros(lives), np.zeros(lives)
    stays_at_end = np.zeros(lives, dtype=bool)
    going = alive.copy()
    while going.any():
        clock = np.where(going, clock + random.exponential(1, lives) / rate, np.inf)
        stays_at_end |= going & (clock > weeks)
        before, after = going & (clock <= weeks), going & (clock > weeks) & (clock <= weeks + later)
        orders += before
        more += after
        last = np.where(before, clock, last)
        going = (before | after) & (random.random(lives) >= leaves)
    once = orders == 0
    x, t_x, age = np.zeros(1), np.zeros(1), np.array([weeks])
    assert model.alive(x, t_x, age)[0] == pytest.approx(stays_at_end[once].mean(), abs=0.005)
    assert model.no_order(x, t_x, age, later)[0] == pytest.approx((more[once] == 0).mean(), abs=0.005)
    assert model.orders(x, t_x, age, later)[0] == pytest.approx(more[once].mean(), abs=0.01)


def test_time_may_be_told_in_days_or_weeks(cdnow) -> None:
    x, t_x, age, _ = cdnow
    weeks, days = mbg.fit(x, t_x, age), mbg.fit(x, t_x * 7, age * 7)
    assert_allclose(weeks.no_order(x, t_x, age, 13.0), days.no_order(x, t_x * 7, age * 7, 91.0), atol=1e-5)
