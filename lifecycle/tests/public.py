"""Where the public data of the prediction tests lie, and the backtest command run on them."""

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command

COPIES = Path(__file__).parent / "fixtures"
BESIDE = Path("shared") / "data" / "churn"
ORII = {
    "setting": "repeat",
    "columns": '{"id": "customer_id", "amount": "sales"}',
    "origins": "2011-03-12,2011-06-11,2011-09-10",
}


def data(name: str) -> Path:
    """The project's copy, or the file beside the project; skips the test when neither is there."""
    places = [COPIES / name, *(folder / BESIDE / name for folder in Path(__file__).resolve().parents[2:])]
    found = next((place for place in places if place.exists()), None)
    if found is None:
        pytest.skip(f"{name} is not beside the project and may not be copied into it")
    return found


def rows(name: str) -> list[dict[str, str]]:
    path = data(name)
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        return list(csv.DictReader(lines))


def numbers(name: str, *columns: str) -> list[np.ndarray]:
    found = rows(name)
    return [np.array([float(row[column]) for row in found]) for column in columns]


def run(file: Path | str, **options: Any) -> tuple[dict[str, Any], str, int]:
    """(the answer, what stood on standard error, the exit status)."""
    out, err, status = io.StringIO(), io.StringIO(), 0
    given = {"json": True, "replicates": 20} | options
    try:
        call_command("backtest", str(file), stdout=out, stderr=err, **given)
    except SystemExit as leaving:
        status = int(leaving.code or 0)
    return json.loads(out.getvalue() or "{}"), err.getvalue(), status


def backtest(file: Path | str, **options: Any) -> dict[str, Any]:
    """The answer of a run that must succeed."""
    answer, told, status = run(file, **options)
    assert status == 0, told
    return answer


def refusal(file: Path | str, **options: Any) -> str:
    """The one line of a run that must be refused."""
    answer, told, status = run(file, **options)
    assert (answer, status) == ({}, 2)
    last = told.strip().splitlines()[-1]
    assert told.count("\n") == 1 + told.count("origin ", 0, told.rindex(last))
    return last


def write(folder: Path, text: str, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
