"""What a contract says: its terms, the years and the payment plan that follow from them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm import periods
from crm.money import from_fen, round_ratio, split, to_fen
from crm.refusal import Fault
from customers.faults import of_fields
from customers.models import Contract, Receivable

LONGEST = 1200  # months
LARGEST = 10**15  # 分: what a column of thirteen digits before the point holds
FIELDS = ("number", "title", "line", "product_kind", "gross", "vat_rate", "currency", "book_rate")
DAYS = ("signed_on", "starts_on", "ends_on")


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The terms of a contract over [starts_on, ends_on).

    `gross` is in 元 of `currency`, tax included; an empty currency is the tenant's. `book_rate` is the
    tenant's currency per unit, None for its own. `schedule` is the agreed gross of each contract year.
    """

    number: str
    gross: Decimal
    signed_on: date
    starts_on: date
    ends_on: date
    title: str = ""
    line: str = "DEFAULT"
    product_kind: str = Contract.ProductKind.STANDARD
    vat_rate: Decimal = Decimal(0)
    currency: str = ""
    book_rate: Decimal | None = None
    schedule: tuple[Decimal, ...] | None = None
    renewal_of: Contract | None = None


class YearRow(NamedTuple):
    """A contract year as it is stored: amounts in 元, `annual_amount` in the tenant's currency."""

    number: int
    starts_on: date
    ends_on: date
    gross: Decimal
    annual_amount: Decimal
    counts_from: date
    counts_until: date


class Instalment(NamedTuple):
    """One part of the payment plan; without `contract_year` the year in which it is due.

    `milestone` says in words what makes it due, such as 验收.
    """

    due_on: date
    amount: Decimal
    contract_year: int | None = None
    milestone: str = ""


def years_of(terms: Terms, cancelled_on: date | None = None) -> tuple[YearRow, ...]:
    """The contract years of sound terms (rules YEARS and ANNUAL of spec/what-if.md §4).

    A year counts on the days of [counts_from, counts_until): signed, begun, not ended or cancelled; the
    period is empty for a year that was over before the signature. A term below twelve months counts as
    it is (`gross_up_short` off). Pure: imports call it for rows that never become objects.
    """
    gross, rate = to_fen(terms.gross), terms.book_rate or 1
    agreed = None if terms.schedule is None else tuple(map(to_fen, terms.schedule))
    parts = agreed or periods.schedule(gross, terms.starts_on, terms.ends_on)
    rows = []
    for year, part in zip(periods.term(terms.starts_on, terms.ends_on).years, parts, strict=True):
        annual = periods.annual_fen(
            gross, terms.starts_on, terms.ends_on, agreed=agreed, year=year.number, book_rate=rate
        )
        begins = max(terms.signed_on, year.starts_on)
        ends = year.ends_on if cancelled_on is None else min(year.ends_on, cancelled_on)
        rows.append(YearRow(*year[:3], from_fen(part), from_fen(annual), begins, ends))
    return tuple(rows)


def plan_of(years: Sequence[YearRow]) -> list[Instalment]:
    """The payment plan when none was agreed: each year's amount due on its first day (decision D3)."""
    return [Instalment(year.starts_on, year.gross, year.number) for year in years if year.gross]


def in_parts(years: Sequence[YearRow], every: int) -> list[Instalment]:
    """A payment plan of equal parts each `every` months from the first day of each contract year.

    The parts of a year sum to its amount; left-over 分 go to the first ones. A broken last year has as
    many parts as begin in it.
    """
    plan = []
    for year in years:
        starts = [periods.add_months(year.starts_on, step) for step in range(0, 12, every)]
        days = [day for day in starts if day < year.ends_on]
        parts = split(to_fen(year.gross), [1] * len(days))
        plan += [
            Instalment(day, from_fen(part), year.number)
            for day, part in zip(days, parts, strict=True)
            if part
        ]
    return plan


def kept_of(years: Sequence[YearRow], cancelled_on: date) -> Decimal:
    """What is owed of a contract cancelled from a day: the years served, and the running one by days."""
    kept = 0
    for year in years:
        length = (year.ends_on - year.starts_on).days
        served = min(max((cancelled_on - year.starts_on).days, 0), length)
        kept += round_ratio(to_fen(year.gross) * served, length)
    return from_fen(kept)


def judged(row: Contract, terms: Terms, *, home: str, on: date) -> list[Fault]:
    """What stands against the terms, seen on a day by a tenant whose currency is `home`."""
    faults = of_fields(row, *FIELDS, *DAYS)
    wrong = {fault.field for fault in faults}
    faults += [fault for fault in _of_rates(row, terms, home) if fault.field not in wrong]
    if not wrong & set(DAYS):
        faults += _of_days(row, on)
    renewed = terms.renewal_of
    if renewed is not None and renewed.customer_id != row.customer_id:
        words = _("A contract renews one of the same customer.")
        faults.append(Fault("renewal_of", "other_customer", words))
    return faults or list(_of_schedule(terms)) or list(_of_size(terms))


def _of_rates(row: Contract, terms: Terms, home: str) -> Iterator[Fault]:
    if not 0 <= row.vat_rate <= 1:
        yield Fault("vat_rate", "invalid_rate", _("A tax rate lies between 0 and 100 %."))
    if len(row.currency) != 3 or not row.currency.isalpha() or not row.currency.isupper():
        yield Fault("currency", "invalid", _("A currency is three capital letters, such as USD."))
    elif row.currency == home and row.book_rate != 1:
        yield Fault("book_rate", "invalid_rate", _("The own currency has the rate 1."))
    elif row.currency != home and terms.book_rate is None:
        yield Fault("book_rate", "unknown_rate", _("A foreign currency needs the book rate of the month."))
    elif row.book_rate <= 0:
        yield Fault("book_rate", "invalid_rate", _("A book rate is above zero."))


def _of_days(row: Contract, on: date) -> Iterator[Fault]:
    if row.ends_on <= row.starts_on:
        yield Fault("ends_on", "end_before_start", _("The contract ends before it begins."))
    elif periods.term_months(row.starts_on, row.ends_on) > LONGEST:
        yield Fault("ends_on", "too_long", _("A contract lasts at most a hundred years."))
    if row.signed_on > on:
        yield Fault("signed_on", "in_future", _("A contract cannot be signed in the future."))


def _of_schedule(terms: Terms) -> Iterator[Fault]:
    if terms.schedule is None:
        return
    count = len(periods.term(terms.starts_on, terms.ends_on).years)
    wrong = [
        Fault(f"schedule[{place}]", fault.code, fault.message)
        for place, amount in enumerate(terms.schedule)
        for fault in of_fields(Contract(gross=amount), "gross")
    ]
    yield from wrong
    if len(terms.schedule) != count:
        words = _("The term has {count} contract years: give one amount for each.")
        yield Fault("schedule", "schedule_length", format_lazy(words, count=count))
    elif not wrong and sum(terms.schedule) != terms.gross:
        words = _("The amounts of the years do not sum to {gross}.")
        yield Fault("schedule", "schedule_mismatch", format_lazy(words, gross=terms.gross))


def _of_size(terms: Terms) -> Iterator[Fault]:
    if any(to_fen(year.annual_amount) >= LARGEST for year in years_of(terms)):
        yield Fault("gross", "too_large", _("The amount is too large."))


def receivables(
    contract: Contract, instalments: Sequence[Instalment], years: Sequence[YearRow]
) -> tuple[list[Receivable], list[Fault]]:
    """The payment plan as rows in order of their due dates, and what stands against it.

    The instalments of each contract year sum to its amount.
    """
    span, faults, rows = periods.term(contract.starts_on, contract.ends_on), [], []
    for place, part in enumerate(instalments):
        row = Receivable(contract=contract, customer_id=contract.customer_id, due_on=part.due_on)
        row.amount, row.milestone = part.amount, part.milestone.strip()
        wrong = of_fields(row, "due_on", "amount", "milestone", prefix=f"instalments[{place}].")
        row.contract_year = part.contract_year or (1 if wrong else periods.year_of(span, row.due_on))
        if not 1 <= row.contract_year <= len(years):
            words = _("The contract has no such year.")
            wrong.append(Fault(f"instalments[{place}].contract_year", "unknown_contract_year", words))
        rows.append(row)
        faults += wrong
    rows.sort(key=lambda row: (row.due_on, row.contract_year))
    for position, row in enumerate(rows, 1):
        row.number = f"{contract.number}/{position}"
    return rows, faults or list(_of_plan(rows, years))


def _of_plan(rows: Sequence[Receivable], years: Sequence[YearRow]) -> Iterator[Fault]:
    for year in years:
        planned = sum((row.amount for row in rows if row.contract_year == year.number), Decimal("0.00"))
        if planned != year.gross:
            words = _("The instalments of contract year {year} sum to {planned} and not to {gross}.")
            told = format_lazy(words, year=year.number, planned=planned, gross=year.gross)
            yield Fault("instalments", "schedule_mismatch", told)
