"""核销坏账: giving up what is overdue, proposed by one person, approved by another.

Approved it is taken off its instalment, and accrual hears of it: on the basis SIGNED commission of what
will not come is taken back (domain.md §2.6). It is never undone; money that comes after all is entered by
a correction, which opens the instalment again for it.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer
from crm.accounts.models import Member
from crm.events.record import Actor, event, record
from crm.refusal import Conflict, Fault, Refused
from customers import application
from customers.faults import of_fields
from customers.models import Contract, Receivable, WriteOff

State, Kind = WriteOff.State, WriteOff.Kind
ZERO = Decimal("0.00")
SMALL, LONG, LONGEST = Decimal(50_000), 365, 3 * 365  # 国家税务总局公告2011年第25号 art. 23–24


def propose(
    receivable: Receivable, *, amount: Decimal, reason: str, by: Actor, at: datetime, on: date
) -> WriteOff:
    """Propose to give up money of an overdue instalment, in contract currency.

    Refused: reason required; amount min_value, exceeds_open (more than is open and not proposed already);
    "" not_overdue.
    """
    contract = _hold(receivable.contract_id)
    item = contract.receivables.get(pk=receivable.pk)
    row = _begun(contract, item.number, item.contract_year, amount, reason, by, on)
    faults = of_fields(row, "amount", "reason")
    if item.due_on >= on:
        faults.append(Fault("", "not_overdue", _("Only what is overdue is written off.")))
    room = item.open - _pending(contract.pk, instalment=item.number, kind=Kind.WRITE_OFF)
    return _proposed(row, room, faults, by=by, at=at, on=on)


def correct(
    written_off: WriteOff, *, amount: Decimal, reason: str, by: Actor, at: datetime, on: date
) -> WriteOff:
    """Propose to take back an approved write-off, whole or in part, for money that comes after all.

    Refused: reason required; amount min_value, exceeds_open (more than still stands of it). Conflict
    not_approved.
    """
    contract = _hold(written_off.contract_id)
    base = WriteOff.objects.get(pk=written_off.pk)
    if base.kind != Kind.WRITE_OFF or base.state != State.APPROVED:
        raise Conflict(Fault("", "not_approved", _("Only an approved write-off is corrected.")))
    row = _begun(contract, base.instalment, base.contract_year, amount, reason, by, on)
    row.kind, row.corrects = Kind.CORRECTION, base
    room = standing(base) - _pending(contract.pk, corrects=base)
    return _proposed(row, room, of_fields(row, "amount", "reason"), by=by, at=at, on=on)


def approve(row: WriteOff, *, by: Actor, at: datetime, on: date, version: int | None = None) -> WriteOff:
    """Let a proposal hold: the instalment is less open (or more), and commission follows.

    Conflict not_pending, stale, own_proposal (whoever proposed it), exceeds_open (cash came meanwhile).
    """
    held = _pending_row(row, version)
    if held.proposed_by_id == by.id:
        words = _("Whoever proposed it does not approve it: let somebody else decide.")
        raise Conflict(Fault("", "own_proposal", words))
    room = _room(held)
    if held.amount > room:
        words = format_lazy(_("At most {amount} is open by now."), amount=room)
        raise Conflict(Fault("amount", "exceeds_open", words))
    _decide(held, State.APPROVED, by, on)
    application.apply([held.contract_id])
    application.refresh([held.customer_id], on=on)
    return _tell("write_off.approved", held, by=by, at=at, on=on)


def refuse(
    row: WriteOff, *, answer: str, by: Actor, at: datetime, on: date, version: int | None = None
) -> WriteOff:
    """Say no to a proposal, and why. Refused answer required, max_length. Conflict not_pending, stale."""
    held = _pending_row(row, version)
    held.answer = answer.strip()
    faults = of_fields(held, "answer")
    if not held.answer:
        faults = [Fault("answer", "required", _("Say why."))]
    if faults:
        raise Refused(*faults)
    _decide(held, State.REFUSED, by, on)
    return _tell("write_off.refused", held, by=by, at=at, on=on)


def withdraw(row: WriteOff, *, by: Actor, at: datetime, on: date, version: int | None = None) -> WriteOff:
    """Take one's own proposal back. Refused "" not_yours. Conflict not_pending, stale."""
    held = _pending_row(row, version)
    if held.proposed_by_id != by.id:
        raise Refused(Fault("", "not_yours", _("Only whoever proposed it takes it back.")))
    _decide(held, State.WITHDRAWN, by, on)
    return _tell("write_off.withdrawn", held, by=by, at=at, on=on)


def standing(base: WriteOff) -> Decimal:
    """What still stands of an approved write-off after its approved corrections."""
    taken = base.corrections.filter(state=State.APPROVED).aggregate(sum=Sum("amount"))["sum"]
    return base.amount - (taken or ZERO)


def is_tax_loss(amount: Decimal, overdue_days: int) -> bool:
    """Whether the tax office takes it as a bad debt by its age and size alone, in the tenant's currency."""
    return overdue_days > LONGEST or (overdue_days > LONG and amount <= SMALL)


def acts_of(row: WriteOff, member: Viewer | Member, approves: bool) -> frozenset[str]:
    """What somebody can do to a write-off now; `approves` tells whether his roles let him decide."""
    if row.state != State.PROPOSED:
        return frozenset()
    own = row.proposed_by_id == member.id
    return frozenset({"withdraw"} if own else {"approve", "refuse"} if approves else ())


def _hold(contract_id: Any) -> Contract:
    return Contract.objects.select_for_update(no_key=True).get(pk=contract_id)


def _begun(
    contract: Contract, instalment: str, year: int, amount: Decimal, reason: str, by: Actor, on: date
) -> WriteOff:
    return WriteOff(
        number=f"{contract.number}/W{contract.write_offs.count() + 1}",
        contract=contract,
        customer_id=contract.customer_id,
        instalment=instalment,
        contract_year=year,
        amount=amount,
        currency=contract.currency,
        reason=reason.strip(),
        proposed_by_id=by.id,
        proposed_on=on,
    )


def _proposed(
    row: WriteOff, room: Decimal, faults: list[Fault], *, by: Actor, at: datetime, on: date
) -> WriteOff:
    if not faults and row.amount > room:
        words = format_lazy(_("At most {amount} can be proposed."), amount=max(room, ZERO))
        faults = [Fault("amount", "exceeds_open", words)]
    if faults:
        raise Refused(*faults)
    row.save(force_insert=True)
    return _tell("write_off.proposed", row, by=by, at=at, on=on)


def _pending(contract_id: Any, **which: Any) -> Decimal:
    rows = WriteOff.objects.filter(contract_id=contract_id, state=State.PROPOSED, **which)
    return rows.aggregate(sum=Sum("amount"))["sum"] or ZERO


def _pending_row(row: WriteOff, version: int | None) -> WriteOff:
    """The proposal with its contract held, so that no cash is settled meanwhile."""
    _hold(row.contract_id)
    held = WriteOff.objects.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)
    held.refuse_stale(version)
    if held.state != State.PROPOSED:
        words = format_lazy(_("It is decided already: {state}."), state=held.get_state_display())
        raise Conflict(Fault("", "not_pending", words))
    return held


def _room(held: WriteOff) -> Decimal:
    if held.corrects is not None:
        return standing(held.corrects)
    item = Receivable.objects.filter(contract_id=held.contract_id, number=held.instalment).first()
    return item.open if item else ZERO


def _decide(held: WriteOff, state: str, by: Actor, on: date) -> None:
    held.state, held.decided_by_id, held.decided_on = state, by.id, on
    held.touch().save(update_fields=["state", "decided_by", "decided_on", "answer", "version", "updated_at"])


def _tell(name: str, row: WriteOff, *, by: Actor, at: datetime, on: date) -> WriteOff:
    data = {
        "number": row.number,
        "kind": row.kind,
        "contract": row.contract.number,
        "contract_id": str(row.contract_id),
        "amount": str(row.amount),
        "currency": row.currency,
        "note": row.answer or row.reason,
    }
    about = {"subject": row.pk, "customer": row.customer_id}
    record(event(name, at=at, on=on, by=by, data=data, **about))
    return row
