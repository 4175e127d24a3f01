"""Versions of the rules of customer value: weights, from how many customers fifths are taken, fixed cuts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm import versions
from crm.events.models import Event
from crm.events.record import Actor, event, record
from crm.refusal import Fault, Refused
from crm.versions import LONG_AGO
from tiers.models import RfmPolicy

LETTERS = ("r", "f", "m")
MOST = Decimal("9999999999999.99")


@dataclass(frozen=True)
class RfmRules:
    """What a version says; `cuts` has four rising bounds for each of r (days), f (contracts), m (amounts)."""

    weight_r: Decimal
    weight_f: Decimal
    weight_m: Decimal
    fewest: int
    cuts: Mapping[str, Sequence[Decimal]]


DEFAULT = RfmRules(  # domain.md §2.1; the cuts are ours
    weight_r=Decimal("0.20"),
    weight_f=Decimal("0.30"),
    weight_m=Decimal("0.50"),
    fewest=20,
    cuts={
        "r": (Decimal(31), Decimal(91), Decimal(181), Decimal(366)),
        "f": (Decimal(2), Decimal(3), Decimal(4), Decimal(5)),
        "m": (Decimal(50_000), Decimal(100_000), Decimal(500_000), Decimal(1_000_000)),
    },
)


class NoRfmPolicy(LookupError):
    """No version of the rules of customer value is in force on the day."""


def in_force(on: date) -> RfmPolicy:
    """The version in force on a day; raises NoRfmPolicy."""
    found = versions.on_day(RfmPolicy, on).first()
    if found is None:
        raise NoRfmPolicy(f"no rules of customer value are in force on {on}")
    return found


def rules_of(policy: RfmPolicy) -> RfmRules:
    """What a stored version says."""
    cuts = {letter: tuple(map(Decimal, policy.cuts[letter])) for letter in LETTERS}
    return RfmRules(policy.weight_r, policy.weight_f, policy.weight_m, policy.fewest, cuts)


def lay_down(
    rules: RfmRules, *, code: str, valid_from: date, by: Actor | None, at: datetime, on: date
) -> RfmPolicy:
    """A new version from a day on; the one in force until then ends there.

    Refused: code required, max_length, duplicate; valid_from not_later, version_overlap; weight_m
    sum_not_one; fewest out_of_range; cuts not_rising.
    """
    versions.hold(RfmPolicy)
    faults = [*versions.of_code(RfmPolicy, code.strip()), *versions.of_day(RfmPolicy, valid_from, on)]
    faults += _of_rules(rules)
    if faults:
        raise Refused(*faults)
    made = _store(rules, code.strip(), valid_from)
    data = {"code": made.code, "valid_from": made.valid_from.isoformat()}
    record(event("rfm_policy.laid_down", at=at, on=on, by=by, subject=made.id, data=data))
    return made


def _store(rules: RfmRules, code: str, valid_from: date) -> RfmPolicy:
    versions.end_last(RfmPolicy, valid_from)
    cuts = {letter: [str(bound) for bound in rules.cuts[letter]] for letter in LETTERS}
    weights = {name: getattr(rules, name) for name in ("weight_r", "weight_f", "weight_m")}
    return RfmPolicy.objects.create(
        code=code, valid_from=valid_from, fewest=rules.fewest, cuts=cuts, **weights
    )


def _of_rules(rules: RfmRules) -> list[Fault]:
    faults = []
    weights = (rules.weight_r, rules.weight_f, rules.weight_m)
    if any(weight < 0 or weight != round(weight, 2) for weight in weights) or sum(weights) != 1:
        words = _("The three weights are of at most two places and make 1.00 together.")
        faults.append(Fault("weight_m", "sum_not_one", words))
    if not 5 <= rules.fewest <= 1000:
        words = _("Fifths need at least 5 customers, and are taken from 1,000 on at the latest.")
        faults.append(Fault("fewest", "out_of_range", words))
    for letter in LETTERS:
        bounds = list(rules.cuts.get(letter, ()))
        bounds = bounds if all(bound.is_finite() for bound in bounds) else []
        rises = len(bounds) == 4 and bounds[0] > 0 and all(low < high for low, high in pairwise(bounds))
        if not rises or bounds[-1] > MOST:
            words = _("There are four cuts above zero, each larger than the one before.")
            faults.append(Fault(f"cuts_{letter}", "not_rising", words))
    return faults


def install(events: Sequence[Event]) -> None:
    """Follows tenant.founded: the default version, from long ago on, so that any day can be valued."""
    if events and not RfmPolicy.objects.exists():
        _store(DEFAULT, "RFM-1", LONG_AGO)


def plain(rules: RfmRules) -> dict[str, Any]:
    """The cuts as the statement of tiers.rfm takes them."""
    return {f"cuts_{letter}": list(rules.cuts[letter]) for letter in LETTERS}
