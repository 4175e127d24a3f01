"""The rules of the neglect ladder: the version in force, and laying down the next."""

from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from crm import versions
from crm.events.record import Actor, event, record
from crm.periods import is_workday
from crm.refusal import Conflict, Fault, Refused
from crm.versions import LONG_AGO, OVERLAP
from lifecycle.models import NeglectPolicy

MOST_DAYS = 90


def in_force(on: date) -> NeglectPolicy:
    """The rules on a day; the defaults, not saved, for a tenant that has laid down none."""
    found: NeglectPolicy | None = versions.on_day(NeglectPolicy, on).first()
    return found or NeglectPolicy(valid_from=LONG_AGO)


def before(on: date, days: int, *, in_workdays: bool) -> date:
    """The latest day since which so many days, or working days, have passed on `on`."""
    if not in_workdays:
        return on - timedelta(days)
    while days:
        days -= is_workday(on)
        on -= timedelta(1)
    return on


def lay_down(
    *,
    valid_from: date,
    owner_days: int,
    head_days: int,
    flag_days: int,
    in_workdays: bool = False,
    reassigns: bool = False,
    by: Actor | None,
    at: datetime,
    on: date,
) -> NeglectPolicy:
    """A new version from a day on; the one in force until then ends there.

    Refused: valid_from in_past; days out_of_range or out_of_order.
    Conflict version_overlap: a version begins on that day or later.
    """
    policy = NeglectPolicy(
        valid_from=valid_from,
        owner_days=owner_days,
        head_days=head_days,
        flag_days=flag_days,
        in_workdays=in_workdays,
        reassigns=reassigns,
    )
    if faults := _faults(policy, on):
        raise Refused(*faults)
    if versions.begins_from(NeglectPolicy, valid_from):
        raise Conflict(Fault("valid_from", "version_overlap", OVERLAP))
    versions.end_last(NeglectPolicy, valid_from)
    policy.save(force_insert=True)
    days = {name: getattr(policy, name) for name in ("owner_days", "head_days", "flag_days")}
    told = {**days, "in_workdays": in_workdays, "reassigns": reassigns, "valid_from": str(valid_from)}
    record(event("neglect.rules_laid_down", subject=policy.pk, data=told, by=by, at=at, on=on))
    return policy


def _faults(policy: NeglectPolicy, on: date) -> list[Fault]:
    faults = []
    if policy.valid_from <= on:
        faults.append(Fault("valid_from", "in_past", _("New rules begin tomorrow at the earliest.")))
    steps = {name: getattr(policy, name) for name in ("owner_days", "head_days", "flag_days")}
    for name, days in steps.items():
        if not 1 <= days <= MOST_DAYS:
            words = _("Write a number from 1 to %(most)s.") % {"most": MOST_DAYS}
            faults.append(Fault(name, "out_of_range", words))
    if not faults and not policy.owner_days < policy.head_days < policy.flag_days:
        in_order = _("First the owner is told, then the head, then the customer is marked.")
        faults.append(Fault("flag_days", "out_of_order", in_order))
    return faults
