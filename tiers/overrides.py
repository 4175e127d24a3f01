"""A tier given by decision: for a while, with a reason, whatever the amount says."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Member
from crm.events.record import Actor, event, record
from crm.refusal import Conflict, Fault, Refused
from customers.models import Customer, OwnershipCredit
from tiers import grading, policies
from tiers.models import TierOverride, Trigger

REASON_LENGTH = 200


def decide(
    customer: Customer,
    *,
    tier: str,
    until: date | None,
    reason: str,
    by: Actor | None,
    at: datetime,
    on: date,
    proposed_by: Member | None = None,
) -> TierOverride:
    """Give the customer a tier over [on, until), and grade him at once.

    A decision in force ends today, one that was to begin later is dropped. Refused as `judge` says, and
    "" own_customer: the tier sets the rates of commission, so nobody decides that of his own customer.
    """
    faults = [*judge(tier, until, reason, on), *_own(customer, by)]
    if faults:
        raise Refused(*faults)
    _end(customer, on)
    made = TierOverride.objects.create(
        customer=customer,
        tier=tier,
        valid_from=on,
        valid_to=until,
        reason=reason.strip(),
        decided_by_id=by.id if by else None,
        proposed_by=proposed_by,
    )
    data = {"tier": tier, "until": until and until.isoformat(), "reason": made.reason}
    if proposed_by:
        data["proposed_by"] = proposed_by.name
    _tell("customer.tier_decided", customer, data, by, at, on)
    return made


def judge(tier: str, until: date | None, reason: str, on: date) -> list[Fault]:
    """What stands against a decision: a tier that the policy in force does not name (unknown_class), an end
    that is not after today (end_before_start), no reason (required), a long one (max_length)."""
    faults = []
    if tier not in {band.tier for band in policies.in_force(on).bands.all()}:
        faults.append(Fault("tier", "unknown_class", _("The policy in force has no such tier.")))
    if until is not None and until <= on:
        faults.append(Fault("until", "end_before_start", _("The decision must hold at least today.")))
    if not reason.strip():
        faults.append(Fault("reason", "required", _("Say why.")))
    if len(reason.strip()) > REASON_LENGTH:
        words = _("The reason has at most %(most)s characters.") % {"most": REASON_LENGTH}
        faults.append(Fault("reason", "max_length", words))
    return faults


def withdraw(customer: Customer, *, by: Actor | None, at: datetime, on: date, reason: str = "") -> None:
    """End the decision in force today, and grade the customer by amount again.

    Conflict over when none is in force; Refused own_customer as in `decide`.
    """
    if faults := _own(customer, by):
        raise Refused(*faults)
    if not _end(customer, on):
        raise Conflict(Fault("", "over", _("This decision is over already.")))
    _tell("customer.tier_decision_ended", customer, {"reason": reason} if reason else {}, by, at, on)


def end(row: TierOverride, *, by: Actor | None, at: datetime, on: date, reason: str = "") -> None:
    """`withdraw` for the decision that somebody looks at: Conflict over when another one holds by now."""
    held = TierOverride.objects.select_for_update(of=("self",)).filter(pk=row.pk).first()
    if held is None or not held.holds(on):
        raise Conflict(Fault("", "over", _("This decision is over already.")))
    withdraw(row.customer, by=by, at=at, on=on, reason=reason)


def _end(customer: Customer, on: date) -> int:
    mine = TierOverride.objects.filter(customer=customer)
    dropped, _by_kind = mine.filter(valid_from__gte=on).delete()
    return dropped + mine.exclude(valid_to__lte=on).update(valid_to=on)


def _own(customer: Customer, by: Actor | None) -> list[Fault]:
    own = by and OwnershipCredit.objects.filter(customer=customer, member_id=by.id, valid_to__isnull=True)
    if not own or not own.exists():
        return []
    words = _("The tier sets the rates of commission: nobody decides that of his own customer.")
    return [Fault("", "own_customer", words)]


def _tell(name: str, customer: Customer, data: dict, by: Actor | None, at: datetime, on: date) -> None:
    record(event(name, at=at, on=on, by=by, subject=customer.id, customer=customer.id, data=data))
    grading.regrade([customer.id], on=on, at=at, trigger=Trigger.OVERRIDE)
