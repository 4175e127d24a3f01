"""What the pages of tiers share: the tabs between them, and the tenant's words for its tiers."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.access import Viewer
from crm.accounts.rights import Right
from crm.web.templatetags.marks import TIERS
from tiers.models import TierBand
from tiers.movement import OUTSIDE
from tiers.policies import Band

PAGES = (
    ("tiers:policies", pgettext_lazy("tiers", "Rules"), Right.CUSTOMER_VIEW),
    ("tiers:value", _("Customer value"), Right.CUSTOMER_VIEW),
    ("tiers:movement", pgettext_lazy("tiers", "Movement"), Right.CUSTOMER_VIEW),
    ("tiers:night", pgettext_lazy("tiers", "Night's changes"), Right.CUSTOMER_VIEW),
    ("tiers:reviews", pgettext_lazy("tiers", "Evaluation"), Right.CUSTOMER_VIEW),
    ("tiers:decisions", pgettext_lazy("tiers", "By decision"), Right.CUSTOMER_VIEW),
    ("tiers:proposals", pgettext_lazy("tiers", "Proposals"), Right.CUSTOMER_VIEW),
    ("tiers:strategies", _("Strategies"), Right.CUSTOMER_VIEW),
)


def tabs(viewer: Viewer, current: str) -> list[dict[str, Any]]:
    """The pages of tiers that a viewer may open, for components/tabs.html."""
    return [
        {"label": str(label), "url": reverse(name), "current": name == current}
        for name, label, right in PAGES
        if viewer.may(right)
    ]


def labels(bands: Iterable[TierBand | Band]) -> dict[str, str]:
    """The tenant's own words for its tiers; "" where the usual ones are meant."""
    return {band.tier: band.name or ("" if band.tier in TIERS else band.tier) for band in bands}


def named(tier: str, own: Mapping[str, str]) -> str:
    """A tier in words, short."""
    if own.get(tier):
        return own[tier]
    if tier == OUTSIDE:
        return str(pgettext_lazy("tier", "no contract"))
    return str(TIERS[tier][0]) if tier in TIERS else tier or str(_("no tier"))
