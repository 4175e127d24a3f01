import json
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from customers.assignment import deciding
from customers.assignment.deciding import Candidate, Question, decide, round_robin

COPY = Path(__file__).parent / "cases" / "ownership.json"
SPEC = Path(__file__).parents[3] / "shared" / "spec" / "cases" / "ownership.json"
CASES = json.loads(COPY.read_text(encoding="utf-8"))


@pytest.mark.skipif(not SPEC.exists(), reason="the specification is not beside the project")
def test_the_copy_of_the_cases_is_the_specification() -> None:
    assert json.loads(SPEC.read_text(encoding="utf-8")) == CASES


def candidate(code: str, authority: str | None = None, **fields) -> Candidate:
    return Candidate(code, authority=None if authority is None else Decimal(authority), **fields)


def question(departments: list[dict], annual_amount: str, **fields) -> Question:
    return Question(tuple(candidate(**each) for each in departments), Decimal(annual_amount), **fields)


@pytest.mark.parametrize("case", CASES["assign"], ids=lambda case: case["id"])
def test_a_customer_is_assigned_as_the_table_says(case: dict) -> None:
    decision = decide(question(**case["input"]))
    assert {
        "rule": decision.rule,
        "responsible_dept": decision.responsible_dept,
        "to_pool": decision.to_pool,
        "collaborators": [vars(each) for each in decision.collaborators],
    } == case["expect"]


def test_departments_with_as_many_customers_are_taken_by_code() -> None:
    two = (Candidate("SOUTH", capable=True, in_region=True), Candidate("EAST", capable=True, in_region=True))
    assert decide(Question(two)).responsible_dept == "EAST"


def test_a_key_account_department_that_is_not_capable_is_passed_over() -> None:
    two = (
        Candidate("SALES", capable=True, in_region=True, authority=Decimal(1)),
        Candidate("KA", capable=False, in_region=True, key_account=True),
    )
    decision = decide(Question(two, Decimal(2), developer_dept="SALES"))
    assert (decision.rule, decision.responsible_dept) == ("ASSIGN-04", "SALES")


def test_a_developer_whose_department_is_gone_counts_as_not_capable() -> None:
    one = (Candidate("SALES", capable=True, in_region=True),)
    decision = decide(Question(one, developer_dept="CLOSED"))
    assert (decision.rule, decision.responsible_dept) == ("ASSIGN-07", "SALES")


@pytest.mark.parametrize("case", CASES["round_robin"], ids=lambda case: str(case["input"]["customers"]))
def test_customers_are_dealt_in_turn(case: dict) -> None:
    people = case["input"]["people"]
    counts = Counter(round_robin(people, case["input"]["customers"]))
    assert {person: counts[person] for person in people} == case["expect"]["counts"]


def test_nobody_cannot_take_a_turn() -> None:
    with pytest.raises(ValueError, match="nobody"):
        round_robin([], 1)


@pytest.mark.parametrize("case", CASES["deal_after_transfer"], ids=lambda case: case["input"]["signed_on"])
def test_a_deal_soon_after_a_transfer_is_shared(case: dict) -> None:
    days = {name: date.fromisoformat(day) for name, day in case["input"].items()}
    old, new = deciding.deal_after_transfer(**days)
    assert {"old_owner_basis_points": old, "new_owner_basis_points": new} == case["expect"]


def test_a_deal_before_the_transfer_is_the_new_owners() -> None:
    assert deciding.deal_after_transfer(date(2025, 5, 2), date(2025, 5, 1)) == (0, 10_000)
