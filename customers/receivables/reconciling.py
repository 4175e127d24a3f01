"""对账: the statement of account of a customer, prepared, sent, and signed or disagreed with."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from crm.events.record import Actor, event, record
from crm.refusal import Conflict, Fault, Refused
from customers.faults import broken, of_fields
from customers.models import Customer, Reconciliation
from customers.receivables.movements import PARTS, Account, figures

State = Reconciliation.State
FIGURES = ("opening", *PARTS, "closing", "lines")


def prepare(
    customer: Customer,
    *,
    starts_on: date,
    ends_on: date,
    currency: str,
    by: Actor,
    at: datetime,
    on: date,
) -> Reconciliation:
    """Draw up the statement of a customer over [starts_on, ends_on), in one currency.

    Refused: ends_on end_before_start, not_over; "" nothing_moved. Conflict overlap: a day of it stands on
    another statement.
    """
    held = Customer.objects.select_for_update(no_key=True, of=("self",)).get(pk=customer.pk)
    row = Reconciliation(customer=held, currency=currency, starts_on=starts_on, ends_on=ends_on)
    row.prepared_by_id = by.id
    faults = []
    if ends_on <= starts_on:
        faults.append(Fault("ends_on", "end_before_start", _("The period ends before it begins.")))
    elif ends_on > on:
        faults.append(Fault("ends_on", "not_over", _("The period is not over yet.")))
    _refuse(faults)
    _work_out(row, on)
    if not row.lines and not row.opening:
        _refuse([Fault("", "nothing_moved", _("Nothing was open or moved in this period."))])
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as problem:
        if broken(problem) != "one_reconciliation_at_a_time":
            raise
        words = _("A day of this period stands on another statement already.")
        raise Conflict(Fault("", "overlap", words)) from problem
    return _tell("reconciliation.prepared", row, by=by, at=at, on=on)


def send(
    row: Reconciliation, *, by: Actor, at: datetime, on: date, version: int | None = None
) -> Reconciliation:
    """Record that it went to the customer, worked out anew; its figures stay from now on.

    Conflict wrong_state, stale.
    """
    held = _hold(row, version, State.DRAFT)
    _work_out(held, on)
    held.state, held.sent_on = State.SENT, on
    return _saved("reconciliation.sent", held, by=by, at=at, on=on)


def sign(
    row: Reconciliation,
    *,
    answered_on: date,
    signatory: str,
    by: Actor,
    at: datetime,
    on: date,
    version: int | None = None,
) -> Reconciliation:
    """Record that the customer signed it. Refused: signatory required; answered_on in_future, before_sending.
    Conflict wrong_state, stale."""
    held = _hold(row, version, State.SENT)
    _answered(held, answered_on, signatory, on)
    held.state = State.SIGNED
    return _saved("reconciliation.signed", held, by=by, at=at, on=on)


def disagree(
    row: Reconciliation,
    *,
    their_closing: Decimal,
    answer: str,
    answered_on: date,
    signatory: str,
    by: Actor,
    at: datetime,
    on: date,
    version: int | None = None,
) -> Reconciliation:
    """Record that the customer's books close at another amount, and what he says about it.

    Refused: as in `sign`; answer required; their_closing no_difference. Conflict wrong_state, stale.
    """
    held = _hold(row, version, State.SENT)
    held.answer, held.difference = answer.strip(), their_closing - held.closing
    more = [] if held.answer else [Fault("answer", "required", _("Say what the customer says."))]
    if not held.difference:
        words = _("That is the closing balance of the statement: then it is signed.")
        more.append(Fault("their_closing", "no_difference", words))
    _answered(held, answered_on, signatory, on, more or of_fields(held, "answer"))
    held.state = State.DISAGREED
    return _saved("reconciliation.disagreed", held, by=by, at=at, on=on)


def redraft(
    row: Reconciliation, *, by: Actor, at: datetime, on: date, version: int | None = None
) -> Reconciliation:
    """Make one that was sent or disagreed with a draft again, worked out anew; what was said stays told.

    Conflict wrong_state, stale.
    """
    held = _hold(row, version, State.SENT, State.DISAGREED)
    held.state, held.sent_on, held.answered_on, held.difference = State.DRAFT, None, None, None
    held.answer = held.signatory = ""
    _work_out(held, on)
    return _saved("reconciliation.redrafted", held, by=by, at=at, on=on)


def discard(row: Reconciliation, *, by: Actor, at: datetime, on: date, version: int | None = None) -> None:
    """Throw a draft away. Conflict wrong_state, stale."""
    held = _hold(row, version, State.DRAFT)
    _tell("reconciliation.discarded", held, by=by, at=at, on=on)
    held.delete()


def _work_out(row: Reconciliation, on: date) -> None:
    found = figures(Account(row.customer_id, row.currency, row.starts_on, row.ends_on))
    for name in FIGURES:
        setattr(row, name, getattr(found, name))
    row.worked_on = on


def _answered(
    held: Reconciliation, answered_on: date, signatory: str, on: date, more: list[Fault] | None = None
) -> None:
    held.answered_on, held.signatory = answered_on, signatory.strip()
    faults = of_fields(held, "signatory")
    if not held.signatory:
        faults = [Fault("signatory", "required", _("Say who answered for the customer."))]
    if answered_on > on:
        faults.append(Fault("answered_on", "in_future", _("This day is still to come.")))
    elif held.sent_on and answered_on < held.sent_on:
        faults.append(Fault("answered_on", "before_sending", _("It was sent later.")))
    _refuse([*faults, *(more or ())])


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise Refused(*faults)


def _hold(row: Reconciliation, version: int | None, *states: str) -> Reconciliation:
    rows = Reconciliation.objects.select_for_update(no_key=True, of=("self",)).select_related("customer")
    held = rows.get(pk=row.pk)
    held.refuse_stale(version)
    if held.state not in states:
        words = _("The statement is %(state)s now.") % {"state": held.get_state_display()}
        raise Conflict(Fault("", "wrong_state", words))
    return held


def _saved(name: str, held: Reconciliation, *, by: Actor, at: datetime, on: date) -> Reconciliation:
    held.touch().save()
    return _tell(name, held, by=by, at=at, on=on)


def _tell(name: str, row: Reconciliation, *, by: Actor, at: datetime, on: date) -> Reconciliation:
    data: dict[str, Any] = {
        "starts_on": row.starts_on.isoformat(),
        "ends_on": row.ends_on.isoformat(),
        "closing_balance": str(row.closing),
        "currency": row.currency,
        "signatory": row.signatory,
        "note": row.answer,
    }
    if row.difference is not None:
        data["difference_amount"] = str(row.difference)
    about = {"subject": row.pk, "customer": row.customer_id}
    record(event(name, at=at, on=on, by=by, data=data, **about))
    return row
