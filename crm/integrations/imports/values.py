"""How the cells of a column become values: a whole column at a time, each distinct cell once.

A value leaves as text for COPY; NULL stands for an empty cell. Numbers are in numbers.py, dates in dates.py.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import translation

from crm.integrations.imports.faults import Misread, Wrong

NULL = r"\N"
CELL_MAX = 32_767  # what a spreadsheet's cell can hold
CUT = "\udfff"  # ends a cell that was longer than CELL_MAX
_MEMO_MAX = 200_000
_ODD = re.compile("[\ud800-\udfff\x00]|(?:^|\x1f)=")
_TO_ESCAPE = re.compile(r"[\\\t\n\r\x0b\x0c]")
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r", "\x0b": r"\v", "\x0c": r"\f"})
Faults = list[tuple[int, Wrong]]


def clean(cells: Iterable[str], encoding: str) -> tuple[list[str], Faults]:
    """The cells without surrounding space, and what no column takes; a faulty cell becomes empty."""
    stripped = [cell.strip() for cell in cells]
    if not _ODD.search("\x1f".join(stripped)):
        return stripped, []
    faults = []
    for index, cell in enumerate(stripped):
        if wrong := _oddity(cell, encoding):
            faults.append((index, wrong))
            stripped[index] = ""
    return stripped, faults


def _oddity(cell: str, encoding: str) -> Wrong | None:
    if not cell:
        return None
    if cell[-1] == CUT:
        return Wrong("cell_too_long", {"limit": CELL_MAX})
    if cell[0] == "=":
        return Wrong("formula")
    if "\x00" in cell:
        return Wrong("nul")
    if any("\ud800" <= letter <= "\udfff" for letter in cell):
        return Wrong("bad_bytes", {"encoding": encoding})
    return None


class Memo(dict[str, str]):
    """What each distinct cell reads as; `wrong` holds those that do not."""

    def __init__(self, one: Callable[[str], str]) -> None:
        super().__init__()
        self.one = one
        self.wrong: dict[str, Wrong] = {}

    def __missing__(self, cell: str) -> str:
        if len(self) > _MEMO_MAX:
            self.clear()
            self.wrong.clear()
        try:
            value = self.one(cell) if cell else NULL
        except Misread as misread:
            value = NULL
            self.wrong[cell] = Wrong(misread.code, {"value": cell[:200], **misread.params})
        self[cell] = value
        return value


class Value:
    """A type of column: its SQL type, and how one clean, non-empty cell is read (raises Misread)."""

    sql = "text"

    def one(self, cell: str) -> str:
        raise NotImplementedError

    def looks_like(self, cell: str) -> bool:
        """Whether a column of an unknown header could hold this; only distinctive types say yes."""
        return False

    def memo(self) -> Memo:
        """What one import remembers of this column."""
        return Memo(self.one)

    def read(self, cells: Sequence[str], memo: Memo) -> tuple[list[str], Faults]:
        """The column as text for COPY, and its faults by position."""
        values = list(map(memo.__getitem__, cells))
        if not memo.wrong:
            return values, []
        wrong = memo.wrong
        return values, [(i, wrong[cell]) for i, cell in enumerate(cells) if cell in wrong]


class Text(Value):
    """Words of at most `limit` characters; one line unless `lines`."""

    def __init__(self, limit: int, lines: bool = False) -> None:
        self.limit, self.lines = limit, lines

    def one(self, cell: str) -> str:
        if len(cell) > self.limit:
            raise Misread("too_long", limit=self.limit)
        one_line = not self.lines
        return escape(" ".join(cell.split()) if one_line else "\n".join(cell.splitlines()))

    def read(self, cells: Sequence[str], memo: Memo) -> tuple[list[str], Faults]:
        together = "".join(cells)
        long = max(map(len, cells), default=0) > self.limit
        if long or _TO_ESCAPE.search(together) or (not self.lines and "  " in together):
            memo.clear()
            memo.wrong.clear()
            return super().read(cells, memo)
        return [cell or NULL for cell in cells], []


class Code(Text):
    """A short code: full-width letters become plain ones, spaces inside go."""

    def one(self, cell: str) -> str:
        return super().one("".join(unicodedata.normalize("NFKC", cell).split()))

    def read(self, cells: Sequence[str], memo: Memo) -> tuple[list[str], Faults]:
        together = "".join(cells)
        if together.isascii() and " " not in together:
            return super().read(cells, memo)
        memo.clear()
        memo.wrong.clear()
        return Value.read(self, cells, memo)


class Email(Value):
    """An e-mail address, in lower case."""

    def one(self, cell: str) -> str:
        address = unicodedata.normalize("NFKC", cell).lower()
        try:
            validate_email(address)
        except ValidationError as problem:
            raise Misread("email") from problem
        return escape(address)

    def looks_like(self, cell: str) -> bool:
        return re.fullmatch(r"[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}", cell) is not None


class Phone(Text):
    """A telephone number as written, in half-width characters."""

    def __init__(self, limit: int = 40) -> None:
        super().__init__(limit)

    def one(self, cell: str) -> str:
        return super().one(unicodedata.normalize("NFKC", cell))

    def looks_like(self, cell: str) -> bool:
        return re.fullmatch(r"(\+?86[- ]?)?1[3-9]\d{9}|0\d{2,3}-?\d{7,8}", cell) is not None


class YesNo(Value):
    """是 or 否, in the usual ways of writing it."""

    sql = "boolean"
    words = {"是": "t", "有": "t", "对": "t", "√": "t", "y": "t", "yes": "t", "true": "t", "t": "t", "1": "t"}
    words |= {
        "否": "f",
        "无": "f",
        "不": "f",
        "×": "f",
        "n": "f",
        "no": "f",
        "false": "f",
        "f": "f",
        "0": "f",
    }

    def one(self, cell: str) -> str:
        try:
            return self.words[unicodedata.normalize("NFKC", cell).lower()]
        except KeyError as problem:
            raise Misread("yes_no") from problem


class Choice(Value):
    """One of a model's choices: its code, its label in any language, or another word for it."""

    def __init__(self, choices: Any, also: Mapping[str, str] | None = None) -> None:
        self.choices, self.also = choices, also or {}
        self._words: dict[str, str] = {}

    def words(self) -> dict[str, str]:
        """Every accepted word in lower case and the code it stands for."""
        if not self._words:
            for code, label in self.choices.choices:
                self._words[code.lower()] = code
                for language in ("en", "zh-hans"):
                    with translation.override(language):
                        self._words[str(label).lower()] = code
            self._words |= {word.lower(): code for word, code in self.also.items()}
        return self._words

    def one(self, cell: str) -> str:
        code = self.words().get(unicodedata.normalize("NFKC", cell).lower())
        if code is None:
            raise Misread("choice", choices=", ".join(code for code, _label in self.choices.choices))
        return code


def escape(text: str) -> str:
    """Text as COPY takes it."""
    return text.translate(_ESCAPES) if _TO_ESCAPE.search(text) else text
