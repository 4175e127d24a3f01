"""Contracts as JSON (spec/what-if.md §2.1)."""

from fractions import Fraction

from commissions.calculation.facts import Contract, Expense, Receivable
from commissions.calculation.reading.reader import Reader
from commissions.calculation.reading.values import amount, day, exchange_rate, integer, rate, text


def asked_contract(reader: Reader) -> Contract:
    """The contract asked about."""
    signed_on = reader.need("signed_on", day)
    return _contract(
        reader,
        signed_on=signed_on,
        renewal_of=reader.take("renewal_of", text, None),
        receivables=receivables(reader),
        expenses=reader.objects("expenses", _expense) or (),
        hold_until=reader.take("hold_until", day, None),
    )


def other_contract(reader: Reader) -> Contract:
    """A contract beside it."""
    starts_on = reader.take("starts_on", day, None)
    return _contract(
        reader,
        signed_on=reader.take("signed_on", day, starts_on),
        cancelled_on=reader.take("cancelled_on", day, None),
        signed_class=reader.take("class", text, None),
    )


def _contract(reader: Reader, **more: object) -> Contract:
    fields: dict[str, object] = {
        "number": reader.need("number", text),
        "line": reader.take("line", text, "DEFAULT"),
        "gross": reader.need("gross", amount),
        "vat_rate": reader.take("vat_rate", rate, Fraction(0)),
        "currency": reader.take("currency", text, None),
        "book_rate": reader.take("book_rate", exchange_rate, None),
        "starts_on": reader.need("starts_on", day),
        "ends_on": reader.need("ends_on", day),
        "schedule": reader.values("schedule", amount),
        "responsible_dept": reader.take("responsible_dept", text, "SALES_DEPT"),
    }
    return Contract(**fields, **more)  # type: ignore[arg-type]


def receivables(reader: Reader) -> tuple[Receivable, ...] | None:
    """A payment plan, of a contract or an amendment."""
    return reader.objects("receivables", _receivable)


def _receivable(reader: Reader) -> Receivable:
    return Receivable(
        reader.need("due_on", day), reader.need("gross", amount), reader.take("contract_year", integer, None)
    )


def _expense(reader: Reader) -> Expense:
    return Expense(
        reader.need("amount", amount),
        reader.need("category", text),
        reader.take("date", day, None),
        reader.take("contract_year", integer, None),
    )
