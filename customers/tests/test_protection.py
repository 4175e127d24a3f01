import json
from datetime import date
from pathlib import Path

import pytest

from customers.pools.protection import SHIELDS, Asked, drop, judge_claim, protected_through, signed_through

CASES = json.loads((Path(__file__).parent / "cases" / "ownership.json").read_text(encoding="utf-8"))
FLAGS = {"renewal_window", "contract_in_force", "locked"} | set(SHIELDS)


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def told(case: dict, *names: str) -> dict:
    return {name: case[name] for name in names if name in case}


@pytest.mark.parametrize("case", CASES["protection"], ids=str)
def test_a_customer_is_protected_as_long_as_the_policy_says(case: dict) -> None:
    given, expected = case["input"], day(case["expect"]["protected_through"])
    if given["stage"] == "SIGNED":
        assert signed_through(day(given["contract_ends_on"])) == expected
        return
    assert (
        protected_through(
            given["stage"],
            given["class"],
            day(given["last_follow_up"]),
            day(given["owner_since"]),
            extended=given.get("extended", False),
        )
        == expected
    )


@pytest.mark.parametrize("case", CASES["release"], ids=str)
def test_a_customer_drops_when_its_terms_have_run_out_and_nothing_shields_it(case: dict) -> None:
    given, expected = case["input"], case["expect"]
    shields = frozenset(name for name in FLAGS if given.get(name))
    found = drop(given["class"], day(given["last_follow_up"]), day(given["owner_since"]), shields=shields)
    assert (found.on, found.shield, found.reminders) == (
        day(expected["released_on"]),
        expected["exempt"],
        [day(each) for each in expected["reminders"]],
    )


@pytest.mark.parametrize("case", CASES["claim"], ids=str)
def test_a_claim_is_judged_as_the_policy_says(case: dict) -> None:
    given, expected = case["input"], case["expect"]
    asked = Asked(
        on=day(given["date"]),
        released_on=day(given["released_on"]),
        held_before=given["person"] == given["previous_owner"],
        **told(given, "claims_today", "owned_without_contract", "locked", "has_contract"),
    )
    verdict = judge_claim(asked)
    assert (verdict.result, verdict.allowed_from if verdict.result == "cool_down" else None) == (
        expected["result"],
        day(expected.get("allowed_from")),
    )


def test_a_claimed_customer_that_nobody_reached_drops_after_the_days_of_a_first_contact() -> None:
    since = date(2026, 11, 20)
    assert (drop("GENERAL", None, since, claimed=True).on, drop("GENERAL", None, since, claimed=True).by) == (
        date(2026, 11, 24),
        "first_touch",
    )
    assert drop("GENERAL", since, since, claimed=True).on == date(2026, 12, 21)


def test_a_signature_stops_the_clock_of_signatures_only() -> None:
    since, reached = date(2026, 1, 1), date(2026, 4, 1)
    assert (drop("GENERAL", reached, since).by, drop("GENERAL", reached, since, signed=True).on) == (
        "signature",
        date(2026, 5, 2),
    )
