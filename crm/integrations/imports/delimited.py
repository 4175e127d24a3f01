"""CSV and TSV, a block of rows at a time, with memory that does not grow with the file."""

import csv
import io
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from typing import BinaryIO

from crm.integrations.imports.inspection import LINE_MAX
from crm.integrations.imports.values import CELL_MAX, CUT

csv.field_size_limit(LINE_MAX)
DELIMITERS = ",\t;|"
BLOCK_CHARACTERS = 16 << 20


class BadRow(list[str]):
    """A row that could not be taken apart: what was read of it, and the code of its fault."""

    def __init__(self, cells: list[str], code: str) -> None:
        super().__init__(cells)
        self.code = code


class _Borrowed(io.TextIOWrapper):
    """Text over a file that stays open when this is done with it."""

    def close(self) -> None:
        with suppress(ValueError):
            self.detach()


def text_of(file: BinaryIO, encoding: str) -> io.TextIOWrapper:
    """The file as text; bytes that do not decode stay visible as surrogates, one cell at a time."""
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    errors = "replace" if encoding == "utf-16" else "surrogateescape"
    return _Borrowed(file, encoding=codec, errors=errors, newline="")


def delimiter_of(line: str) -> str:
    """The delimiter that takes the header apart into most cells; a comma when none does."""
    counts = {mark: len(next(csv.reader([line], delimiter=mark), [])) for mark in DELIMITERS}
    return max(DELIMITERS, key=lambda mark: counts[mark])


def blocks(file: BinaryIO, encoding: str, delimiter: str, size: int) -> Iterator[list[list[str]]]:
    """The file's rows from the first line on, `size` at a time or fewer when they are long.

    A row whose quotation marks cannot be understood comes as a BadRow, and reading goes on behind it.
    """
    lines: Iterator[str] = text_of(file, encoding)
    again: deque[str] = deque()
    while True:
        reader = _Records(lines, again, delimiter)
        yield from reader.blocks(size)
        if reader.broken is None:
            return
        again = reader.left()


class _Records:
    """One run of the csv reader, which ends at the end of the file or at a row it cannot read."""

    def __init__(self, lines: Iterator[str], again: deque[str], delimiter: str) -> None:
        self.lines, self.again, self.delimiter = lines, again, delimiter
        self.taken: list[str] = []  # the physical lines of the row being read
        self.read = 0
        self.broken: csv.Error | None = None

    def _feed(self) -> Iterator[str]:
        waiting = self.again
        while waiting:
            line = waiting.popleft()
            self.taken.append(line)
            yield line
        for line in self.lines:
            self.taken.append(line)
            self.read += len(line)
            yield line

    def blocks(self, size: int) -> Iterator[list[list[str]]]:
        reader = csv.reader(self._feed(), delimiter=self.delimiter, strict=True)
        rows: list[list[str]] = []
        taken = self.taken
        try:
            for row in reader:
                if len(taken) > 1 or len(taken[0]) > CELL_MAX:
                    row = [cell if len(cell) <= CELL_MAX else cell[:100] + CUT for cell in row]
                taken.clear()
                rows.append(row)
                if len(rows) >= size or self.read > BLOCK_CHARACTERS:
                    yield rows
                    rows, self.read = [], 0
        except csv.Error as problem:
            self.broken = problem
            rows.append(BadRow([taken[0][:200].rstrip("\r\n")] if taken else [], "quote_not_closed"))
        if rows:
            yield rows

    def left(self) -> deque[str]:
        """The lines swallowed by the row that could not be read, without its first."""
        return deque(chain(self.taken[1:], self.again))
