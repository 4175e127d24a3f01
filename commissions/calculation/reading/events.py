"""Events as JSON (spec/what-if.md §2.2). A field of another kind is unknown."""

from collections.abc import Callable
from typing import Any

from commissions.calculation.facts import Event, Kind
from commissions.calculation.reading.contracts import receivables
from commissions.calculation.reading.reader import Reader
from commissions.calculation.reading.values import (
    amount,
    boolean,
    day,
    exchange_rate,
    integer,
    one_of,
    own_id,
    text,
)

Fields = dict[str, Any]


def _cash(reader: Reader) -> Fields:
    return {"amount": reader.need("amount", amount), "fx_rate": reader.take("fx_rate", exchange_rate, None)}


def _invoice(reader: Reader) -> Fields:
    return {"amount": reader.need("amount", amount)}


def _refund(reader: Reader) -> Fields:
    return _write_off(reader) | {"approved": reader.take("approved", boolean, False)}


def _write_off(reader: Reader) -> Fields:
    return {"amount": reader.need("amount", amount), "contract_year": _year(reader)}


def _expense(reader: Reader) -> Fields:
    return _write_off(reader) | {"category": reader.need("category", text)}


def _amendment(reader: Reader) -> Fields:
    return {
        "gross": reader.need("gross", amount),
        "schedule": reader.values("schedule", amount),
        "receivables": receivables(reader),
    }


def _cancellation(reader: Reader) -> Fields:
    return {
        "kept_gross": reader.take("kept_gross", amount, None),
        "served_until": reader.take("served_until", day, None),
    }


def _handover(reader: Reader) -> Fields:
    return {"from_payee": reader.need("from_payee", text), "to_payee": reader.need("to_payee", text)}


def _year(reader: Reader) -> int | None:
    return reader.take("contract_year", integer, None)


FIELDS: dict[str, Callable[[Reader], Fields]] = {
    Kind.CASH_RECEIVED: _cash,
    Kind.INVOICE_ISSUED: _invoice,
    Kind.REFUNDED: _refund,
    Kind.EXPENSE_BOOKED: _expense,
    Kind.CONTRACT_AMENDED: _amendment,
    Kind.CONTRACT_CANCELLED: _cancellation,
    Kind.WRITTEN_OFF: _write_off,
    Kind.HANDOVER: _handover,
}
ALL_FIELDS = (
    *("amount", "fx_rate", "approved", "contract_year", "category", "gross", "schedule", "receivables"),
    *("kept_gross", "served_until", "from_payee", "to_payee"),
)


def event(reader: Reader) -> Event | None:
    """One event; None when its kind is faulty, so that nothing can be said of its other fields."""
    name = reader.need("id", own_id)
    kind = reader.need("kind", one_of(*FIELDS))
    on = reader.need("date", day)
    entered_on = reader.take("entered_on", day, on)
    if kind is None:
        reader.also(*ALL_FIELDS)
        return None
    return Event(name, Kind(kind), on, entered_on, **FIELDS[kind](reader))
