"""Between what a person types in a box and what spec/what-if.md §3 writes. What cannot be read stays as it is
typed: the reading of the calculation refuses it, with its own code, and the form puts that beside the box.
"""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any
from unicodedata import normalize

from crm.integrations.imports.faults import Misread
from crm.integrations.imports.numbers import read_amount


def _plain(text: str) -> str:
    return normalize("NFKC", text).strip()


def _decimal(text: str) -> Decimal | None:
    try:
        found = Decimal(_plain(text))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _factor(text: str) -> str:
    found = _decimal(text)
    return _plain(text) if found is None else _fixed(found)


def _percent(text: str) -> str:
    found = _decimal(_plain(text).removesuffix("%"))
    return _plain(text) if found is None else _fixed(found / 100)


def _bps(text: str) -> Any:
    found = _decimal(_plain(text).removesuffix("%"))
    points = None if found is None else found * 100
    return int(points) if points is not None and points == points.to_integral() else _plain(text)


def _days(text: str) -> Any:
    plain = _plain(text)
    return int(plain) if plain.isdecimal() and len(plain) < 10 else plain


def _amount(text: str) -> str:
    try:
        return f"{read_amount(text):.2f}"
    except Misread:
        return _plain(text)


def _optional(read: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda text: read(text) if text.strip() else None


READ: dict[str, Callable[[Any], Any]] = {
    "text": lambda text: text.strip(),
    "choice": str,
    "factor": _factor,
    "q": _factor,
    "percent": _percent,
    "optional percent": _optional(_percent),
    "bps": _bps,
    "days": _days,
    "amount": _amount,
    "optional amount": _optional(_amount),
    "several": list,
}


def _fixed(number: Decimal) -> str:
    """A decimal without exponent and without needless zeros."""
    return f"{number.normalize():f}" if number else "0"


def _shown_factor(value: str) -> str:
    return _fixed(Decimal(value))


def _shown_percent(value: str) -> str:
    return _fixed(Decimal(value) * 100)


def _shown_amount(value: str) -> str:
    return f"{Decimal(value):,.2f}"


SHOWN: dict[str, Callable[[Any], str]] = {
    "factor": _shown_factor,
    "q": _shown_factor,
    "percent": _shown_percent,
    "optional percent": _shown_percent,
    "bps": lambda value: _fixed(Decimal(value) / 100),
    "days": str,
    "amount": _shown_amount,
    "optional amount": _shown_amount,
}


def shown(kind: str, value: Any) -> str:
    """A value of complete settings as it stands in its box; "" for none."""
    return "" if value is None else SHOWN.get(kind, str)(value)


def sort_key(value: Any) -> tuple[int, Decimal]:
    """Where a row stands by its start; those that cannot be read stand last."""
    number = _decimal(str(value))
    return (1, Decimal(0)) if number is None else (0, number)
