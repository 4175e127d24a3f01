"""A CSV file as columns, and what is wrong with it by file, row and column."""

import csv
import gzip
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from lifecycle.churn.prediction.arrays import Floats, Ints, Texts, day_number

HEADER = 1  # rows are counted as a spreadsheet shows them: the header is row 1
MISSING = frozenset({"", "NA", "N/A", "NaN", "nan", "NULL", "null", "None"})
TRUTH = {
    "1": True,
    "0": False,
    "yes": True,
    "no": False,
    "true": True,
    "false": False,
    "1.0": True,
    "0.0": False,
}
YEARS = (1900, 2199)  # of a day that somebody meant
FOREVER = 9999
NEVER = np.iinfo(np.int64).max // 4  # the day of an end that has not come


class BadFile(ValueError):
    """What cannot be used, in one line."""

    def __init__(self, file: str, why: str, *, row: int | None = None, column: str = "") -> None:
        place = [file]
        if row is not None:
            place.append(f"row {row}")
        if column:
            place.append(f"column {column}")
        line = f"{', '.join(place)}: {why}"
        super().__init__(" ".join(line.split()))


@dataclass(frozen=True)
class Table:
    """Texts by column, all of one length; `names` says what a role (id, date, …) is called in the file."""

    file: str
    columns: Mapping[str, list[str]]
    rows: int
    names: Mapping[str, str]

    def called(self, role: str) -> str:
        return self.names.get(role, role)

    def has(self, role: str) -> bool:
        return self.called(role) in self.columns

    def texts(self, role: str) -> list[str]:
        """The column of a role; BadFile when the file lacks it."""
        name = self.called(role)
        if name not in self.columns:
            raise BadFile(
                self.file, f"there is no such column; it has {', '.join(self.columns)}", column=name
            )
        return self.columns[name]

    def bad(self, role: str, row: int, why: str) -> BadFile:
        """The refusal of one cell; `row` counts from 0 without the header."""
        return BadFile(self.file, why, row=row + HEADER + 1, column=self.called(role))

    def filled(self, role: str) -> list[str]:
        """The column of a role that may not be empty."""
        texts = self.texts(role)
        for row, text in enumerate(texts):
            if text in MISSING:
                raise self.bad(role, row, "is empty")
        return texts

    def ids(self, role: str) -> Ints:
        """Whose each row is, as a number."""
        return np.unique(np.array(self.filled(role)), return_inverse=True)[1].astype(np.int64)

    def unique_ids(self, role: str) -> Ints:
        """Numbers of an id that may stand in one row only."""
        seen: dict[str, int] = {}
        for row, text in enumerate(self.filled(role)):
            if text in seen:
                raise self.bad(role, row, f"{text} stands in row {seen[text] + HEADER + 1} already")
            seen[text] = row
        return np.arange(self.rows)

    def days(self, role: str, *, open_ended: bool = False) -> Ints:
        """Day numbers; with `open_ended` an empty cell is a day that has not come."""
        known: dict[str, int] = dict.fromkeys(MISSING, NEVER) if open_ended else {}
        found = np.empty(self.rows, dtype=np.int64)
        for row, text in enumerate(self.texts(role)):
            if text not in known:
                try:
                    known[text] = _day(read_day(text), open_ended)
                except ValueError:
                    why = "is empty" if text in MISSING else f"{text[:40]} is no date (YYYY-MM-DD)"
                    raise self.bad(role, row, why) from None
            found[row] = known[text]
        return found

    def numbers(self, role: str, *, optional: bool = False) -> Floats:
        """Numbers; with `optional` an empty cell is NaN."""
        found = np.empty(self.rows)
        for row, text in enumerate(self.texts(role)):
            if optional and text in MISSING:
                found[row] = np.nan
                continue
            value = _number(text)
            if value is None:
                raise self.bad(role, row, "is empty" if text in MISSING else f"{text[:40]} is no number")
            found[row] = value
        return found

    def outcomes(self, role: str) -> np.ndarray:
        """0/1, yes/no or true/false; BadFile when all are the same."""
        found = np.empty(self.rows, dtype=bool)
        for row, text in enumerate(self.filled(role)):
            value = TRUTH.get(text.lower())
            if value is None:
                raise self.bad(role, row, f"{text[:40]} is neither 0 nor 1")
            found[row] = value
        if found.all() or not found.any():
            raise BadFile(self.file, f"every row says {self.texts(role)[0]}", column=self.called(role))
        return found


def read(path: str, names: str | None) -> Table:
    """The file with the roles of its columns, given as JSON {"role": "column"}; BadFile."""
    columns, rows = _columns(path)
    table = Table(path, columns, rows, _roles(names))
    for role in table.names:
        table.texts(role)
    if not rows:
        raise BadFile(path, "has no row below its header")
    return table


def _day(day: date, open_ended: bool) -> int:
    if open_ended and day.year == FOREVER:
        return NEVER
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise ValueError
    return day_number(day)


def read_day(text: str) -> date:
    """A day in ISO form, with dashes or slashes, whatever time follows; ValueError."""
    day, _, _ = text.replace("T", " ").partition(" ")
    if "/" in day:
        year, month, last = day.split("/")
        return date(int(year), int(month), int(last))
    return date.fromisoformat(day)


def values(texts: list[str]) -> Floats | Texts:
    """A feature: numbers with NaN where empty when every filled cell is one, else words."""
    found = [np.nan if text in MISSING else _number(text) for text in texts]
    if any(value is None for value in found):
        return np.array(["" if text in MISSING else text for text in texts])
    return np.array(found, dtype=float)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _roles(names: str | None) -> dict[str, str]:
    try:
        roles = json.loads(names or "{}")
    except ValueError:
        roles = None
    if not isinstance(roles, dict) or not all(isinstance(each, str) for each in roles.values()):
        raise BadFile("--columns", 'needs a JSON object such as {"id": "customer_id"}')
    return roles


def _columns(path: str) -> tuple[dict[str, list[str]], int]:
    reader, row = None, HEADER
    try:
        with _opened(path) as lines:
            reader = csv.reader(lines, strict=True)
            header = [name.strip() for name in next(reader, [])]
            _check_header(path, header)
            columns: list[list[str]] = [[] for _ in header]
            for cells in reader:
                if not cells:
                    continue
                row += 1
                if len(cells) != len(header):
                    raise BadFile(path, f"has {len(cells)} cells, the header {len(header)}", row=row)
                for column, cell in zip(columns, cells, strict=True):
                    column.append(cell.strip())
    except UnicodeDecodeError:
        raise BadFile(path, "is not UTF-8", row=row + 1) from None
    except csv.Error as error:
        raise BadFile(path, f"is no CSV: {error}", row=row + 1) from None
    except (gzip.BadGzipFile, zlib.error, EOFError):
        raise BadFile(path, "is no whole gzip file") from None
    except OSError as error:
        raise BadFile(path, error.strerror or "cannot be read") from None
    return dict(zip(header, columns, strict=True)), row - HEADER


def _opened(path: str):  # type: ignore[no-untyped-def]
    if path.endswith(".gz"):
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return Path(path).open(encoding="utf-8-sig", newline="")


def _check_header(path: str, header: list[str]) -> None:
    if not any(header):
        raise BadFile(path, "has no header", row=HEADER)
    for name in header:
        if not name or header.count(name) > 1:
            why = "stands twice in the header" if name else "a column of the header has no name"
            raise BadFile(path, why, row=HEADER, column=name)
