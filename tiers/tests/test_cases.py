"""The worked cases of the management rules, through the database."""

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crm.refusal import Refused
from crm.tests.cast import NOW
from tiers import grading, policies
from tiers.models import Grade
from tiers.tests.book import bands_of, enter_request, govern

CASES = json.loads((Path(__file__).parent / "cases" / "tiers.json").read_text())["cases"]
HISTORIES = [case for case in CASES if "class_history" in case["expect"]]
REFUSALS = [case for case in CASES if "errors" in case["expect"]]

pytestmark = pytest.mark.django_db


def told(grade: Grade, on: date) -> dict[str, Any]:
    """A stored judgement in the words of class_history."""
    below = grade.below_since
    ends = below and below + timedelta(days=grade.policy.downgrade_grace_days)
    return {
        "as_of": on.isoformat(),
        "annual_amount": str(grade.annual_amount),
        "computed_class": grade.computed_tier,
        "effective_class": grade.tier,
        "below_since": below and below.isoformat(),
        "downgrade_on": ends and ends.isoformat(),
    }


def test_every_case_is_either_graded_or_refused() -> None:
    assert len(HISTORIES) + len(REFUSALS) == len(CASES) == 44


@pytest.mark.parametrize("case", HISTORIES, ids=lambda case: case["id"])
@pytest.mark.parametrize("order", ["forwards", "backwards"])
def test_the_tier_of_each_day_is_that_of_the_case(here, case, order) -> None:
    govern(case["request"].get("plan", {}))
    customer = enter_request(case["request"])
    expected = case["expect"]["class_history"]["$exactly"]
    if order == "backwards":  # a judgement needs no judgement before it
        expected = expected[::-1]
    for row in expected:
        on = date.fromisoformat(row["as_of"])
        grading.grade_all(on, NOW)
        found = told(grading.explain(customer), on)
        assert {key: found[key] for key in row} == row
        customer.standing.refresh_from_db()
        assert (customer.standing.tier, customer.standing.annual_amount) == (
            row["effective_class"],
            Decimal(row["annual_amount"]),
        )


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case["id"])
def test_bands_that_do_not_tile_are_refused_with_the_code_of_the_case(case) -> None:
    with pytest.raises(Refused) as refusal:
        policies.check_bands(bands_of(case["request"]["plan"]))
    codes = [error["code"] for error in case["expect"]["errors"]["$exactly"]]
    assert [(fault.field, fault.code) for fault in refusal.value.faults] == [
        ("bands", code) for code in codes
    ]
