"""A tier given by decision: for a while, with a reason, whatever the amount says."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Member
from crm.events.record import event, record
from crm.refusal import Fault, Refused
from customers.models import Customer
from tiers import grading, policies
from tiers.models import TierOverride, Trigger


def decide(
    customer: Customer,
    *,
    tier: str,
    until: date | None,
    reason: str,
    by: Member | None,
    at: datetime,
    on: date,
) -> TierOverride:
    """Give the customer a tier over [on, until), and grade him at once.

    A decision in force ends today, one that was to begin later is dropped. Raises Refused for a tier
    that the policy does not name, an end that is not after today, or an empty reason.
    """
    faults = []
    if tier not in {band.tier for band in policies.in_force(on).bands.all()}:
        faults.append(Fault("tier", "unknown_class", _("The policy in force has no such tier.")))
    if until is not None and until <= on:
        faults.append(Fault("until", "end_before_start", _("The decision must hold at least today.")))
    if not reason.strip():
        faults.append(Fault("reason", "required", _("Say why.")))
    if faults:
        raise Refused(*faults)
    _end(customer, on)
    made = TierOverride.objects.create(
        customer=customer, tier=tier, valid_from=on, valid_to=until, reason=reason.strip(), decided_by=by
    )
    data = {"tier": tier, "until": until and until.isoformat(), "reason": made.reason}
    _tell("customer.tier_decided", customer, data, by, at, on)
    return made


def withdraw(customer: Customer, *, by: Member | None, at: datetime, on: date) -> None:
    """End the decision in force today, and grade the customer by amount again."""
    _end(customer, on)
    _tell("customer.tier_decision_ended", customer, {}, by, at, on)


def _end(customer: Customer, on: date) -> None:
    mine = TierOverride.objects.filter(customer=customer)
    mine.filter(valid_from__gte=on).delete()
    mine.exclude(valid_to__lte=on).update(valid_to=on)


def _tell(name: str, customer: Customer, data: dict, by: Member | None, at: datetime, on: date) -> None:
    record(event(name, at=at, on=on, by=by, subject=customer.id, customer=customer.id, data=data))
    grading.regrade([customer.id], on=on, at=at, trigger=Trigger.OVERRIDE)
