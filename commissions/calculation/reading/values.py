"""Single values of a request: amounts, rates, dates, texts. Each gives the value or raises Malformed."""

import re
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

from commissions.calculation.plan import Q
from crm.periods import month_from

AMOUNT = re.compile(r"(-?)([0-9]{1,13})(?:\.([0-9]{1,2}))?")
NUMBER = re.compile(r"[0-9]{1,13}(?:\.([0-9]{1,8}))?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
LONGEST_TEXT = 100


class Malformed(ValueError):
    """A value of the wrong form; `code` is that of spec/what-if.md §6."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def signed_amount(value: Any) -> int:
    """An amount in 分, which may be negative."""
    found = AMOUNT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise Malformed("invalid_amount")
    sign, yuan, rest = found.groups()
    fen = int(yuan) * 100 + int((rest or "").ljust(2, "0"))
    return -fen if sign else fen


def amount(value: Any) -> int:
    """An amount in 分."""
    fen = signed_amount(value)
    if value.startswith("-"):
        raise Malformed("negative_amount")
    return fen


def _decimal(value: Any, places: int) -> Fraction:
    found = NUMBER.fullmatch(value) if isinstance(value, str) else None
    if found is None or len(found[1] or "") > places:
        raise Malformed("invalid_rate")
    return Fraction(value)


def rate(value: Any) -> Fraction:
    """A rate, factor or share of at most six places."""
    return _decimal(value, 6)


def part(value: Any) -> Fraction:
    """A rate of at most 1."""
    found = rate(value)
    if found > 1:
        raise Malformed("invalid_rate")
    return found


def exchange_rate(value: Any) -> Fraction:
    """A rate of at most eight places above 0."""
    found = _decimal(value, 8)
    if not found:
        raise Malformed("invalid_rate")
    return found


def q_bound(value: Any) -> int:
    """A renewal ratio in ten-thousandths."""
    return int(_decimal(value, 4) * Q)


def integer(value: Any) -> int:
    """A whole number from 0 on; true and 1.0 are none."""
    if type(value) is not int or value < 0:
        raise Malformed("invalid_integer")
    return value


def boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Malformed("invalid_boolean")
    return value


def day(value: Any) -> date:
    """YYYY-MM-DD."""
    if not isinstance(value, str) or not DAY.fullmatch(value):
        raise Malformed("invalid_date")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Malformed("invalid_date") from None


def month(value: Any) -> int:
    """YYYY-MM as a running month number."""
    if not isinstance(value, str) or not MONTH.fullmatch(value):
        raise Malformed("invalid_period")
    try:
        return month_from(value)
    except ValueError:
        raise Malformed("invalid_period") from None


def text(value: Any) -> str:
    """A text of 1 to 100 characters that can be written out again."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_TEXT or not writable(value):
        raise Malformed("invalid_string")
    return value


def writable(value: str) -> bool:
    """Whether a text has neither NUL nor half a character, which no database or file takes."""
    return "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)


def own_id(value: Any) -> str:
    """An id that does not begin with @, which is the engine's."""
    found = text(value)
    if found.startswith("@"):
        raise Malformed("invalid_id")
    return found


def one_of(*choices: str) -> Callable[[Any], str]:
    """A reader of one of these words."""

    def choice(value: Any) -> str:
        if not isinstance(value, str) or value not in choices:
            raise Malformed("invalid_choice")
        return value

    return choice
