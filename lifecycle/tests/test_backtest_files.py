"""What a file may look like, and how it is refused: one line, file, row and column, exit status 2."""

import gzip
import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from lifecycle.tests.public import backtest, refusal, run, write

HEADER = "id,date,amount\n"


def orders(customers: int = 120, days: int = 720, seed: int = 3) -> str:
    """Customers of their own rhythm, some of whom leave."""
    random, lines = np.random.default_rng(seed), []
    for customer in range(customers):
        day, gap = random.integers(0, 300), random.uniform(10, 70)
        while day < days and (len(lines) < 2 or random.random() > 0.08):
            lines.append(f"c{customer},{date(2024, 1, 1) + timedelta(int(day))},{random.uniform(5, 90):.2f}")
            day += max(1, random.exponential(gap))
    lines.append(f"late,{date(2024, 1, 1) + timedelta(days)},10")
    return HEADER + "\n".join(lines) + "\n"


def decisions(rows: int = 600, seed: int = 4) -> list[list[str]]:
    """Header and rows: price and region tell a little of what is lost."""
    random = np.random.default_rng(seed)
    price, region = random.normal(0, 1, rows), random.integers(0, 3, rows)
    lost = random.random(rows) < 1 / (1 + np.exp(1.2 - 0.8 * price - 0.4 * region))
    body = [[f"{p:.3f}", f"r{r}", str(int(y))] for p, r, y in zip(price, region, lost, strict=True)]
    return [["price", "region", "lost"], *body]


def contracts(rows: int = 900, seed: int = 5) -> list[list[str]]:
    """Header and rows of contracts of 2019 to 2024, seen until the end of 2025."""
    random, found = np.random.default_rng(seed), [["id", "start", "end", "risk"]]
    for number in range(rows):
        start = date(2019, 1, 1) + timedelta(int(random.integers(0, 2000)))
        risk = random.integers(0, 2)
        ends = start + timedelta(int(random.exponential(900 if risk else 2500)) + 1)
        found.append([str(number), str(start), str(ends) if ends < date(2026, 1, 1) else "", f"k{risk}"])
    return found


def text(table: list[list[str]]) -> str:
    return "".join(",".join(row) + "\n" for row in table)


SNAPSHOT = {"setting": "snapshot", "target": "lost", "folds": 3}
REPEAT = {"setting": "repeat", "origins": "2025-06-30,2025-09-20"}
DURATION = {"setting": "duration", "origins": "2023-12-31,2024-12-31"}


# What is read


def test_plain_and_packed_files_are_answered_alike(tmp_path: Path) -> None:
    plain = write(tmp_path, "\ufeff" + orders())
    packed = tmp_path / "file.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    answers = [backtest(file, **REPEAT) | {"seconds": 0} for file in (plain, packed)]
    assert answers[0] == answers[1]


def test_the_same_seed_gives_the_same_answer_and_rows_may_stand_in_any_order(tmp_path: Path) -> None:
    header, *lines = orders().splitlines(keepends=True)
    first = backtest(write(tmp_path, header + "".join(lines)), **REPEAT)
    second = backtest(write(tmp_path, header + "".join(reversed(lines)), "other.csv"), **REPEAT)
    assert first | {"seconds": 0} == second | {"seconds": 0}


def test_what_came_after_an_origins_horizon_changes_nothing(tmp_path: Path) -> None:
    """The future is planted: customers who vanish come back every day after the label is known."""
    until = "2025-10-01"
    header, *lines = orders().splitlines()
    known = [line for line in lines if line.split(",")[1] <= until]
    planted = [f"c{each},2025-12-{day:02},999" for each in range(120) for day in range(1, 20)]
    asked = {"setting": "repeat", "origins": "2025-06-30"}
    answers = [
        backtest(write(tmp_path, "\n".join([header, *body]) + "\n"), **asked)
        for body in (known, known + planted)
    ]
    for answer in answers:
        for field in ("seconds", "rows", "customers"):
            answer.pop(field)
    assert answers[0] == answers[1]


def test_days_without_an_amount_above_zero_are_no_orders(tmp_path: Path) -> None:
    returned = "".join(f"c{each},2025-08-01,-5\n" for each in range(50))
    plain = backtest(write(tmp_path, orders()), **REPEAT)
    with_returns = backtest(write(tmp_path, orders() + returned), **REPEAT)
    assert with_returns["rows"] == plain["rows"] + 50
    assert with_returns["methods"] == plain["methods"]


def test_a_file_without_amounts_is_answered(tmp_path: Path) -> None:
    body = "\n".join(line.rsplit(",", 1)[0] for line in orders().splitlines())
    assert backtest(write(tmp_path, body), **REPEAT)["methods"]["mbg_nbd"]["auc"] > 0.5


def test_too_few_rows_leave_methods_out_and_say_so(tmp_path: Path) -> None:
    found = backtest(write(tmp_path, orders(customers=30)), **REPEAT)
    assert found["skipped"]["mbg_nbd"].endswith("customers, needs 40 (2025-06-30)")
    assert "mbg_nbd" not in found["methods"]
    assert {"rule", "rfm_platt", "scorecard"} <= found["methods"].keys()


def test_contracts_with_an_end_or_none(tmp_path: Path) -> None:
    found = backtest(write(tmp_path, text(contracts())), **DURATION)
    assert found["methods"]["ridge"]["auc"] > 0.6
    assert found["champion"]["name"] == "ridge"
    assert found["ignored"] == {}


def test_an_end_of_9999_is_none(tmp_path: Path) -> None:
    table = contracts()
    forever = [[*row[:2], row[2] or "9999-12-31", row[3]] for row in table]
    answers = [
        backtest(write(tmp_path, text(each)), **DURATION) | {"seconds": 0} for each in (table, forever)
    ]
    assert answers[0] == answers[1]


def test_two_files_fit_on_the_first_and_judge_on_the_second(tmp_path: Path) -> None:
    header, *rows = decisions()
    first, second = (
        write(tmp_path, text([header, *part]), name)
        for part, name in ((rows[:400], "a.csv"), (rows[400:], "b.csv"))
    )
    found = backtest(first, setting="snapshot", target="lost", test=str(second))
    assert (found["rows"], found["population"]) == (600, 200)
    assert found["methods"]["ridge"]["auc"] > 0.6


def test_a_column_of_folds_names_them(tmp_path: Path) -> None:
    header, *rows = decisions()
    table = [[*header, "part"], *([*row, f"p{place % 3}"] for place, row in enumerate(rows))]
    found = backtest(write(tmp_path, text(table)), setting="snapshot", target="lost", fold="part")
    assert [each["origin"] for each in found["by_origin"]] == ["fold p0", "fold p1", "fold p2"]
    assert found["population"] == 600


def test_noise_is_not_better_than_the_base_rate(tmp_path: Path) -> None:
    random = np.random.default_rng(8)
    noise = [[f"{random.normal():.3f}", str(int(random.random() < 0.3))] for _ in range(800)]
    found = backtest(write(tmp_path, text([["x", "lost"], *noise])), **SNAPSHOT)
    assert found["better_than_base_rate"] is False


# Columns that were written after the outcome


@pytest.mark.parametrize("share", [1.0, 0.96])
def test_a_copy_of_the_outcome_is_ignored_and_named(tmp_path: Path, share: float) -> None:
    header, *rows = decisions()
    random = np.random.default_rng(1)
    told = [row[-1] if random.random() < share else str(1 - int(row[-1])) for row in rows]
    leaking = [[*row, f"code{each}"] for row, each in zip(rows, told, strict=True)]
    clean = backtest(write(tmp_path, text([header, *rows])), **SNAPSHOT)
    found = backtest(write(tmp_path, text([[*header, "final_status"], *leaking])), **SNAPSHOT)
    assert found["ignored"].keys() == {"final_status"}
    assert found["methods"] == clean["methods"]


def test_a_reason_that_only_some_lost_rows_have_is_ignored(tmp_path: Path) -> None:
    header, *rows = decisions()
    leaking = [[*row, "moved" if row[-1] == "1" and place % 3 == 0 else ""] for place, row in enumerate(rows)]
    found = backtest(write(tmp_path, text([[*header, "reason"], *leaking])), **SNAPSHOT)
    assert found["ignored"] == {"reason": "has a value that only lost rows have: written after the outcome"}


def test_dates_after_the_start_and_totals_until_the_end_are_ignored(tmp_path: Path) -> None:
    header, *rows = contracts()
    leaking = []
    for row in rows:
        end = date.fromisoformat(row[2] or "2025-12-31")
        paid = (end - date.fromisoformat(row[1])).days * 2 + 1
        leaking.append([*row, row[2], str(paid)])
    clean = backtest(write(tmp_path, text([header, *rows])), **DURATION)
    found = backtest(write(tmp_path, text([[*header, "cancelled_on", "paid"], *leaking])), **DURATION)
    assert found["ignored"].keys() == {"cancelled_on", "paid"}
    assert found["methods"] == clean["methods"]


# What is refused


@pytest.mark.parametrize(
    ("row", "line"),
    [
        ("c1,2025-02-30,5", "row 3, column date: 2025-02-30 is no date (YYYY-MM-DD)"),
        ("c1,,5", "row 3, column date: is empty"),
        (",2025-02-03,5", "row 3, column id: is empty"),
        ("c1,2025-02-03,much", "row 3, column amount: much is no number"),
        ("c1,2025-02-03,inf", "row 3, column amount: inf is no number"),
        ("c1,0001-01-01,5", "row 3, column date: 0001-01-01 is no date (YYYY-MM-DD)"),
        ("c1,2025-02-03", "row 3: has 2 cells, the header 3"),
        ('c1,2025-02-03,"5', "row 3: is no CSV: unexpected end of data"),
    ],
)
def test_a_bad_row_of_orders_is_named(tmp_path: Path, row: str, line: str) -> None:
    file = write(tmp_path, f"{HEADER}c1,2025-01-01,5\n{row}\n")
    assert refusal(file, **REPEAT) == f"{file}, {line}"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("", ", row 1: has no header"),
        (HEADER, ": has no row below its header"),
        ("id,id\n1,2\n", ", row 1, column id: stands twice in the header"),
        ("who,date\n1,2025-01-01\n", ", column id: there is no such column; it has who, date"),
    ],
)
def test_a_bad_header_is_named(tmp_path: Path, content: str, line: str) -> None:
    file = write(tmp_path, content)
    assert refusal(file, **REPEAT) == f"{file}{line}"


def test_what_is_no_text_no_gzip_or_not_there_is_refused(tmp_path: Path) -> None:
    latin = tmp_path / "latin.csv"
    latin.write_bytes(HEADER.encode() + b"caf\xe9,2025-01-01,5\n")
    torn = tmp_path / "torn.csv.gz"
    torn.write_bytes(gzip.compress(orders().encode())[:200])
    assert refusal(latin, **REPEAT).endswith("is not UTF-8")
    assert refusal(torn, **REPEAT) == f"{torn}: is no whole gzip file"
    assert refusal(tmp_path / "none.csv", **REPEAT) == f"{tmp_path / 'none.csv'}: No such file or directory"


def test_an_id_of_contracts_may_not_repeat(tmp_path: Path) -> None:
    table = contracts(20)
    file = write(tmp_path, text([*table, table[5]]))
    assert refusal(file, **DURATION) == f"{file}, row 22, column id: 4 stands in row 6 already"


def test_an_end_before_its_start_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path, "id,start,end\n1,2024-02-01,2024-01-01\n")
    assert refusal(file, **DURATION) == f"{file}, row 2, column end: 2024-01-01 is before start"


def test_a_constant_target_is_refused_and_one_that_is_no_outcome(tmp_path: Path) -> None:
    file = write(tmp_path, "x,lost\n1,0\n2,0\n")
    assert refusal(file, **SNAPSHOT) == f"{file}, column lost: every row says 0"
    file = write(tmp_path, "x,lost\n1,0\n2,maybe\n")
    assert refusal(file, **SNAPSHOT) == f"{file}, row 3, column lost: maybe is neither 0 nor 1"


def test_causes_need_to_be_told_apart(tmp_path: Path) -> None:
    rows = [[*row, "death" if row[2] else ""] for row in contracts(30)[1:]]
    file = write(tmp_path, text([["id", "start", "end", "risk", "cause"], *rows]))
    assert "says which of" in refusal(file, **DURATION)
    assert refusal(file, event_values="surrender", **DURATION) == (
        f"{file}, column cause: no row says surrender, only , death"
    )


@pytest.mark.parametrize(
    ("origins", "line"),
    [
        ("2025-12-01", "origin 2025-12-01 needs rows until 2026-03-01, the last is of 2025-12-21"),
        ("2024-01-01", "origin 2024-01-01 is not after the first day, 2024-01-01"),
    ],
)
def test_an_origin_whose_horizon_is_not_over_is_refused(tmp_path: Path, origins: str, line: str) -> None:
    file = write(tmp_path, orders() + "early,2024-01-01,1\n")
    assert refusal(file, setting="repeat", origins=origins) == f"{file}: {line}"


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"setting": "repeat"}, "--origins: names the days to predict as of"),
        ({"setting": "repeat", "origins": "soon"}, "--origins: soon are no dates (YYYY-MM-DD,YYYY-MM-DD)"),
        (REPEAT | {"columns": "{"}, '--columns: needs a JSON object such as {"id": "customer_id"}'),
        (REPEAT | {"horizon_days": 0}, "--horizon-days: needs a number from 1 to 3,660"),
        ({"setting": "snapshot", "folds": 3}, "--target: names the column of outcomes"),
        (
            {"setting": "snapshot", "target": "lost"},
            "--setting: snapshot needs one of --test FILE2, --fold COLUMN and --folds N",
        ),
    ],
)
def test_options_that_say_nothing_are_refused(tmp_path: Path, options: dict, line: str) -> None:
    assert refusal(write(tmp_path, orders(20)), **options) == line


# The command itself


def test_the_table_for_people_says_who_is_champion_and_whether_it_is_shown(tmp_path: Path) -> None:
    command = [sys.executable, "manage.py", "backtest", str(write(tmp_path, text(decisions())))]
    options = ["--setting", "snapshot", "--target", "lost", "--folds", "3", "--replicates", "20"]
    done = subprocess.run(
        [*command, *options], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
    )
    assert "champion: ridge (" in done.stdout
    assert "better than the base rate: yes" in done.stdout
    assert done.stderr.splitlines() == ["fold 0", "fold 1", "fold 2"]


def test_only_the_worker_and_the_command_load_the_libraries_of_prediction() -> None:
    asked = (
        "import os, sys; os.environ['GUANHU_NO_SERVERS'] = '1';"
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'crm.settings';"
        "import django; django.setup(); import crm.urls, crm.management.commands.backtest;"
        "print(sorted({'numpy', 'scipy', 'sklearn'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_answer_is_json_without_what_json_does_not_know(tmp_path: Path) -> None:
    answer, _, status = run(write(tmp_path, orders(60)), **REPEAT)
    assert status == 0
    json.dumps(answer, allow_nan=False)
