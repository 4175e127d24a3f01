"""Amounts, rates and counts as people write them. Nothing is rounded: what does not fit is refused."""

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from crm.integrations.imports.faults import Misread
from crm.integrations.imports.values import NULL, Faults, Memo, Value

_PLAIN = re.compile(r"-?\d{1,13}(?:\.\d{1,2})?")
_UNSIGNED = re.compile(r"\d{1,13}(?:\.\d{1,2})?")
_GROUPED = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_BARE = re.compile(r"-?\d{1,15}(?:\.\d{1,12})?(?:[eE][+-]?\d{1,2})?")
_UNITS = {"万": Decimal(10) ** 4, "亿": Decimal(10) ** 8, "千": Decimal(10) ** 3, "百万": Decimal(10) ** 6}
_FEN = Decimal("0.01")


def read_amount(cell: str) -> Decimal:
    """The amount a cell holds, exactly, in 元 with two places; raises Misread for anything else.

    Accepts 12345.67, 12,345.67, ¥86万, 1.2亿元, full-width digits and U+2212; refuses 1,2345.67 and 1.234.
    """
    text = unicodedata.normalize("NFKC", cell).replace("\u2212", "-").strip()
    text = re.sub(r"^(-?)\s*(?:¥|RMB|CNY|人民币)\s*", r"\1", text, flags=re.IGNORECASE)
    text = re.sub(r"\s*(?:元|圆|CNY|RMB)$", "", text, flags=re.IGNORECASE)
    factor = Decimal(1)
    unit = re.search(r"\s*(百万|万|亿|千)$", text)
    if unit:
        text, factor = text[: unit.start()], _UNITS[unit[1]]
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    elif not _BARE.fullmatch(text):
        raise Misread("amount")
    return _in_fen(Decimal(text) * factor)


def _in_fen(amount: Decimal) -> Decimal:
    try:
        exact = amount.quantize(_FEN)
    except InvalidOperation as problem:
        raise Misread("amount_range") from problem
    if exact != amount:
        raise Misread("amount_places")
    return exact + 0  # -0.00 becomes 0.00


class Amount(Value):
    """Money with two places; at least `least`, below 10,000,000,000,000."""

    sql = "numeric(15,2)"

    def __init__(self, least: Decimal | None = None) -> None:
        self.least = least

    def one(self, cell: str) -> str:
        amount = Decimal(cell) if _PLAIN.fullmatch(cell) else read_amount(cell)
        if abs(amount) >= Decimal(10) ** 13 or (self.least is not None and amount < self.least):
            raise Misread("amount_range")
        return str(amount)

    def read(self, cells: Sequence[str], memo: Memo) -> tuple[list[str], Faults]:
        # Most files write plain numbers: those are not worth remembering one by one.
        unsigned = _UNSIGNED.fullmatch
        if (self.least is None or self.least <= 0) and all(map(unsigned, cells)):
            return list(cells), []
        return super().read(cells, memo)


class Rate(Value):
    """A share with six places: 6%, 0.06; a bare number above 1 is taken as percent."""

    sql = "numeric(9,6)"

    def one(self, cell: str) -> str:
        text = unicodedata.normalize("NFKC", cell).replace(" ", "")
        percent = text.endswith("%")
        try:
            rate = Decimal(text.rstrip("%"))
        except InvalidOperation as problem:
            raise Misread("rate") from problem
        rate = rate / 100 if percent or rate > 1 else rate
        if not rate.is_finite() or not 0 <= rate <= 1 or rate != rate.quantize(Decimal("0.000001")):
            raise Misread("rate")
        return f"{rate:f}"


class Quotient(Value):
    """An exchange rate with eight places, above zero."""

    sql = "numeric(16,8)"

    def one(self, cell: str) -> str:
        try:
            rate = Decimal(unicodedata.normalize("NFKC", cell))
        except InvalidOperation as problem:
            raise Misread("rate") from problem
        if not rate.is_finite() or not 0 < rate < 10**8 or rate != round(rate, 8):
            raise Misread("rate")
        return f"{rate:f}"


class Whole(Value):
    """A whole number from `least` to `most`."""

    sql = "integer"

    def __init__(self, least: int = 0, most: int = 2_000_000_000) -> None:
        self.least, self.most = least, most

    def one(self, cell: str) -> str:
        text = unicodedata.normalize("NFKC", cell)
        text = text.removesuffix(".0")
        if not re.fullmatch(r"-?\d{1,10}", text) or not self.least <= int(text) <= self.most:
            raise Misread("whole")
        return str(int(text))


def read_list(cell: str) -> list[Decimal]:
    """Amounts with semicolons, commas of full width or bars between them."""
    return [read_amount(part) for part in re.split(r"[;；|、]", cell) if part.strip()]


class Amounts(Value):
    """Several amounts in one cell, as a PostgreSQL array."""

    sql = "numeric(15,2)[]"

    def one(self, cell: str) -> str:
        amounts = read_list(cell)
        return "{" + ",".join(map(str, amounts)) + "}" if amounts else NULL
