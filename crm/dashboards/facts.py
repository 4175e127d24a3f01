"""The facts strip and the rail of the customer page in words."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.dashboards.customer import Place
from crm.web.templatetags.amounts import money_chart, money_tile, percent
from crm.web.templatetags.days import day, relative
from lifecycle.models import Signal
from tiers.models import TierBand

ENDS_SOON = 90
SILENT = 30


@dataclass(frozen=True)
class Facts:
    """Notes under the six facts; a tone says what is late."""

    manager_note: str
    developers: str
    developer_note: str
    contracts_note: str
    ends_note: str
    ends_tone: str
    overdue_note: str
    overdue_tone: str
    contact_note: str
    contact_tone: str


def facts(place: Place, on: date) -> Facts:
    """The notes of the strip as of `on`."""
    standing = place.customer.standing
    ends = standing.first_ends_on
    silent = standing.last_contact_on is not None and (on - standing.last_contact_on).days > SILENT
    number = standing.contracts_in_force
    return Facts(
        manager_note=_manager(place),
        developers=" · ".join(_developer(credit) for credit in place.developers),
        developer_note=place.developers[0].department.name if place.developers else "",
        contracts_note=ngettext("%(n)d contract in force", "%(n)d contracts in force", number)
        % {"n": number},
        ends_note=relative(ends, on) if ends else "",
        ends_tone="amber" if ends and 0 <= (ends - on).days <= ENDS_SOON else "",
        overdue_note=_overdue(place, on),
        overdue_tone="red" if standing.overdue_amount else "",
        contact_note=_("silent for more than a month") if silent else "",
        contact_tone="amber" if silent else "",
    )


def _manager(place: Place) -> str:
    if place.manager is None:
        return ""
    return _("%(department)s · since %(day)s") % {
        "department": place.manager.department.name,
        "day": day(place.manager.valid_from),
    }


def _developer(credit: Any) -> str:
    name = credit.member.name if credit.member else credit.department.name
    return f"{name} {percent(Decimal(credit.basis_points) / 10_000, 0)}"


def _overdue(place: Place, on: date) -> str:
    amount = place.customer.standing.overdue_amount
    if not amount or place.oldest_due_on is None:
        return ""
    days = (on - place.oldest_due_on).days
    words = ngettext("%(amount)s overdue · %(n)d day", "%(amount)s overdue · %(n)d days", days)
    return words % {"amount": money_tile(amount), "n": days}


def reasons(place: Place) -> list[dict[str, Any]]:
    """The top reasons of the churn score with their share of it."""
    found = place.customer.standing.risk_reasons or []
    return [
        {
            "label": Signal(reason["signal"]).label,
            "share": Decimal(reason["points"]) / 100,
            "points": f"+{reason.get('contribution', reason['points'])}",
        }
        for reason in found
    ]


@dataclass(frozen=True)
class Scale:
    """The tiers as one line, low to high, and where the customer stands on it (a share of one)."""

    tiers: list[dict[str, Any]]
    position: Decimal
    label: str
    aside: str


def scale(amount: Decimal, bands: list[TierBand]) -> Scale | None:
    """The tier scale: every band is equally wide, the place inside a band is in proportion."""
    ordered = sorted(bands, key=lambda band: band.lower)
    if not ordered:
        return None
    width = Decimal(100) / len(ordered)
    tiers = [
        {
            "tone": f"t{len(ordered) - number}",
            "start": round(width * number, 2),
            "width": round(width - 1, 2),
            "mark": money_chart(band.lower) if number else "",
        }
        for number, band in enumerate(ordered)
    ]
    number = max(i for i, band in enumerate(ordered) if band.lower <= amount)
    band = ordered[number]
    top = band.upper if band.upper is not None else max(amount, band.lower * 2, Decimal(1))
    inside = min((amount - band.lower) / (top - band.lower), Decimal(1)) if top > band.lower else Decimal(0)
    missing = (
        ""
        if band.upper is None
        else _("%(amount)s to the next tier") % {"amount": money_tile(band.upper - amount)}
    )
    return Scale(tiers, (number + inside) / len(ordered), money_tile(amount), missing)
