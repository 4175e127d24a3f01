"""Figures, populations and the ladder, each by hand-made arrays."""

from datetime import date

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from lifecycle.churn.backtest.report import Origin, Settings, report
from lifecycle.churn.prediction import boosting, ladder, leaks, logit, metrics, scorecard
from lifecycle.churn.prediction.arrays import day_number, months_later
from lifecycle.churn.prediction.duration import Contracts, periods
from lifecycle.churn.prediction.features import encoding
from lifecycle.churn.prediction.intervals import Sample, auc_of, difference, intervals
from lifecycle.churn.prediction.ladder import Champion, Rung, champion
from lifecycle.churn.prediction.orders import lost, one_row_a_day, standing
from lifecycle.churn.prediction.refusals import TooLittle
from lifecycle.churn.prediction.repeat import RepeatOrders
from lifecycle.churn.prediction.trials import Trial, hold

YES_NO = np.array([True, False, True, False])


def of(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)


# Figures


def test_auc_counts_pairs_and_ties_half() -> None:
    assert metrics.auc(of(0.9, 0.1, 0.8, 0.2), YES_NO) == 1.0
    assert metrics.auc(of(0.5, 0.5, 0.5, 0.5), YES_NO) == 0.5
    assert metrics.auc(of(0.9, 0.5, 0.1, 0.5), YES_NO) == 0.5
    assert metrics.auc(of(1, 2), np.array([True, True])) is None


def test_auc_by_weights_is_the_auc_of_rows_drawn_so_often() -> None:
    random = np.random.default_rng(2)
    score, happened = random.normal(size=60).round(1), random.random(60) < 0.4
    weight = random.integers(0, 4, 60)
    drawn = np.repeat(np.arange(60), weight)
    assert metrics.auc(score, happened, weight) == pytest.approx(metrics.auc(score[drawn], happened[drawn]))


def test_pr_auc_lift_and_precision_agree_with_sklearn_and_by_hand() -> None:
    from sklearn.metrics import average_precision_score, roc_auc_score

    random = np.random.default_rng(3)
    score, happened = random.normal(size=200).round(1), random.random(200) < 0.3
    assert metrics.pr_auc(score, happened) == pytest.approx(average_precision_score(happened, score))
    assert metrics.auc(score, happened) == pytest.approx(roc_auc_score(happened, score))
    ten = np.arange(20.0)
    flags = np.arange(20) >= 17
    assert metrics.precision_at(ten, flags) == 1.0
    assert metrics.measures(ten / 20, flags).lift_at_10 == pytest.approx(1 / 0.15)


def test_equal_scores_at_the_border_of_the_flagged_count_by_their_share() -> None:
    assert metrics.precision_at(np.zeros(100), np.arange(100) < 30) == pytest.approx(0.3)


def test_calibration_is_measured_in_groups_of_equal_size() -> None:
    said = np.repeat([0.2, 0.8], 50)
    happened = np.tile(np.arange(10) < 4, 10)
    assert metrics.calibration_error(said, happened, bins=2) == pytest.approx(0.3)
    assert metrics.measures(said, happened).observed_expected == pytest.approx(0.8)


def test_scores_that_stay_are_stable_and_those_that_move_are_not() -> None:
    random = np.random.default_rng(4)
    before = random.random(3000)
    assert metrics.stability(before, random.random(3000)) < 0.02
    assert metrics.stability(before, random.random(3000) ** 3) > 0.2


def test_intervals_draw_customers_with_all_their_rows() -> None:
    """Every row ten times over must not narrow the interval when the ten are one customer's."""
    random = np.random.default_rng(5)
    happened = random.random(150) < 0.4
    said = np.clip(0.4 + 0.1 * happened + random.normal(0, 0.15, 150), 0, 1)
    once = Sample(np.arange(150), said, happened)
    tenfold = Sample(np.repeat(np.arange(150), 10), np.repeat(said, 10), np.repeat(happened, 10))
    found = intervals(
        {
            "once": auc_of([once]),
            "tenfold": auc_of([tenfold]),
            "same": difference(auc_of([once]), auc_of([once])),
        },
        customers=150,
        seed=1,
        replicates=100,
    )
    assert found["once"] == pytest.approx(found["tenfold"])
    assert found["once"][1] - found["once"][0] > 0.1
    assert found["same"] == (0, 0)


# Who is judged, and what is known of him


def orders(*rows: tuple[int, int, float]):
    return one_row_a_day(*(np.array(column) for column in zip(*rows, strict=True)))


def test_rows_of_one_day_are_one_order() -> None:
    made = orders((1, 10, 5.0), (1, 10, 7.0), (1, 20, 1.0))
    assert_array_equal(made.day, [10, 20])
    assert_array_equal(made.amount, [12.0, 1.0])


def test_how_a_customer_stands_at_an_origin() -> None:
    made = orders((1, 0, 5.0), (1, 20, 7.0), (1, 60, 9.0), (1, 130, 99.0))
    at = standing(made, 100, 50)
    assert (at.x[0], at.t_x[0], at.age[0], at.silence[0], at.gap[0]) == (2, 60, 100, 40, 30)
    assert (at.lately[0], at.before[0], at.spent_lately[0], at.spent_before[0]) == (1, 1, 9, 7)
    assert at.gap_spread[0] == pytest.approx(np.std([20, 40], ddof=1))
    assert (at.spent[0], at.last_basket[0]) == (21, 9)


def test_the_population_has_a_repeat_order_and_one_within_two_horizons() -> None:
    made = orders(
        (1, 90, 1.0), (2, 0, 1.0), (2, 10, 1.0), (3, 0, 1.0), (3, 60, 1.0), (4, 0, 1.0), (4, 59, 1.0)
    )
    at = standing(made, 100, 20).at_risk(20)
    assert_array_equal(at.customer, [3])


def test_lost_is_who_has_no_order_after_the_origin_until_the_horizon() -> None:
    made = orders((1, 100, 1.0), (2, 101, 1.0), (3, 110, 1.0), (4, 111, 1.0))
    assert_array_equal(lost(made, np.array([1, 2, 3, 4]), 100, 10), [True, False, False, True])


def test_another_company_beside_it_changes_no_byte_of_a_companys_scores() -> None:
    """Nothing is pooled: what is fitted to A's rows is the same whether B was fitted before or not."""
    random = np.random.default_rng(6)

    def company(scale: float):
        customer = np.repeat(np.arange(80), 12)
        day = (random.random(960) * 700 / scale).astype(int)
        return one_row_a_day(customer, day, np.full(960, 5.0))

    a, b = company(1.0), company(1.4)
    alone = RepeatOrders(a, 90, 0).trial(600).said
    RepeatOrders(b, 90, 0).trial(400)
    beside = RepeatOrders(a, 90, 0).trial(600).said
    assert alone.keys() == beside.keys()
    assert all(alone[name].tobytes() == beside[name].tobytes() for name in alone)


def test_person_periods_are_of_those_in_force_and_hold_what_was_known_then() -> None:
    day = day_number(date(2024, 12, 31))
    start = np.array([months_later(day, -30), months_later(day, -30), months_later(day, -6)])
    end = np.array([months_later(day, -20), day + 900, months_later(day, -3)], dtype=float)
    made = Contracts(start, end, np.array([True, False, True]), {})
    blocks = periods(made, day, 12)
    assert [list(happened) for _, happened in blocks] == [[True, False], [False]]
    assert_allclose(blocks[0][0]["age_years"], [0.5, 0.5], atol=0.01)


def test_months_stay_inside_a_shorter_month() -> None:
    assert months_later(day_number(date(2024, 1, 31)), 1) == day_number(date(2024, 2, 29))
    assert months_later(day_number(date(2024, 12, 31)), -12) == day_number(date(2023, 12, 31))


# Methods


def test_the_scorecards_contributions_add_up_to_its_score() -> None:
    made = orders(*((1, day, 1.0) for day in (0, 20, 60)), *((2, day, 1.0) for day in (0, 90)))
    at = standing(made, 100, 50)
    total = scorecard.INTERCEPT + sum(scorecard.contributions(at, 50).values())
    assert_allclose(scorecard.no_order(at, 50), 1 / (1 + np.exp(-total)))
    assert scorecard.no_order(at, 50)[1] < scorecard.no_order(standing(made, 180, 50), 50)[1]


def test_a_logit_is_the_sum_of_its_columns() -> None:
    random = np.random.default_rng(7)
    columns = {"x": random.normal(size=400), "w": random.choice(["a", "b"], 400)}
    columns["x"][:30] = np.nan
    model = logit.fit(columns, random.random(400) < 0.3, c=0.03)
    matrix = model.encoding.matrix(columns)
    assert len(model.encoding.families()) == matrix.shape[1]
    assert_allclose(model.intercept + (matrix * model.coefficients).sum(axis=1), model.log_odds(columns))


def test_a_missing_number_and_a_new_word_say_nothing_of_their_own() -> None:
    learned = encoding({"x": of(*range(40)), "w": np.array(["a", "b"] * 20)})
    row = learned.matrix({"x": of(np.nan), "w": np.array(["never seen"])})
    assert_array_equal(row, np.zeros_like(row))


def test_boosting_waits_for_a_thousand_events() -> None:
    with pytest.raises(TooLittle, match=r"^95 events, needs 1,000$"):
        boosting.fit({"x": np.zeros(200)}, np.arange(200) < 95, seed=0)


def test_a_column_is_too_good_only_when_it_tells_the_outcome_alone() -> None:
    random = np.random.default_rng(8)
    happened = random.random(500) < 0.3
    columns = {
        "noise": random.normal(size=500),
        "good": happened + random.normal(0, 1.0, 500),
        "copy": happened.astype(float),
        "near": happened + random.normal(0, 0.2, 500),
        "absolute": np.where(happened, 1, 0) * random.choice([-1.0, 1.0], 500),
        "many": np.arange(500).astype(str),
    }
    assert leaks.of_outcome(columns, happened, 0).keys() == {"copy", "near", "absolute"}


# The ladder

RUNGS = (Rung("rule", 0), Rung("own", 2), Rung("challenger", 3))


def trial(origin: int, quality: dict[str, float], rows: int = 400) -> Trial:
    """Each method knows so much of the truth; 0 is the base rate."""
    random = np.random.default_rng(origin)
    happened = random.random(rows) < 0.4
    said = {name: 0.4 + much * (happened - 0.4) for name, much in quality.items()}
    return hold(origin, np.arange(rows), happened, {n: (lambda p=p: p) for n, p in said.items()}, 0.4)


def test_what_proved_itself_at_the_last_origins_climbs() -> None:
    quality = {"rule": 0.05, "own": 0.2, "challenger": 0.4}
    found = champion(RUNGS, trial(3, quality), [trial(1, quality), trial(2, quality)])
    assert (found.name, found.level) == ("challenger", 3)
    assert "lower than own over the last 2 completed origins" in found.why


def test_a_challenger_needs_confidence_and_a_tenants_own_model_a_gain() -> None:
    happened = np.arange(40) % 2 == 0
    right = np.where(happened, 1.0, -1.0)
    rule, own = 0.5 + 0.01 * right, 0.5 + 0.03 * right
    lucky = own + 0.1 * right * np.where(np.arange(40) < 23, 1, -1)
    past = Trial(1, np.arange(40), happened, {"rule": rule, "own": own, "challenger": lucky}, {})
    found = ladder.gain("challenger", "own", [past])
    assert found.lower < 0 < found.mean
    assert champion(RUNGS, past, [past]).name == "own"


def test_what_is_worse_than_the_base_rate_falls_back_and_says_so() -> None:
    quality = {"rule": -0.1, "own": -0.05, "challenger": -0.01}
    found = champion(RUNGS, trial(3, quality), [trial(1, quality), trial(2, quality)])
    assert (found.name, found.level) == ("base_rate", 0)
    assert found.why == "no method was better than the base rate over the last 2 completed origins"


def test_without_a_completed_origin_the_rule_stands() -> None:
    found = champion(RUNGS, trial(1, {"rule": 0.1, "own": 0.5}), [])
    assert (found.name, found.why) == ("rule", "no completed origin to measure a model by")


def test_a_method_that_was_not_open_before_cannot_be_champion_now() -> None:
    now = trial(3, {"rule": 0.1, "own": 0.5, "challenger": 0.9})
    past = [trial(each, {"rule": 0.1, "own": 0.5}) for each in (1, 2)]
    assert champion(RUNGS, now, past).name == "own"


def test_rows_of_one_customer_prove_no_more_than_one() -> None:
    single, twin = trial(1, {"rule": 0.1, "own": 0.3}), trial(1, {"rule": 0.1, "own": 0.3})
    once, twice = ladder.gain("own", "rule", [single]), ladder.gain("own", "rule", [single, twin])
    assert once == pytest.approx(twice)


# Alarms


def judged(lost_share: float, last_year: float | None) -> list[str]:
    """The alarms of an origin whose champion said 40 % of a thousand, by what share was lost."""

    def of_share(share: float) -> Trial:
        return hold(
            1, np.arange(1000), np.arange(1000) < 1000 * share, {"own": lambda: np.full(1000, 0.4)}, 0.4
        )

    before = None if last_year is None else of_share(last_year)
    found = Origin("now", of_share(lost_share), Champion("own", 2, ""), last_year=lambda: before)
    asked = Settings("repeat", seed=0, replicates=1)
    return [each["kind"] for each in report([found], asked, rows=1000, customers=1000)["alarms"]]


def test_an_alarm_tells_that_more_or_fewer_were_lost_than_said() -> None:
    assert judged(0.40, None) == judged(0.44, None) == []
    assert judged(0.50, None) == judged(0.30, None) == ["observed_expected"]


def test_no_alarm_when_the_same_months_of_last_year_were_so_too() -> None:
    assert judged(0.30, 0.31) == []
    assert judged(0.30, 0.40) == ["observed_expected"]
