"""Versions of the grading rules: making one, finding the one in force, and the default of a new tenant."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from crm import versions
from crm.events.models import Event
from crm.events.record import Actor, event, record
from crm.refusal import Fault, Refused
from crm.versions import LONG_AGO, OVERLAP
from tiers.bands import Span, tiling_fault
from tiers.models import Basis, Scope, Tier, TierBand, TierPolicy

NAME_LENGTH = 60
MOST_BANDS = 12
LONGEST_GRACE = 3650
TIER = re.compile(r"[A-Z][A-Z0-9_]{0,19}")


class Band(NamedTuple):
    """A tier and its amounts [lower, upper) in 元; `upper` None is ∞. `name` is the tenant's own word."""

    tier: str
    lower: Decimal
    upper: Decimal | None
    name: str = ""


DEFAULT_BANDS = (  # domain.md §2.1
    Band(Tier.COMPANY, Decimal("1000000.00"), None),
    Band(Tier.KEY, Decimal("500000.00"), Decimal("1000000.00")),
    Band(Tier.MAJOR, Decimal("100000.00"), Decimal("500000.00")),
    Band(Tier.GENERAL, Decimal("0.00"), Decimal("100000.00")),
)
MESSAGES = {
    "empty_band": _("A band ends where it starts or before: its end must be larger."),
    "not_from_zero": _("The lowest band must start at 0.00."),
    "hole": _("There is a hole between two bands: each must start where the one below ends."),
    "overlap": _("Two bands share amounts: each must start where the one below ends."),
    "not_unbounded": _("The highest band must have no end."),
    "duplicate_class": _("One tier stands in two bands: give each band its own."),
}


@dataclass(frozen=True)
class Proposal:
    """A version of the rules that is thought of: as it was typed, nothing of it stored."""

    code: str
    valid_from: date
    bands: Sequence[Band]
    class_basis: str = Basis.IN_FORCE_ANNUALISED
    class_scope: str = Scope.CUSTOMER
    gross_up_short: bool = False
    downgrade_grace_days: int = 90

    def rules(self, currency: str) -> TierPolicy:
        """The version it would become, unsaved and without its bands."""
        return TierPolicy(currency=currency, code=self.code, valid_from=self.valid_from, **self.settings)

    @property
    def settings(self) -> dict[str, Any]:
        """What besides its bands tells how it judges."""
        return {
            "class_basis": self.class_basis,
            "class_scope": self.class_scope,
            "gross_up_short": self.gross_up_short,
            "downgrade_grace_days": self.downgrade_grace_days,
        }


class NoPolicy(LookupError):
    """No version of the grading rules is in force on the day."""


def in_force(on: date) -> TierPolicy:
    """The version in force on a day, with its bands fetched; raises NoPolicy."""
    found: TierPolicy | None = versions.on_day(TierPolicy, on).prefetch_related("bands").first()
    if found is None:
        raise NoPolicy(f"no tier policy is in force on {on}")
    return found


def check_bands(bands: Sequence[Band]) -> None:
    """Raise Refused unless the bands tile [0, ∞) with one tier each (spec/what-if.md §6)."""
    faults = [tiling_fault([Span(band.lower, band.upper) for band in bands])]
    if len({band.tier for band in bands}) < len(bands):
        faults.append("duplicate_class")
    found = [Fault("bands", code, MESSAGES[code]) for code in faults if code]
    if found:
        raise Refused(*found)


def lay_down(
    *, code: str, valid_from: date, bands: Sequence[Band], currency: str, **rules: Any
) -> TierPolicy:
    """A new version from a day on, without end; the version in force until then ends there.

    `rules` are the other fields of TierPolicy. Raises Refused when the bands do not tile [0, ∞) or a
    version begins on that day or later.
    """
    check_bands(bands)
    if versions.begins_from(TierPolicy, valid_from):
        raise Refused(Fault("valid_from", "version_overlap", OVERLAP))
    versions.end_last(TierPolicy, valid_from)
    policy = TierPolicy.objects.create(code=code, valid_from=valid_from, currency=currency, **rules)
    ranks = {band.tier: rank for rank, band in enumerate(sorted(bands, key=lambda band: band.lower), 1)}
    TierBand.objects.bulk_create(
        TierBand(policy=policy, rank=ranks[band.tier], **band._asdict()) for band in bands
    )
    return policy


def judge(proposal: Proposal, on: date) -> None:
    """Raise Refused with everything that stands against a proposal as a version from its day on.

    It begins tomorrow at the earliest: the night of its first day is the one that applies it.
    """
    faults = [*versions.of_code(TierPolicy, proposal.code.strip()), *_of_bands(proposal.bands)]
    faults += versions.of_day(TierPolicy, proposal.valid_from, on)
    if proposal.class_basis not in Basis.values:
        faults.append(Fault("class_basis", "invalid_choice", _("There is no such amount.")))
    if proposal.class_scope not in Scope.values:
        faults.append(Fault("class_scope", "invalid_choice", _("There is no such scope.")))
    if not 0 <= proposal.downgrade_grace_days <= LONGEST_GRACE:
        most = _("The days before a downgrade are a number from 0 to %(most)s.") % {"most": LONGEST_GRACE}
        faults.append(Fault("downgrade_grace_days", "out_of_range", most))
    try:
        check_bands(proposal.bands)
    except Refused as refused:
        faults += refused.faults
    if faults:
        raise Refused(*faults)


def activate(proposal: Proposal, *, by: Actor | None, at: datetime, on: date) -> TierPolicy:
    """Let a proposal hold from its day on, in the currency of the version it follows.

    Raises Refused as `judge` does.
    """
    versions.hold(TierPolicy)
    judge(proposal, on)
    policy = lay_down(
        code=proposal.code.strip(),
        valid_from=proposal.valid_from,
        bands=proposal.bands,
        currency=in_force(on).currency,
        **proposal.settings,
    )
    data = {"code": policy.code, "valid_from": policy.valid_from.isoformat(), "bands": _told(proposal.bands)}
    record(event("tier_policy.activated", at=at, on=on, by=by, subject=policy.id, data=data))
    return policy


def withdraw(policy: TierPolicy, *, by: Actor | None, at: datetime, on: date) -> None:
    """Take back a version that has not begun; Conflict when it has (versions.withdraw)."""
    versions.withdraw(policy, "tier_policy.withdrawn", by=by, at=at, on=on)


def _of_bands(bands: Sequence[Band]) -> list[Fault]:
    if len(bands) > MOST_BANDS:
        many = _("A version has at most %(most)s bands.") % {"most": MOST_BANDS}
        return [Fault("bands", "too_many", many)]
    if any(not TIER.fullmatch(band.tier) for band in bands):
        words = _("The code of a tier is a word of capital letters, digits and _, such as KEY.")
        return [Fault("bands", "invalid_class", words)]
    if any(len(band.name) > NAME_LENGTH for band in bands):
        long = _("The name of a tier has at most %(most)s characters.") % {"most": NAME_LENGTH}
        return [Fault("bands", "max_length", long)]
    return []


def _told(bands: Sequence[Band]) -> list[list[str]]:
    return [[band.tier, str(band.lower)] for band in sorted(bands, key=lambda band: band.lower)]


def install(events: Sequence[Event]) -> None:
    """Follows tenant.founded: the default version, from long ago on, so that any history can be graded."""
    for founded in events:
        if not TierPolicy.objects.exists():
            lay_down(code="V1", valid_from=LONG_AGO, bands=DEFAULT_BANDS, currency=founded.data["currency"])
