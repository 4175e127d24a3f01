"""Versions of the grading rules: making one, finding the one in force, and the default of a new tenant."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from crm.events.models import Event
from crm.refusal import Fault, Refused
from tiers.bands import Span, tiling_fault
from tiers.models import Tier, TierBand, TierPolicy

LONG_AGO = date(2000, 1, 1)


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


class NoPolicy(LookupError):
    """No version of the grading rules is in force on the day."""


def in_force(on: date) -> TierPolicy:
    """The version in force on a day, with its bands fetched; raises NoPolicy."""
    found = (
        TierPolicy.objects.filter(valid_from__lte=on)
        .exclude(valid_to__lte=on)
        .prefetch_related("bands")
        .first()
    )
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
    if TierPolicy.objects.filter(valid_from__gte=valid_from).exists():
        raise Refused(
            Fault("valid_from", "version_overlap", _("A version that begins then or later exists already."))
        )
    TierPolicy.objects.filter(valid_to__isnull=True).update(valid_to=valid_from, version=F("version") + 1)
    policy = TierPolicy.objects.create(code=code, valid_from=valid_from, currency=currency, **rules)
    ranks = {band.tier: rank for rank, band in enumerate(sorted(bands, key=lambda band: band.lower), 1)}
    TierBand.objects.bulk_create(
        TierBand(policy=policy, rank=ranks[band.tier], **band._asdict()) for band in bands
    )
    return policy


def install(events: Sequence[Event]) -> None:
    """Follows tenant.founded: the default version, from long ago on, so that any history can be graded."""
    for event in events:
        if not TierPolicy.objects.exists():
            lay_down(code="V1", valid_from=LONG_AGO, bands=DEFAULT_BANDS, currency=event.data["currency"])
