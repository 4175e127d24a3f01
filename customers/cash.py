"""Money that comes for a contract, money that goes back, and what is spent on it."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.events.models import Event
from crm.events.record import Actor, event, record
from crm.refusal import Fault, Refused
from customers import expenses, once
from customers.application import apply, refresh
from customers.faults import of_fields
from customers.models import Contract, ContractExpense, Payment

__all__ = ["apply", "book_expense", "receive", "refresh", "refresh_all", "refund"]

SAME = ("contract_id", "kind", "amount", "received_on")
ZERO = Decimal("0.00")


def receive(
    contract: Contract,
    *,
    number: str,
    amount: Decimal,
    received_on: date,
    by: Actor | None,
    at: datetime,
    on: date,
    note: str = "",
) -> Payment:
    """Record money received, in the contract's currency, and settle the instalments with it.

    The same number with the same content again returns the first receipt and does nothing.
    Refused: number required, duplicate_number; amount not above zero or no amount; received_on
    in_future, before_signing.
    """
    row = Payment(number=number.strip(), amount=amount, received_on=received_on, note=note.strip())
    return _pay(contract, row, {"received_on": "received_on"}, by=by, at=at, on=on)


def refund(
    contract: Contract,
    *,
    number: str,
    amount: Decimal,
    refunded_on: date,
    by: Actor | None,
    at: datetime,
    on: date,
    note: str = "",
) -> Payment:
    """Record money given back, in the contract's currency; it takes from the newest receipts before it.

    Refused as in `receive`, and amount refund_exceeds_cash: more than was there on that day or would be
    left for a later refund.
    """
    row = Payment(number=number.strip(), amount=amount, received_on=refunded_on, note=note.strip())
    row.kind = Payment.Kind.REFUND
    return _pay(contract, row, {"received_on": "refunded_on"}, by=by, at=at, on=on)


def book_expense(
    contract: Contract,
    *,
    number: str,
    category: str,
    amount: Decimal,
    incurred_on: date,
    by: Actor | None,
    at: datetime,
    on: date,
    contract_year: int | None = None,
    note: str = "",
) -> ContractExpense:
    """Book a direct expense in the tenant's currency to a contract year, by default that of its date.

    The same number with the same content again returns the first. Refused: number required,
    duplicate_number; category invalid_choice; amount; incurred_on in_future; unknown_contract_year.
    """
    expense = expenses.Expense(
        number=number,
        category=category,
        amount=amount,
        incurred_on=incurred_on,
        contract_year=contract_year,
        note=note,
    )
    row, new = expenses.write(contract, expense, on=on)
    if new:
        record(expenses.booked(row, by=by, at=at, on=on))
    return row


def refresh_all(on: date, at: datetime) -> int:
    """The step of the night: what is open and overdue on this day."""
    return refresh(None, on=on)


def _pay(
    contract: Contract, row: Payment, names: dict[str, str], *, by: Actor | None, at: datetime, on: date
) -> Payment:
    held = Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)
    row.contract, row.customer_id, row.currency, row.entered_on = held, held.customer_id, held.currency, on
    faults = _judge(row, held, on)
    if faults:
        raise Refused(*(Fault(names.get(f.field, f.field), f.code, f.message) for f in faults))
    with transaction.atomic():
        row, new = once.put(row, SAME)
        if new and row.kind == Payment.Kind.REFUND:
            _refuse_overdraft(row)
    if new:
        apply([held.pk])
        refresh([held.customer_id], on=on)
        record(_told(row, held, by=by, at=at, on=on))
    return row


def _judge(row: Payment, contract: Contract, on: date) -> list[Fault]:
    faults = of_fields(row, "number", "amount", "received_on", "note")
    if any(fault.field == "received_on" for fault in faults):
        return faults
    if row.received_on > on:
        faults.append(Fault("received_on", "in_future", _("This day is still to come.")))
    elif row.received_on < contract.signed_on:
        words = _("The contract was signed later, on {day}.")
        told = format_lazy(words, day=contract.signed_on.isoformat())
        faults.append(Fault("received_on", "before_signing", told))
    return faults


def _refuse_overdraft(refund: Payment) -> None:
    """Refuse a refund after which the balance of some day is below zero."""
    moves = sorted(
        Payment.objects.filter(contract_id=refund.contract_id).values_list("received_on", "kind", "amount")
    )
    balance, least = ZERO, None
    for day, kind, amount in moves:
        balance += amount if kind == Payment.Kind.RECEIPT else -amount
        if day >= refund.received_on:
            least = balance if least is None else min(least, balance)
    if least is not None and least < 0:
        words = _("At most {amount} can be given back on that day.")
        told = format_lazy(words, amount=max(refund.amount + least, ZERO))
        raise Refused(Fault("amount", "refund_exceeds_cash", told))


def _told(row: Payment, contract: Contract, *, by: Actor | None, at: datetime, on: date) -> Event:
    name = "payment.received" if row.kind == Payment.Kind.RECEIPT else "payment.refunded"
    data = {
        "number": row.number,
        "contract": contract.number,
        "contract_id": str(contract.pk),
        "payment_id": str(row.pk),
        "amount": str(row.amount),
        "currency": row.currency,
        "received_on": row.received_on.isoformat(),
    }
    about = {"subject": contract.pk, "customer": contract.customer_id}
    return event(name, at=at, on=on, by=by, data=data, **about)
