"""Contracts: signing one with its years, shares, payment plan and expenses, and ending it early.

A new price for one that runs stands in customers.amending.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, cast

from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.db.models.functions import Least
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Member
from crm.events.record import Actor, event, record
from crm.refusal import Conflict, Fault, Refused
from crm.tenancy.context import current
from crm.tenancy.models import Tenant
from customers import application, confirming
from customers.expenses import Expense, booked, write
from customers.faults import broken, of_fields
from customers.models import Contract, ContractExpense, ContractYear, CreditSplit, Customer, Receivable
from customers.splits import WHOLE, Share, splits_of
from customers.terms import Instalment, Terms, YearRow, judged, kept_of, plan_of, receivables, years_of

__all__ = [
    "WHOLE",
    "Expense",
    "Instalment",
    "Share",
    "Terms",
    "cancel",
    "home_currency",
    "plan_of",
    "running",
    "sign",
    "years_of",
]

ZERO = Decimal("0.00")


def sign(
    customer: Customer,
    *,
    terms: Terms,
    shares: Sequence[Share] = (),
    instalments: Sequence[Instalment] = (),
    expenses: Sequence[Expense] = (),
    by: Actor | None,
    at: datetime,
    on: date,
    signed_by: Member | None = None,
) -> Contract:
    """Record a signed contract; what follows from it (years, shares, payment plan) is written with it.

    Without `shares` the responsible department has the whole pool (decision D2), without `instalments`
    each contract year is due on its first day (D3). `signed_by` is by default the customer's owner.
    Shares for others than him wait for the heads of their departments (customers.confirming).
    Refused: number required, duplicate_contract; gross; vat_rate and book_rate invalid_rate; book_rate
    unknown_rate; currency invalid; signed_on in_future; ends_on end_before_start, too_long; schedule
    schedule_length, schedule_mismatch; renewal_of other_customer; shares required, sum_not_10000;
    shares[i].payee duplicate_payee, not_active; shares[i].basis_points invalid_integer; instalments
    schedule_mismatch; instalments[i].contract_year unknown_contract_year; expenses[i].…; customer_blocked.
    """
    held = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    contract = _contract(held, terms, signed_by, by, on)
    splits, faults = splits_of(contract, shares)
    faults = [*judged(contract, terms, home=home_currency(), on=on), *faults]
    if held.is_blocked:
        faults.append(Fault("", "customer_blocked", _("This customer is blocked: nothing can be signed.")))
    _refuse(faults)
    years = years_of(terms)
    plan, faults = receivables(contract, instalments or plan_of(years), years)
    _refuse(faults)
    spent = _write(contract, years, splits, plan, expenses, on)
    asked = confirming.ask(contract, splits, owner_id=held.owner_id, by=by, at=at, on=on)
    application.refresh([held.pk], on=on)
    tell = partial(event, by=by, at=at, on=on, subject=contract.pk, customer=held.pk)
    signed = tell("contract.signed", data=_told(contract, terms.renewal_of, splits))
    record(signed, *asked, *(booked(row, by=by, at=at, on=on) for row in spent))
    return contract


def cancel(
    contract: Contract,
    *,
    cancelled_on: date,
    by: Actor | None,
    at: datetime,
    on: date,
    kept_gross: Decimal | None = None,
    reason: str = "",
) -> Contract:
    """End a contract early: `cancelled_on` is the first day without it.

    `kept_gross` is what the customer still owes of the whole price, by default the part of it that was
    served, by days. The instalments beyond it are waived, the last of a year first; money already
    received for them becomes an advance.
    Refused: cancelled_on before_signing, after_end; kept_gross no amount, kept_exceeds_gross; Conflict
    already_cancelled.
    """
    held = running(contract)
    years = list(held.years.order_by("number"))
    held.cancelled_on, held.cancellation_entered_on = cancelled_on, on
    _refuse(_of_cancellation(held, kept_gross))
    held.kept_gross = kept_of(cast(list[YearRow], years), cancelled_on) if kept_gross is None else kept_gross
    held.touch().save(
        update_fields=["cancelled_on", "cancellation_entered_on", "kept_gross", "version", "updated_at"]
    )
    held.years.update(counts_until=Least(F("ends_on"), Value(cancelled_on)))
    _waive(held)
    application.apply([held.pk])
    application.refresh([held.customer_id], on=on)
    told = _told_of_cancellation(held, reason)
    record(event("contract.cancelled", at=at, on=on, by=by, **told))
    for name in ("cancelled_on", "kept_gross", "version", "updated_at"):
        setattr(contract, name, getattr(held, name))
    return contract


def _told_of_cancellation(held: Contract, reason: str) -> dict[str, Any]:
    data = {
        **{name: getattr(held, name) for name in ("number", "currency")},
        **{name: str(getattr(held, name)) for name in ("cancelled_on", "gross", "kept_gross")},
        "reason": reason.strip(),
    }
    return {"subject": held.pk, "customer": held.customer_id, "data": data}


def running(contract: Contract) -> Contract:
    """The contract as it stands now, held for a change of its terms. Conflict already_cancelled."""
    held = Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)
    if held.cancelled_on is not None:
        raise Conflict(Fault("", "already_cancelled", _("This contract has been cancelled already.")))
    return held


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise Refused(*faults)


def home_currency() -> str:
    """The currency of the tenant in scope."""
    return Tenant.objects.only("currency").get(pk=current()).currency


def _contract(
    customer: Customer, terms: Terms, signed_by: Member | None, by: Actor | None, on: date
) -> Contract:
    plain = ("title", "line", "product_kind", "gross", "vat_rate", "signed_on", "starts_on", "ends_on")
    return Contract(
        **{name: getattr(terms, name) for name in plain},
        number=terms.number.strip(),
        currency=terms.currency or home_currency(),
        book_rate=1 if terms.book_rate is None else terms.book_rate,
        renewal_of=terms.renewal_of,
        has_schedule=terms.schedule is not None,
        customer=customer,
        responsible_dept_id=customer.responsible_dept_id,
        signed_by_id=signed_by.pk if signed_by else customer.owner_id or (by.id if by else None),
        entered_on=on,
    )


@transaction.atomic
def _write(
    contract: Contract,
    years: Sequence[YearRow],
    splits: list[CreditSplit],
    plan: list[Receivable],
    expenses: Sequence[Expense],
    on: date,
) -> list[ContractExpense]:
    try:
        with transaction.atomic():
            contract.save(force_insert=True)
    except IntegrityError as problem:
        if not broken(problem).startswith("contract_number"):
            raise
        words = _("Another contract has this number.")
        raise Refused(Fault("number", "duplicate_contract", words)) from problem
    about = {"contract": contract, "customer_id": contract.customer_id}
    ContractYear.objects.bulk_create(ContractYear(**about, **year._asdict()) for year in years)
    CreditSplit.objects.bulk_create(splits)
    Receivable.objects.bulk_create(plan)
    return _spend(contract, expenses, on)


def _spend(contract: Contract, expenses: Sequence[Expense], on: date) -> list[ContractExpense]:
    rows = []
    for place, expense in enumerate(expenses):
        try:
            row, new = write(contract, expense, on=on)
        except Refused as refused:
            where = f"expenses[{place}]."
            raise Refused(*(Fault(where + f.field, f.code, f.message) for f in refused.faults)) from refused
        rows += [row] if new else []
    return rows


def _told(contract: Contract, renewed: Contract | None, splits: Sequence[CreditSplit]) -> dict[str, Any]:
    payees = [(split.member or split.department, split.basis_points) for split in splits]
    return {
        "number": contract.number,
        "gross": str(contract.gross),
        "currency": contract.currency,
        "line": contract.line,
        "starts_on": contract.starts_on.isoformat(),
        "ends_on": contract.ends_on.isoformat(),
        "renewal_of": renewed.number if renewed else None,
        "shares": [{"payee": payee.name, "basis_points": points} for payee, points in payees if payee],
    }


def _of_cancellation(contract: Contract, kept_gross: Decimal | None) -> list[Fault]:
    faults = of_fields(contract, "cancelled_on")
    day = cast(date, contract.cancelled_on)
    if not faults and day < contract.signed_on:
        words = _("A contract cannot be cancelled before it was signed.")
        faults.append(Fault("cancelled_on", "before_signing", words))
    if not faults and day >= contract.ends_on:
        faults.append(Fault("cancelled_on", "after_end", _("The contract ends on that day by itself.")))
    wrong = [] if kept_gross is None else of_fields(Contract(kept_gross=kept_gross), "kept_gross")
    if not wrong and kept_gross is not None and kept_gross > contract.gross:
        words = _("What is kept cannot be more than the price.")
        wrong = [Fault("kept_gross", "kept_exceeds_gross", words)]
    return [*faults, *wrong]


def _waive(contract: Contract) -> None:
    """Take off the instalments what goes beyond the amount kept, which fills them from the first on."""
    left, rows = (
        contract.kept_gross or ZERO,
        list(contract.receivables.order_by("contract_year", "due_on", "id")),
    )
    for row in rows:
        owed = min(left, row.amount)
        row.waived, row.written_off, left = row.amount - owed, min(row.written_off, owed), left - owed
        row.applied = min(row.applied, owed - row.written_off)
    Receivable.objects.bulk_update(rows, ["waived", "written_off", "applied"])
