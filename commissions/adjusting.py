"""Adjustments of commission by hand: proposed by one, approved by another within his band, then posted.

Nobody approves what he proposed or what pays himself. An approved one is an entry of the first month that
takes entries, never of one that is shut (decision 017).
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.files import File
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commissions import attachments, plans
from commissions.linedisputes import cases, rules
from commissions.manual import post
from commissions.models import Adjustment, LedgerEntry, LineDispute
from crm.accounts.access import EVERYTHING, NOTHING, Viewer, scoped
from crm.accounts.models import Department, Member
from crm.accounts.rights import Band, Right
from crm.events.record import Actor, event, record
from crm.refusal import Conflict, Fault, Refused
from customers.faults import of_fields

State = Adjustment.State
BANDS = {
    Band.HEAD: _("a department head"),
    Band.FINANCE: _("finance"),
    Band.EXECUTIVE: _("an executive"),
}


def propose(
    *,
    amount: Decimal,
    reason: str,
    file: File | None,
    payee: Member | Department | None = None,
    corrects: LedgerEntry | None = None,
    effective_on: date | None = None,
    by: Viewer,
    at: datetime,
    on: date,
) -> Adjustment:
    """Propose an adjustment of a line, or one for itself of a payee; its day is that of the line, or today.

    Refused: payee required, not_reviewed, own_pay; amount zero; reason required, max_length; effective_on
    in_future; file as attachments.
    """
    row = _proposed(amount, reason, by, at, on)
    row.effective_on = effective_on or (corrects.effective_date if corrects else on)
    if corrects is not None:
        _of_line(row, corrects)
    elif payee is not None:
        row.currency = plans.Book().default.currency
        _of_payee(row, payee)
    faults = _against_payee(row, by) + of_fields(row, "amount", "reason")
    if not row.amount:
        faults.append(Fault("amount", "zero", _("Write what is added, or with a minus what is taken back.")))
    if row.effective_on > on:
        faults.append(Fault("effective_on", "in_future", _("An adjustment is of today or before.")))
    faults += attachments.faults_of(file, required=True)
    if faults:
        raise Refused(*faults)
    row.save(force_insert=True)
    attachments.keep(file, adjustment=row, by=by, at=at)
    return _tell("proposed", row, by, at, on)


def propose_for(dispute: LineDispute, *, by: Viewer, at: datetime, on: date) -> Adjustment:
    """What an answer grants, proposed by whoever gave it; the dispute holds the reason and the file."""
    granted: Any = dispute.granted
    row = _proposed(granted, dispute.answer, by, at, on)
    row.dispute, row.effective_on = dispute, dispute.entry.effective_date
    _of_line(row, dispute.entry)
    row.save(force_insert=True)
    return _tell("proposed", row, by, at, on)


def approve(
    adjustment: Adjustment,
    *,
    decision: str = "",
    by: Viewer,
    at: datetime,
    on: date,
    version: int | None = None,
) -> Adjustment:
    """Approve and post it into the first month that takes entries.

    Refused: own_proposal, own_pay, beyond_band; decision max_length. Conflict not_proposed, stale,
    no_plan_version.
    """
    held = _decided(adjustment, decision, by, on, version)
    if faults := against(held, by, on):
        raise Refused(*faults)
    held.entry = post(held, at=at, on=on)
    held.state = State.APPROVED
    held.touch().save()
    return _tell("approved", held, by, at, on, month=held.entry.posting_period)


def refuse(
    adjustment: Adjustment, *, decision: str, by: Viewer, at: datetime, on: date, version: int | None = None
) -> Adjustment:
    """Refuse it with words; a dispute that it was to settle is under review again.

    Refused: own_proposal, own_pay, beyond_band; decision required, max_length. Conflict not_proposed, stale.
    """
    held = _decided(adjustment, decision, by, on, version)
    faults = against(held, by, on)
    if not held.decision:
        faults.append(Fault("decision", "required", _("Say why it is refused.")))
    if faults:
        raise Refused(*faults)
    held.state = State.REFUSED
    held.touch().save()
    if held.dispute is not None:
        cases.reopen(held.dispute, by=by, at=at, on=on)
    return _tell("refused", held, by, at, on)


def withdraw(adjustment: Adjustment, *, by: Viewer, at: datetime, on: date) -> Adjustment:
    """Whoever proposed it takes it back. Refused: not_yours, of_dispute. Conflict not_proposed."""
    held = _decided(adjustment, "", by, on, None)
    if held.proposed_by_id != by.id:
        raise Refused(Fault("", "not_yours", _("Only whoever proposed it takes it back.")))
    if held.dispute_id is not None:
        words = _("The answer to a dispute is not taken back; it can be refused.")
        raise Refused(Fault("", "of_dispute", words))
    held.state = State.WITHDRAWN
    held.touch().save()
    return _tell("withdrawn", held, by, at, on)


def against(adjustment: Adjustment, viewer: Viewer, on: date) -> list[Fault]:
    """What stands against a person deciding on it; the pages ask it before they show a button."""
    if adjustment.proposed_by_id == viewer.id:
        return [Fault("", "own_proposal", _("You proposed it: somebody else decides."))]
    if adjustment.member_id == viewer.id:
        return [Fault("", "own_pay", _("It pays you yourself: somebody else decides."))]
    needed = rules.band_of(adjustment.amount, rules.in_force(on))
    if not viewer.may(Right.ADJUSTMENT_APPROVE) or viewer.band < needed:
        words = _("An amount like this is approved by %(who)s.") % {"who": BANDS[needed]}
        return [Fault("", "beyond_band", words)]
    return []


def within(viewer: Viewer, on: date) -> Q:
    """The adjustments that a person's band takes in, whatever their sign."""
    if viewer.band is Band.EXECUTIVE:
        return EVERYTHING
    now = rules.in_force(on)
    bound = now.finance_below if viewer.band is Band.FINANCE else now.head_below
    return Q(amount__lt=bound, amount__gt=-bound)


def payees(viewer: Viewer) -> tuple[Any, Any]:
    """The people and departments whose commission somebody reviews, himself left out."""
    about: dict[str, Any] = {"own": NOTHING}
    members = scoped(viewer.commission, viewer, department="department", **about)
    departments = scoped(viewer.commission, viewer, department="id", **about)
    return (
        Member.objects.filter(members).exclude(pk=viewer.id).order_by("code"),
        Department.objects.filter(departments).order_by("code"),
    )


def _proposed(amount: Decimal, reason: str, by: Actor, at: datetime, on: date) -> Adjustment:
    about: dict[str, Any] = {"proposed_by_id": by.id, "proposed_on": on, "proposed_at": at}
    return Adjustment(amount=amount, reason=reason.strip(), **about)


def _of_line(row: Adjustment, line: LedgerEntry) -> None:
    row.corrects, row.currency = line, line.currency
    row.member_id, row.department_id = line.member_id, line.department_id
    row.payee_department_id = line.payee_department_id


def _of_payee(row: Adjustment, payee: Member | Department) -> None:
    if isinstance(payee, Member):
        row.member, row.payee_department_id = payee, payee.department_id
    else:
        row.department = row.payee_department = payee


def _against_payee(row: Adjustment, by: Viewer) -> list[Fault]:
    if row.payee_department_id is None:
        return [Fault("payee", "required", _("Say whose commission it is."))]
    if row.member_id == by.id:
        return [Fault("payee", "own_pay", _("Nobody adjusts his own commission; dispute the line instead."))]
    members, departments = payees(by)
    found = members.filter(pk=row.member_id) if row.member_id else departments.filter(pk=row.department_id)
    if not found.exists():
        return [Fault("payee", "not_reviewed", _("You do not review this payee's commission."))]
    return []


def _decided(adjustment: Adjustment, decision: str, by: Actor, on: date, version: int | None) -> Adjustment:
    """The row of a proposed adjustment, held, with who decides on it now and what he says."""
    held = Adjustment.objects.select_for_update(no_key=True).get(pk=adjustment.pk)
    if held.state != State.PROPOSED:
        raise Conflict(Fault("", "not_proposed", _("It has been decided already.")))
    held.refuse_stale(version)
    held.decided_by_id, held.decided_on, held.decision = by.id, on, decision.strip()
    if faults := of_fields(held, "decision"):
        raise Refused(*faults)
    return held


def _tell(
    name: str, row: Adjustment, by: Actor, at: datetime, on: date, month: str | None = None
) -> Adjustment:
    """Record what happened; no amount stands in what is told."""
    told = {"member_id": row.member_id and str(row.member_id), "month": month}
    told |= {"dispute_id": row.dispute_id and str(row.dispute_id)}
    record(event(f"adjustment.{name}", subject=row.pk, data=told, by=by, at=at, on=on))
    return row
