import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from commissions.calculation import answer
from commissions.tests.worked import contract


def ask(tmp_path: Path, content: str) -> tuple[object, int]:
    """(what the command prints, its exit status)."""
    file = tmp_path / "request.json"
    file.write_text(content, encoding="utf-8")
    out, status = io.StringIO(), 0
    try:
        call_command("what_if", str(file), stdout=out, stderr=io.StringIO())
    except SystemExit as leaving:
        status = int(leaving.code or 0)
    return json.loads(out.getvalue()), status


def test_one_request_is_answered_with_its_response(tmp_path: Path) -> None:
    request = {"id": "one", "contract": contract()}
    printed, status = ask(tmp_path, json.dumps(request))
    assert status == 0
    assert printed["payees"] == answer(request)["payees"]
    assert printed["id"] == "one"


def test_a_refused_request_stands_in_its_place_and_does_not_stop_the_others(tmp_path: Path) -> None:
    printed, status = ask(tmp_path, json.dumps([{"contract": contract()}, {}, {"contract": contract()}]))
    assert status == 1
    assert ["errors" in found for found in printed] == [False, True, False]


def test_an_empty_list_is_answered(tmp_path: Path) -> None:
    assert ask(tmp_path, "[]") == ([], 0)


@pytest.mark.parametrize("content", ["{", '"text"', "[" * 100_000])
def test_what_is_no_request_is_refused(tmp_path: Path, content: str) -> None:
    printed, status = ask(tmp_path, content)
    assert status == 1
    assert [(found["field"], found["code"]) for found in printed["errors"]] == [("", "invalid_object")]


def test_the_command_knows_no_stored_plan(tmp_path: Path) -> None:
    printed, status = ask(tmp_path, json.dumps({"plan": "CURRENT", "contract": contract()}))
    assert status == 1
    assert [(found["field"], found["code"]) for found in printed["errors"]] == [("plan", "invalid_object")]


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + json.dumps({"contract": contract()}).encode()))
    monkeypatch.setattr("sys.stdin", asked)
    out = io.StringIO()
    call_command("what_if", "-", stdout=out)
    assert json.loads(out.getvalue())["dept_total"] == "16000.00"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nowhere"):
        call_command("what_if", str(tmp_path / "nowhere.json"))
