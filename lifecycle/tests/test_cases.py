"""The worked cases of stages, signals and scores, through the SQL expressions themselves.

The cases call the middle band YELLOW; the product and its API call it AMBER.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from crm.tests.cast import TODAY
from customers.models import Standing
from lifecycle.churn import policy, score, scoring
from lifecycle.models import RiskScore, Signal
from lifecycle.stages import first_that_holds
from lifecycle.tests import book

COPY = Path(__file__).parent / "cases" / "lifecycle.json"
ORIGINAL = Path(__file__).parents[3] / "shared" / "spec" / "cases" / "lifecycle.json"
CASES = json.loads((ORIGINAL if ORIGINAL.exists() else COPY).read_text())
SETTINGS = policy.read(policy.DEFAULT)
SQL = score.compile_settings(SETTINGS)
BANDS = {"YELLOW": "AMBER"}

pytestmark = pytest.mark.django_db


def rows(sql: str, values: list[Any]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def test_the_copy_of_the_cases_is_complete() -> None:
    assert json.loads(COPY.read_text()) == CASES
    assert {group: len(CASES[group]) for group in ("stage", "signal", "score")} == {
        "stage": 11,
        "signal": 37,
        "score": 5,
    }


def test_stages_are_those_of_the_cases() -> None:
    asked = [case["input"] for case in CASES["stage"]]
    line = "(%s::date, %s::boolean, %s::date, %s::date, %s::int)"
    names = ("first_starts_on", "renewed", "ends_on", "as_of", "score")
    sql = f"""
    SELECT {first_that_holds("stage")} FROM (
      SELECT j.*, {SQL.band} AS risk_band, false AS is_blocked, false AS terminated,
             NULL::date AS left_red_on, NULL::date AS won_back_on, as_of AS last_contact_on,
             as_of AS registered_on
      FROM (VALUES {", ".join([line] * len(asked))}) AS j ({", ".join(names)})
    ) f"""
    found = rows(sql, [case.get(name) for case in asked for name in names])
    assert [stage for (stage,) in found] == [case["expect"]["stage"] for case in CASES["stage"]]


COLUMNS = {  # of a row of features, with the type
    Signal.UNQUOTED: {"days_to_end": "int", "quoted": "boolean"},
    Signal.COMPLAINTS: {"complaints": "text[]"},
    Signal.SATISFACTION: {"nps_answer": "int", "drop": "int"},
    Signal.PAYMENT: {"overdue_days": "int"},
    Signal.SHRINK: {"renewal_ratio": "numeric"},
    Signal.USAGE: {"usage_change": "numeric"},
}


@pytest.mark.parametrize("name", COLUMNS)
def test_points_of_a_signal_are_those_of_the_cases(name: Signal) -> None:
    cases = [case for case in CASES["signal"] if case["name"] == name]
    (weighing,) = [each for each in SETTINGS.weighings if each.signal == name]
    line = ", ".join(f"%s::{kind}" for kind in COLUMNS[name].values())
    columns = ", ".join(COLUMNS[name]).replace("drop", "satisfaction_drop")
    lines = ", ".join([f"({line})"] * len(cases))
    sql = f"SELECT {score.points(weighing)} FROM (VALUES {lines}) AS f ({columns})"
    values = []
    for case in cases:
        given = case["input"]
        values += [given[column] for column in COLUMNS[name]] if isinstance(given, dict) else [given]
    assert [points for (points,) in rows(sql, values)] == [case["score"] for case in cases]


@pytest.mark.parametrize("case", [case for case in CASES["signal"] if case["name"] == "interaction"])
def test_silence_against_the_usual_interval_is_that_of_the_cases(here, case: dict[str, Any]) -> None:
    given, east = case["input"], here.departments["EAST"]
    asked = book.customer("ASKED", department=east)
    colleagues = [book.customer(f"C{number}", department=east) for number in range(3)]
    for each in (asked, *colleagues):
        book.contract(each, date(2026, 6, 1), date(2027, 6, 1))
    book.rhythm(asked, given["intervals"], given["silent_days"], TODAY)
    for each in colleagues:
        book.rhythm(each, [given["dept_median"]] * 5, 1, TODAY)
    scoring.rescore([asked.id], TODAY, book.NOW)
    (signal,) = [
        each for each in RiskScore.objects.get(customer=asked).signals if each["signal"] == "interaction"
    ]
    assert signal["points"] == case["score"]
    scoring.score_all(TODAY, book.NOW)  # the night says the same, so it writes nothing
    assert RiskScore.objects.filter(customer=asked).count() == 1
    assert Standing.objects.get(customer=asked).risk_score == RiskScore.objects.get(customer=asked).score


@pytest.mark.parametrize("case", CASES["score"], ids=lambda case: str(case["expect"]["score"]))
def test_score_band_and_reasons_are_those_of_the_cases(case: dict[str, Any]) -> None:
    points = [case["signals"][signal] for signal in Signal]
    ((_points, number, band, reasons),) = rows(SQL.judgement("(SELECT %s::int[] AS points)"), [points])
    expected = case["expect"]
    assert (number, band, json.loads(reasons)) == (
        expected["score"],
        BANDS.get(expected["band"], expected["band"]),
        expected["reasons"],
    )
