"""The rules of the neglect ladder: the version in force, and laying down the next."""

from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from crm import versions
from crm.events.record import Actor
from crm.periods import is_workday
from crm.refusal import Fault
from crm.versions import LONG_AGO
from lifecycle.models import NeglectPolicy

MOST_DAYS = 90
STEPS = ("owner_days", "head_days", "flag_days")


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
    told = (*STEPS, "in_workdays", "reassigns")
    versions.lay_down(policy, _faults(policy), "neglect.rules_laid_down", told, by=by, at=at, on=on)
    return policy


def _faults(policy: NeglectPolicy) -> list[Fault]:
    faults = versions.of_numbers(policy, STEPS, MOST_DAYS)
    if not faults and not policy.owner_days < policy.head_days < policy.flag_days:
        in_order = _("First the owner is told, then the head, then the customer is marked.")
        faults.append(Fault("flag_days", "out_of_order", in_order))
    return faults
