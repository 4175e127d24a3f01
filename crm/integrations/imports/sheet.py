"""The rows of an XLSX sheet as text, a block at a time."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, BinaryIO
from xml.parsers import expat

from crm.integrations.imports import workbook
from crm.integrations.imports.faults import Unreadable
from crm.integrations.imports.values import CELL_MAX, CUT

COLUMNS_MAX = 500
_DAY_0 = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001


def blocks(file: BinaryIO, size: int) -> Iterator[list[list[str]]]:
    """Rows of the first visible sheet from its first row on; raises Unreadable for a hostile file."""
    with workbook.archive(file) as opened:
        part = workbook.sheet_part(opened)
        sheet = _Sheet(
            workbook.shared_strings(opened), workbook.date_styles(opened), workbook.starts_in_1904(opened)
        )
        for _block in workbook.feed(opened, part, sheet.parser, workbook.INFLATED_MAX):
            while len(sheet.rows) >= size:
                yield sheet.rows[:size]
                del sheet.rows[:size]
        if sheet.rows:
            yield sheet.rows


class _Sheet:
    """Handlers of the sheet's XML; finished rows stand in `rows`."""

    def __init__(self, strings: list[str], date_styles: set[str], from_1904: bool) -> None:
        self.rows: list[list[str]] = []
        self.strings, self.date_styles, self.day_0 = strings, date_styles, _DAY_0[from_1904]
        self.parser: Any = expat.ParserCreate()
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._start, self._end
        self.parser.CharacterDataHandler = self._data
        self.columns: dict[str, int] = {}
        self.row: list[str] = []
        self.number = self.cells = self.at = 0
        self.type, self.style = "n", ""
        self.value = self.formula = self.into = ""

    # Called for every element of the sheet: the order of the questions is that of their frequency.
    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self._open_cell(attributes)
        elif tag == "v" or tag == "t" or tag == "f":
            self.into = tag
        elif tag == "row":
            self._open_row(attributes)
        elif ":" in tag:
            self._start(tag.rpartition(":")[2], attributes)

    def _end(self, tag: str) -> None:
        if tag == "c":
            self._close_cell()
        elif tag == "row":
            self.rows.append(self.row)
        elif ":" in tag:
            self._end(tag.rpartition(":")[2])

    def _data(self, data: str) -> None:
        if self.into == "f":
            self.formula = data[:100]
        elif self.into and len(self.value) <= CELL_MAX:
            self.value += data

    def _open_row(self, attributes: dict[str, str]) -> None:
        number = int(attributes.get("r", self.number + 1))
        if not self.number < number <= 1_048_576:
            raise Unreadable("broken_archive")
        self.rows.extend([] for _ in range(number - self.number - 1))
        self.number, self.row, self.at = number, [], 0

    def _open_cell(self, attributes: dict[str, str]) -> None:
        self.cells += 1
        reference = attributes.get("r")
        if reference:
            letters = reference.rstrip("0123456789")
            self.at = self.columns[letters] if letters in self.columns else self._column(letters)
        self.type, self.style = attributes.get("t", "n"), attributes.get("s", "")
        self.value = self.formula = self.into = ""

    def _column(self, letters: str) -> int:
        number = 0
        for letter in letters:
            number = number * 26 + ord(letter) - 64
        if not 0 < number <= COLUMNS_MAX:
            raise Unreadable("too_many_columns", limit=COLUMNS_MAX)
        self.columns[letters] = number - 1
        return number - 1

    def _close_cell(self) -> None:
        if self.cells > workbook.CELLS_MAX:
            raise Unreadable("too_many_cells_in_file", limit=workbook.CELLS_MAX)
        text = self.value.strip()
        if not text:
            text = "=" + self.formula if self.formula else ""
        elif self.type != "inlineStr" and self.type != "str":
            text = self._text(text)
        elif len(text) > CELL_MAX:
            text = text[:100] + CUT
        if text:
            self._put(text)
        self.at += 1

    def _put(self, text: str) -> None:
        if self.at > len(self.row):
            self.row.extend([""] * (self.at - len(self.row)))
        elif self.at < len(self.row):
            raise Unreadable("broken_archive")
        self.row.append(text)

    def _text(self, text: str) -> str:
        if self.type == "s":
            return self._shared(text)
        if self.type == "n":
            return self._number(text)
        if self.type == "b":
            return "true" if text == "1" else "false"
        return "=" + text if self.type == "e" else text

    def _shared(self, text: str) -> str:
        try:
            return self.strings[int(text)]
        except (ValueError, IndexError) as problem:
            raise Unreadable("broken_archive") from problem

    def _number(self, text: str) -> str:
        if self.style in self.date_styles:
            return self._date(text)
        # A spreadsheet shows 15 digits; the 17 of its file would make 0.3 of 0.1 + 0.2 a refused amount.
        return f"{float(text):.15g}" if len(text) > 15 and "." in text else text

    def _date(self, text: str) -> str:
        try:
            days = float(text)
            moment = self.day_0 + timedelta(days=int(days), seconds=round(days % 1 * 86_400))
        except (ValueError, OverflowError):
            return text
        if days < 1:
            return moment.strftime("%H:%M:%S")
        return moment.isoformat(sep=" ") if days % 1 else moment.date().isoformat()
