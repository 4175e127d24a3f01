"""A stored file as numbered rows, whatever its format. Row 1 is the first row of the sheet."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from crm.integrations.imports import delimited, lines, sheet, workbook
from crm.integrations.imports.faults import Unreadable
from crm.integrations.imports.inspection import CSV, NDJSON, XLSX, Inspected

SAMPLE_ROWS = 5
SHOWN = 80  # characters of a sample's cell
_LOOK_FOR_HEADER = 50
Rows = list[list[str]]


@dataclass(frozen=True)
class Layout:
    """What must be known to read a file again. `header_row` is the number of the row with the names."""

    format: str
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    header_row: int


@dataclass(frozen=True)
class Opening:
    """The layout and first rows of a file, and about how many rows follow."""

    layout: Layout
    sample: Rows
    rows: int


def open_file(file: BinaryIO, inspected: Inspected) -> Opening:
    """Read the beginning of a file; raises Unreadable when there is no header or no row below it."""
    form, encoding = inspected.format, inspected.encoding
    delimiter = _delimiter(file, encoding) if form == CSV else ""
    names = lines.header(file, encoding) if form == NDJSON else []
    file.seek(0)
    rows = list(islice(_all_rows(file, form, encoding, delimiter, names, _LOOK_FOR_HEADER), 1))
    first = rows[0] if rows else []
    at = next((i for i, row in enumerate(first) if any(map(str.strip, row))), None)
    if at is None:
        raise Unreadable("empty_file")
    header = tuple(cell.strip()[:200] for cell in first[at])
    if len(header) > sheet.COLUMNS_MAX:
        raise Unreadable("too_many_columns", limit=sheet.COLUMNS_MAX)
    sample = [[cell[:SHOWN] for cell in row] for row in first[at + 1 :] if any(map(str.strip, row))]
    if not sample:
        raise Unreadable("header_only")
    file.seek(0)
    count = _count(file) if form == XLSX else inspected.lines
    layout = Layout(form, encoding, delimiter, header, at + 1)
    return Opening(layout, sample[:SAMPLE_ROWS], max(count - at - 1, len(sample)))


def _delimiter(file: BinaryIO, encoding: str) -> str:
    line = next((line for line in delimited.text_of(file, encoding) if line.strip()), "")
    return delimited.delimiter_of(line)


def _count(file: BinaryIO) -> int:
    with workbook.archive(file) as opened:
        return workbook.count(opened)


def _all_rows(
    file: BinaryIO, form: str, encoding: str, delimiter: str, names: list[str], size: int
) -> Iterator[Rows]:
    if form == XLSX:
        return sheet.blocks(file, size)
    if form == NDJSON:
        return lines.blocks(file, encoding, names, size)
    return delimited.blocks(file, encoding, delimiter, size)


def blocks(file: BinaryIO, layout: Layout, size: int) -> Iterator[tuple[int, Rows]]:
    """(number of the first row, rows) below the header, at most `size` rows at a time."""
    names = list(layout.header)
    number = 1
    for rows in _all_rows(file, layout.format, layout.encoding, layout.delimiter, names, size):
        skip = max(layout.header_row + 1 - number, 0)
        if len(rows) > skip:
            yield number + skip, rows[skip:] if skip else rows
        number += len(rows)
