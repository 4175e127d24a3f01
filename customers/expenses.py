"""Direct expenses of a contract, in the tenant's currency, without deductible tax."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from crm import periods
from crm.events.models import Event
from crm.events.record import Actor, event
from crm.refusal import Fault, Refused
from customers import once
from customers.faults import of_fields
from customers.models import Contract, ContractExpense

SAME = ("contract_id", "category", "amount", "incurred_on", "contract_year")


@dataclass(frozen=True, kw_only=True)
class Expense:
    """An expense to book; without `contract_year` the year that contains its date."""

    number: str
    category: str
    amount: Decimal
    incurred_on: date
    contract_year: int | None = None
    note: str = ""


def write(contract: Contract, expense: Expense, *, on: date) -> tuple[ContractExpense, bool]:
    """The stored expense, and whether it is new. Refused: see cash.book_expense."""
    row = ContractExpense(
        contract=contract,
        number=expense.number.strip(),
        category=expense.category,
        amount=expense.amount,
        incurred_on=expense.incurred_on,
        note=expense.note.strip(),
        entered_on=on,
    )
    faults = of_fields(row, "number", "category", "amount", "incurred_on", "note")
    faults = faults or _of_day(row, expense.contract_year, on)
    if faults:
        raise Refused(*faults)
    return once.put(row, SAME)


def _of_day(row: ContractExpense, year: int | None, on: date) -> list[Fault]:
    faults = []
    span = periods.term(row.contract.starts_on, row.contract.ends_on)
    row.contract_year = year or periods.year_of(span, row.incurred_on)
    if not 1 <= row.contract_year <= len(span.years):
        words = _("The contract has no such year.")
        faults.append(Fault("contract_year", "unknown_contract_year", words))
    if row.incurred_on > on:
        faults.append(Fault("incurred_on", "in_future", _("This day is still to come.")))
    return faults


def booked(row: ContractExpense, *, by: Actor | None, at: datetime, on: date) -> Event:
    """The event that tells of a new expense."""
    data = {
        "number": row.number,
        "contract": row.contract.number,
        "contract_id": str(row.contract_id),
        "expense_id": str(row.pk),
        "category": row.category,
        "amount": str(row.amount),
        "incurred_on": row.incurred_on.isoformat(),
        "contract_year": row.contract_year,
    }
    about = {"subject": row.contract_id, "customer": row.contract.customer_id}
    return event("expense.booked", at=at, on=on, by=by, data=data, **about)
