"""The rules of disputes and adjustments: the version in force, and laying down the next."""

from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from commissions.models import DisputePolicy
from crm import versions
from crm.accounts.rights import Band
from crm.events.record import Actor
from crm.refusal import Fault
from crm.versions import LONG_AGO

MOST_DAYS = 366
DAYS, BOUNDS = ("open_days", "answer_workdays"), ("head_below", "finance_below")


def in_force(on: date) -> DisputePolicy:
    """The rules on a day; the defaults, not saved, for a tenant that has laid down none."""
    found: DisputePolicy | None = versions.on_day(DisputePolicy, on).first()
    return found or DisputePolicy(valid_from=LONG_AGO)


def band_of(amount: Decimal, rules: DisputePolicy) -> Band:
    """Who approves an adjustment of this amount, whatever its sign; whoever has a higher band may too."""
    if abs(amount) < rules.head_below:
        return Band.HEAD
    return Band.FINANCE if abs(amount) < rules.finance_below else Band.EXECUTIVE


def lay_down(
    *,
    valid_from: date,
    open_days: int,
    answer_workdays: int,
    head_below: Decimal,
    finance_below: Decimal,
    by: Actor,
    at: datetime,
    on: date,
) -> DisputePolicy:
    """A new version from a day on; the one in force until then ends there.

    Refused: valid_from in_past; days and bounds out_of_range; finance_below out_of_order.
    Conflict version_overlap: a version begins on that day or later.
    """
    policy = DisputePolicy(
        valid_from=valid_from,
        open_days=open_days,
        answer_workdays=answer_workdays,
        head_below=head_below,
        finance_below=finance_below,
    )
    told = (*DAYS, *BOUNDS)
    versions.lay_down(policy, _faults(policy), "dispute_rules.laid_down", told, by=by, at=at, on=on)
    return policy


def _faults(policy: DisputePolicy) -> list[Fault]:
    faults = versions.of_numbers(policy, DAYS, MOST_DAYS)
    if policy.head_below < 0:
        faults.append(Fault("head_below", "out_of_range", _("A bound is not negative.")))
    if policy.finance_below < policy.head_below:
        in_order = _("Finance approves at least as much as a department head.")
        faults.append(Fault("finance_below", "out_of_order", in_order))
    return faults
