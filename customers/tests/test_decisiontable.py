"""The decision table as data: the one of the specification, and what keeps a changed one from standing."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customers.assignment.deciding import Candidate, Collaborator, Question, by_load, decide, situation_of
from customers.assignment.table import (
    DEFAULT_TABLE,
    FACTS,
    OUTCOMES,
    SHARERS,
    Rule,
    first,
    flaws,
    situations,
)

CODES = ("A", "B", "C", "D")
amounts = st.sampled_from([Decimal(n) for n in ("0", "99999.99", "100000", "499999.99", "500000", "2000000")])
maybe = st.none() | st.booleans()


@st.composite
def questions(draw) -> Question:
    """Any customer: of up to four departments some able, some in the region, the developer's maybe closed."""
    codes = draw(st.lists(st.sampled_from(CODES), unique=True, max_size=4))
    candidates = [
        Candidate(
            code,
            capable=draw(st.booleans()),
            in_region=draw(st.booleans()),
            in_force_customers=draw(st.integers(0, 3)),
            key_account=draw(st.booleans()),
            authority=draw(st.none() | amounts),
        )
        for code in codes
    ]
    named = st.none() | st.sampled_from(CODES)
    return Question(tuple(candidates), draw(amounts), *(draw(named) for _ in range(4)))


@st.composite
def tables(draw) -> list[Rule]:
    """Rows at random below the top, most of which cannot stand."""
    conditions = st.fixed_dictionaries({}, optional=dict.fromkeys(FACTS, maybe))
    rows = []
    for number in range(draw(st.integers(1, 6))):
        span = sorted(draw(st.sets(amounts, max_size=2)))
        about = draw(conditions) | dict(zip(("amount_below", "amount_from"), span, strict=False))
        rows.append(Rule(f"ASSIGN-{number:02d}", draw(st.sampled_from(OUTCOMES)), **about))
    return rows


def by_hand(asked: Question) -> tuple[str, str | None, tuple[Collaborator, ...]]:
    """The table of the specification, written as a person reads it."""
    developer = next((one for one in asked.departments if one.code == asked.developer_dept), None)
    able = by_load(one for one in asked.departments if one.capable)
    near = [one for one in able if one.in_region]

    def with_share(rule: str, dept: str | None, other: str | None, share: int):
        return rule, dept, (Collaborator(other, share),) if other not in (None, dept) else ()

    if asked.override_dept:
        return with_share("ASSIGN-01", asked.override_dept, asked.developer_dept, 2_000)
    if asked.protected_owner_dept:
        return with_share("ASSIGN-02", asked.protected_owner_dept, asked.intel_dept, 2_000)
    if not able:
        return "ASSIGN-09", None, ()
    if asked.developer_dept is None:
        return "ASSIGN-08", (near or able)[0].code, ()
    if developer is None or not developer.capable:
        return with_share("ASSIGN-07", (near or able)[0].code, asked.developer_dept, 3_000)
    if developer.in_region and (developer.authority is None or asked.annual_amount <= developer.authority):
        return "ASSIGN-03", developer.code, ()
    if developer.in_region:
        keys = [one for one in able if one.key_account]
        return with_share("ASSIGN-04", (keys or [developer])[0].code, developer.code, 5_000)
    if near and asked.annual_amount < 500_000:
        return with_share("ASSIGN-05", near[0].code, developer.code, 3_000)
    return with_share("ASSIGN-06", developer.code, near[0].code if near else None, 2_000)


@settings(max_examples=500, deadline=None)
@given(questions())
def test_the_table_of_the_specification_answers_everybody_as_it_is_written(asked: Question) -> None:
    found = decide(asked)
    assert (found.rule, found.responsible_dept, found.collaborators) == by_hand(asked)


def test_the_table_of_the_specification_stands() -> None:
    assert flaws(DEFAULT_TABLE) == []


@settings(max_examples=300, deadline=None)
@given(questions())
def test_whoever_asks_is_in_a_situation_that_is_thought_of(asked: Question) -> None:
    found = situation_of(asked)
    assert found.possible
    assert replace(found, amount=Decimal(0)) in situations(DEFAULT_TABLE)


@settings(max_examples=400, deadline=None)
@given(tables(), st.lists(questions(), min_size=20, max_size=20))
def test_a_table_without_flaws_answers_everybody(table: list[Rule], asked: list[Question]) -> None:
    found = {flaw.code for flaw in flaws(table)}
    for each in asked:
        winner = first(table, situation_of(each))
        if "hole" not in found:
            assert winner is not None
        if winner is not None and "nobody" not in found and winner.outcome != "POOL":
            assert decide(each, table).responsible_dept is not None


@settings(max_examples=300, deadline=None)
@given(tables())
def test_a_flaw_names_a_row_or_a_customer_that_shows_it(table: list[Rule]) -> None:
    for flaw in flaws(table):
        if flaw.code == "hole":
            assert first(table, flaw.example) is None
        elif flaw.code == "nobody":
            assert first(table, flaw.example) is table[flaw.row]
        else:
            assert flaw.code == "never"
            assert not any(first(table, each) is table[flaw.row] for each in situations(table))


def without(*codes: str) -> list[Rule]:
    return [rule for rule in DEFAULT_TABLE if rule.code not in codes]


@pytest.mark.parametrize("code", ["ASSIGN-03", "ASSIGN-04", "ASSIGN-06", "ASSIGN-07", "ASSIGN-08"])
def test_without_one_of_its_rows_somebody_is_not_answered(code: str) -> None:
    assert [(flaw.row, flaw.code) for flaw in flaws(without(code))] == [(None, "hole")]


@pytest.mark.parametrize("code", ["ASSIGN-01", "ASSIGN-02", "ASSIGN-05"])
def test_without_one_of_these_the_rows_below_answer_in_its_place(code: str) -> None:
    assert flaws(without(code)) == []


def test_09_below_07_and_08_gives_customers_to_nobody_and_never_wins() -> None:
    (ninth,) = (rule for rule in DEFAULT_TABLE if rule.code == "ASSIGN-09")
    found = [(flaw.row, flaw.code) for flaw in flaws([*without("ASSIGN-09"), ninth])]
    assert found == [(6, "nobody"), (7, "nobody"), (8, "never")]


def test_a_hole_between_two_amounts_is_found_with_the_amount_that_falls_into_it() -> None:
    table = [
        Rule("ASSIGN-01", "POOL", amount_below=Decimal("100.00")),
        Rule("ASSIGN-02", "POOL", amount_from=Decimal("100.01")),
    ]
    (flaw,) = flaws(table)
    assert (flaw.row, flaw.code, flaw.example.amount) == (None, "hole", Decimal("100.00"))


def test_shares_need_somebody_and_a_size_and_codes_stand_once() -> None:
    table = [
        Rule("ASSIGN-01", "POOL", developed=True, share_to="DEVELOPER", basis_points=100),
        Rule("ASSIGN-01", "POOL", anyone_capable=True, basis_points=100),
        Rule("ASSIGN-02", "POOL", share_to="REGION"),
    ]
    found = [(flaw.row, flaw.code) for flaw in flaws(table)]
    assert found == [(0, "share_of_nothing"), (1, "duplicate"), (1, "share_of_nothing"), (2, "no_share")]
    assert set(SHARERS) == {"", "DEVELOPER", "INTEL", "REGION"}
