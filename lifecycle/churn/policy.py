"""The weights, cuts and bands of the churn score as data: their shape, their check, and the default.

`settings` of a RiskPolicy: {"signals": {signal: {"weight", "cuts", "otherwise", …}},
"bands": {"RED", "AMBER"}}.
A cut is [operator, bound, points]; the first that holds for the signal's measure gives its points
(0–100), else `otherwise` does. Bands are the lowest score of each.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from crm import versions
from crm.events.models import Event
from crm.refusal import Fault, Refused
from crm.versions import LONG_AGO
from lifecycle.models import RiskPolicy, Signal

DEFAULT_CODE = "RISK-1"
DEFAULT = {  # domain.md §4
    "signals": {
        Signal.UNQUOTED: {
            "weight": 25,
            "cuts": [["<=", "30", 100], ["<=", "60", 60], ["<=", "90", 30]],
            "otherwise": 0,
        },
        Signal.INTERACTION: {
            "weight": 15,
            "cuts": [["<=", "1.5", 0], ["<=", "2.5", 50]],
            "otherwise": 100,
        },
        Signal.COMPLAINTS: {
            "weight": 15,
            "severities": {"S1": 5, "S2": 3, "S3": 1},
            "cuts": [["<=", "0", 0], ["<=", "2", 30], ["<=", "5", 60]],
            "otherwise": 100,
        },
        Signal.SATISFACTION: {
            "weight": 10,
            "low_answer": 6,
            "drop": 3,
            "cuts": [["<=", "0", 0], ["<=", "1", 60]],
            "otherwise": 100,
        },
        Signal.PAYMENT: {
            "weight": 15,
            "cuts": [["<=", "0", 0], ["<=", "30", 30], ["<=", "90", 60]],
            "otherwise": 100,
        },
        Signal.SHRINK: {
            "weight": 10,
            "cuts": [["<", "0.5", 100], ["<", "0.8", 60], ["<", "1", 30]],
            "otherwise": 0,
        },
        Signal.USAGE: {
            "weight": 10,
            "cuts": [["<=", "-0.5", 100], ["<=", "-0.2", 40]],
            "otherwise": 0,
        },
    },
    "bands": {"RED": 70, "AMBER": 40},
}
NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,6})?")
SEVERITY = re.compile(r"S[1-9]")


class NoPolicy(LookupError):
    """No version of the risk rules is in force on the day."""


class Cut(NamedTuple):
    """A measure that is `operator` `bound` scores `points`."""

    operator: str
    bound: Decimal
    points: int


@dataclass(frozen=True)
class Weighing:
    """How one signal is judged: its weight, its cuts, and the figures its measure needs."""

    signal: Signal
    weight: int
    cuts: tuple[Cut, ...]
    otherwise: int
    severities: Mapping[str, int]
    low_answer: int
    drop: int


@dataclass(frozen=True)
class Settings:
    """Checked settings: the signals in the order ties are broken by, and where the bands begin."""

    weighings: tuple[Weighing, ...]
    red_from: int
    amber_from: int


def read(settings: Mapping[str, Any]) -> Settings:
    """Check settings and give them types; Refused names what is wrong by its path."""
    signals, bands = _mapping(settings, "signals"), _mapping(settings, "bands")
    unknown = sorted(set(signals) - set(Signal.values))
    if unknown:
        raise Refused(_fault(f"signals.{unknown[0]}", _("There is no such signal.")))
    weighings = tuple(_weighing(each, signals[each]) for each in Signal if each in signals)
    if not sum(weighing.weight for weighing in weighings):
        raise Refused(_fault("signals", _("At least one signal needs a weight.")))
    red, amber = (_whole(bands.get(name), f"bands.{name}", 100) for name in ("RED", "AMBER"))
    if amber > red:
        raise Refused(_fault("bands.AMBER", _("The medium band must begin below the high one.")))
    return Settings(weighings, red, amber)


def _weighing(signal: Signal, given: Any) -> Weighing:
    path = f"signals.{signal}"
    if not isinstance(given, Mapping) or not isinstance(given.get("cuts"), list) or not given["cuts"]:
        raise Refused(_fault(f"{path}.cuts", _("Give at least one cut.")))
    cuts = tuple(_cut(cut, f"{path}.cuts.{place}") for place, cut in enumerate(given["cuts"]))
    if any(below.bound >= above.bound for below, above in pairwise(cuts)):
        raise Refused(_fault(f"{path}.cuts", _("Order the cuts by their bound, smallest first.")))
    severities = given.get("severities", {})
    if not isinstance(severities, Mapping) or not all(SEVERITY.fullmatch(str(key)) for key in severities):
        raise Refused(_fault(f"{path}.severities", _("Severities are S1, S2, S3 …")))
    return Weighing(
        signal,
        _whole(given.get("weight"), f"{path}.weight", 1000),
        cuts,
        _whole(given.get("otherwise"), f"{path}.otherwise", 100),
        {key: _whole(value, f"{path}.severities.{key}", 100) for key, value in severities.items()},
        _whole(given.get("low_answer", 0), f"{path}.low_answer", 10),
        _whole(given.get("drop", 0), f"{path}.drop", 10),
    )


def _cut(given: Any, path: str) -> Cut:
    if not isinstance(given, Sequence) or len(given) != 3 or given[0] not in ("<", "<="):
        raise Refused(_fault(path, _("A cut is an operator (< or <=), a bound and points.")))
    operator, bound, points = given
    if not isinstance(bound, str) or not NUMBER.fullmatch(bound):
        raise Refused(_fault(path, _("A bound is a decimal number in quotes.")))
    return Cut(operator, Decimal(bound), _whole(points, path, 100))


def _whole(value: Any, path: str, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise Refused(_fault(path, _("Give a whole number from 0 to %(most)s.") % {"most": most}))
    return value


def _mapping(settings: Any, name: str) -> Mapping[str, Any]:
    value = settings.get(name) if isinstance(settings, Mapping) else None
    if not isinstance(value, Mapping):
        raise Refused(_fault(name, _("This part of the settings is missing.")))
    return value


def _fault(path: str, message: Any) -> Fault:
    return Fault(f"settings.{path}", "invalid", message)


def in_force(on: date) -> RiskPolicy:
    """The version in force on a day; raises NoPolicy."""
    found: RiskPolicy | None = versions.on_day(RiskPolicy, on).first()
    if found is None:
        raise NoPolicy(f"no risk policy is in force on {on}")
    return found


def lay_down(*, code: str, valid_from: date, settings: Mapping[str, Any]) -> RiskPolicy:
    """A new version from a day on, without end; the version in force until then ends there.

    Raises Refused when the settings are wrong, or when a version begins on that day or later.
    """
    read(settings)
    if versions.begins_from(RiskPolicy, valid_from):
        raise Refused(Fault("valid_from", "version_overlap", versions.OVERLAP))
    versions.end_last(RiskPolicy, valid_from)
    return RiskPolicy.objects.create(code=code, valid_from=valid_from, settings=settings)


def install(events: Sequence[Event]) -> None:
    """Follows tenant.founded: the default version, from long ago on, so that any history can be scored."""
    if events and not RiskPolicy.objects.exists():
        lay_down(code=DEFAULT_CODE, valid_from=LONG_AGO, settings=DEFAULT)
