import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm import money, periods

COPY = Path(__file__).parent / "cases" / "money.json"
SPEC = Path(__file__).parents[3] / "shared" / "spec" / "cases" / "money.json"
CASES = json.loads(COPY.read_text(encoding="utf-8"))

fen = st.integers(-(10**15), 10**15)
unhurried = settings(deadline=None)  # a busy machine is no fault
weights = st.lists(st.integers(0, 10_000), min_size=1, max_size=12).filter(any)


def fens(amounts: list[str]) -> list[int]:
    return [money.to_fen(Decimal(amount)) for amount in amounts]


@pytest.mark.skipif(not SPEC.exists(), reason="the specification is not beside the project")
def test_the_copy_of_the_cases_is_the_specification() -> None:
    assert json.loads(SPEC.read_text(encoding="utf-8")) == CASES


@pytest.mark.parametrize("case", CASES["round"], ids=lambda case: case["value"])
def test_rounding_takes_halves_away_from_zero(case: dict) -> None:
    assert str(money.quantise(Decimal(case["value"]), case["places"])) == case["result"]


@pytest.mark.parametrize("case", CASES["net"], ids=lambda case: case["gross"])
def test_net_and_tax_make_the_gross(case: dict) -> None:
    (gross,) = fens([case["gross"]])
    net = money.net_of_tax(gross, Decimal(case["vat_rate"]))
    assert [money.fen_text(net), money.fen_text(gross - net)] == [case["net"], case["tax"]]


@pytest.mark.parametrize("case", CASES["split"], ids=lambda case: case["total"])
def test_a_split_gives_the_odd_fen_to_the_largest_remainder(case: dict) -> None:
    (total,) = fens([case["total"]])
    assert money.split(total, case["weights"]) == fens(case["shares"])


@pytest.mark.parametrize("case", CASES["years"], ids=lambda case: case["gross"])
def test_contract_years_share_the_gross(case: dict) -> None:
    (gross,) = fens([case["gross"]])
    starts_on, ends_on = date.fromisoformat(case["starts_on"]), date.fromisoformat(case["ends_on"])
    assert list(periods.schedule(gross, starts_on, ends_on)) == fens(case["schedule"])


@pytest.mark.parametrize("case", CASES["release"], ids=lambda case: case["total"])
def test_receipts_release_the_exact_total(case: dict) -> None:
    total, due = fens([case["total"], case["due"]])
    assert money.release(total, due, fens(case["receipts"])) == fens(case["portions"])


@pytest.mark.parametrize("case", CASES["uppercase"], ids=lambda case: case["amount"])
def test_an_amount_in_capitals(case: dict) -> None:
    assert money.capitals(Decimal(case["amount"])) == case["text"]


@pytest.mark.parametrize("case", CASES["ageing"], ids=lambda case: case["as_of"])
def test_the_ageing_bucket_of_a_receivable(case: dict) -> None:
    due_on, as_of = date.fromisoformat(case["due_on"]), date.fromisoformat(case["as_of"])
    assert money.ageing_bucket(due_on, as_of) == case["bucket"]


def test_capitals_reach_to_thirteen_digits() -> None:
    assert money.capitals(Decimal("1000050000000.07")) == "人民币壹万亿零伍仟万元零柒分"
    with pytest.raises(ValueError, match="too large"):
        money.capitals(Decimal("10000000000000.00"))


def test_a_float_is_no_amount() -> None:
    with pytest.raises(TypeError):
        money.round_half_up(0.5)  # type: ignore[arg-type]


@pytest.mark.parametrize("amount", ["0.001", "NaN", "Infinity"])
def test_what_is_not_whole_fen_is_refused(amount: str) -> None:
    with pytest.raises(ValueError):
        money.to_fen(Decimal(amount))


@pytest.mark.parametrize("parts", [[0, 0], [], [5, -1]])
def test_a_split_needs_weights(parts: list[int]) -> None:
    with pytest.raises(ValueError):
        money.split(100, parts)


@unhurried
@given(fen, weights)
def test_shares_sum_to_the_total_and_no_share_is_a_fen_off(total: int, parts: list[int]) -> None:
    shares = money.split(total, parts)
    assert sum(shares) == total
    assert all(
        abs(share - Fraction(total * part, sum(parts))) < 1 for share, part in zip(shares, parts, strict=True)
    )


@unhurried
@given(fen, weights)
def test_a_reversal_mirrors_the_split(total: int, parts: list[int]) -> None:
    assert money.split(-total, parts) == [-share for share in money.split(total, parts)]


@unhurried
@given(fen, st.integers(1, 10**12))
def test_rounding_is_the_nearest_and_mirrors_itself(numerator: int, denominator: int) -> None:
    rounded = money.round_ratio(numerator, denominator)
    assert abs(rounded - Fraction(numerator, denominator)) <= Fraction(1, 2)
    assert money.round_ratio(-numerator, denominator) == -rounded


@unhurried
@given(fen)
def test_fen_survive_being_written(amount: int) -> None:
    assert money.to_fen(money.from_fen(amount)) == amount


@unhurried
@given(
    st.integers(0, 10**13),
    st.integers(1, 10**13),
    st.lists(st.integers(0, 10**12), max_size=20),
)
def test_release_never_passes_the_total_and_grows_with_cash(
    total: int, due: int, receipts: list[int]
) -> None:
    portions = money.release(total, due, receipts)
    assert all(portion >= 0 for portion in portions)
    assert sum(portions) == money.released(total, sum(receipts), due)
