import json

import pytest

from commissions.calculation import answer
from commissions.tests.worked import COPIES, JSON, SPEC, load, matches

NAMES = ["commission", "tiers", "full-response"]
FOLDERS = [folder for folder in (COPIES, SPEC) if folder.exists()]
CASES = [case for folder in FOLDERS for name in NAMES[:2] for case in load(folder, name)["cases"]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_worked_case_gives_its_answer(case: JSON) -> None:
    answered = answer(case["request"])
    assert matches(case["expect"], answered), answered


@pytest.mark.skipif(not SPEC.exists(), reason="the specification is not beside the project")
@pytest.mark.parametrize("name", NAMES)
def test_the_copies_of_the_cases_are_the_specification(name: str) -> None:
    assert load(COPIES, name) == load(SPEC, name)


def without_words(answered: JSON) -> JSON:
    trace = [
        {key: value for key, value in step.items() if key not in ("formula", "inputs")}
        for step in answered["trace"]
    ]
    return answered | {"trace": trace}


@pytest.mark.parametrize("folder", FOLDERS, ids=str)
def test_the_example_is_answered_in_full(folder: object) -> None:
    example = load(folder, "full-response")
    assert without_words(answer(example["request"])) == without_words(example["response"])


def test_every_step_of_the_trace_says_how() -> None:
    trace = answer(load(COPIES, "full-response")["request"])["trace"]
    assert [step for step in trace if not (step["formula"] and step["inputs"])] == []


def test_an_answer_is_json() -> None:
    answered = answer(load(COPIES, "full-response")["request"])
    assert json.loads(json.dumps(answered)) == answered


@pytest.mark.parametrize(
    ("expected", "actual", "fits"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": None}, {}, False),
        ([1, 3], [1, 2, 3], True),
        ([3, 1], [1, 2, 3], False),
        ({"$exactly": [{"a": 1}]}, [{"a": 1, "b": 2}], True),
        ({"$exactly": [1]}, [1, 2], False),
        ("1", 1, False),
        (True, 1, False),
    ],
)
def test_the_subset_match_is_that_of_the_specification(expected: object, actual: object, fits: bool) -> None:
    assert matches(expected, actual) == fits
