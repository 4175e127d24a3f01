"""A tier proposed by one and approved by another: what a head wants, an executive lets hold."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer
from crm.accounts.models import Member
from crm.accounts.rights import Right
from crm.events.record import Actor, event, record
from crm.refusal import Conflict, Fault, Refused
from customers.models import Customer
from tiers import overrides
from tiers.models import TierOverride, TierProposal

Outcome = TierProposal.Outcome


def propose(
    customer: Customer, *, tier: str, until: date, reason: str, by: Actor, at: datetime, on: date
) -> TierProposal:
    """Propose a tier over [the day it is approved, until).

    Refused as overrides.judge says. Conflict open: another proposal for the customer waits.
    """
    if faults := overrides.judge(tier, until, reason, on):
        raise Refused(*faults)
    # The row of the customer orders two people who propose at once.
    Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
    if TierProposal.objects.filter(customer=customer, outcome="").exists():
        raise Conflict(Fault("", "open", _("A proposal for this customer waits already.")))
    row = TierProposal.objects.create(
        customer=customer,
        tier=tier,
        until=until,
        reason=reason.strip(),
        proposed_by_id=by.id,
        proposed_on=on,
    )
    data = {"tier": tier, "until": until.isoformat(), "reason": row.reason}
    _tell("customer.tier_proposed", row, data, by, at, on)
    return row


def may_close(viewer: Viewer, row: TierProposal) -> bool:
    """Whether the viewer may say no to it: whoever decides tiers, and the proposer himself."""
    return viewer.may(Right.TIER_DECIDE) or row.proposed_by_id == viewer.id


def approve(
    row: TierProposal, *, by: Actor, at: datetime, on: date, version: int | None = None
) -> TierOverride:
    """Let what was proposed hold from today on.

    Refused: "" own_proposal; as overrides.decide says. Conflict decided (somebody was faster), stale.
    """
    held = _held(row, version)
    if held.proposed_by_id == by.id:
        words = _("Whoever proposes a tier does not approve it.")
        raise Refused(Fault("", "own_proposal", words))
    proposer = Member.objects.get(pk=held.proposed_by_id)
    made = overrides.decide(
        held.customer,
        tier=held.tier,
        until=held.until,
        reason=held.reason,
        by=by,
        at=at,
        on=on,
        proposed_by=proposer,
    )
    _close(held, Outcome.APPROVED, "", by, on)
    return made


def refuse(
    row: TierProposal, *, note: str = "", by: Actor, at: datetime, on: date, version: int | None = None
) -> TierProposal:
    """Say no, and why. Refused: note required, max_length. Conflict decided, stale.

    Of his own proposal the proposer says so as taking it back.
    """
    held = _held(row, version)
    own = held.proposed_by_id == by.id
    if not note.strip() and not own:
        raise Refused(Fault("note", "required", _("Say why.")))
    if len(note.strip()) > overrides.REASON_LENGTH:
        words = _("The reason has at most %(most)s characters.") % {"most": overrides.REASON_LENGTH}
        raise Refused(Fault("note", "max_length", words))
    _close(held, Outcome.TAKEN_BACK if own else Outcome.REFUSED, note.strip(), by, on)
    data = {"tier": held.tier, "reason": held.note, "own": own}
    _tell("customer.tier_proposal_closed", held, data, by, at, on)
    return held


def _held(row: TierProposal, version: int | None) -> TierProposal:
    held = TierProposal.objects.select_for_update(of=("self",)).select_related("customer").get(pk=row.pk)
    held.refuse_stale(version)
    if not held.is_open:
        raise Conflict(Fault("", "decided", _("This proposal has been decided already.")))
    return held


def _close(held: TierProposal, outcome: Outcome, note: str, by: Actor, on: date) -> None:
    held.outcome, held.note, held.decided_by_id, held.decided_on = outcome, note, by.id, on
    held.touch().save(update_fields=["outcome", "note", "decided_by", "decided_on", "version", "updated_at"])


def _tell(name: str, row: TierProposal, data: dict, by: Actor, at: datetime, on: date) -> None:
    record(event(name, at=at, on=on, by=by, subject=row.pk, customer=row.customer_id, data=data))
