import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from commissions.calculation import answer, trace
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


def test_the_calculation_knows_nothing_of_django() -> None:
    loaded = "import sys, commissions.calculation; print('django' in sys.modules)"
    root = Path(__file__).parents[2]
    said = subprocess.run(
        [sys.executable, "-c", loaded], cwd=root, capture_output=True, check=True, text=True
    )
    assert said.stdout == "False\n"


@pytest.mark.parametrize("setting", [{}, {"ops_from_dept": True}, {"cliff_protection": True}])
def test_every_formula_is_a_text_of_its_own_that_can_be_translated(setting: JSON) -> None:
    example = load(COPIES, "full-response")["request"] | {"plan": setting}
    marked = {
        node.args[0].value
        for node in ast.walk(ast.parse(Path(trace.__file__).read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "_"
        and isinstance(node.args[0], ast.Constant)
    }
    assert {step["formula"] for step in answer(example)["trace"]} - marked == set()
