"""The facts strip and the rail of the customer page in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.dashboards.customer import RENEWAL_DAYS, Place
from crm.money import quantise
from crm.periods import last_day
from crm.web.templatetags.amounts import money_short, money_tile, percent
from crm.web.templatetags.days import day, day_list, relative
from customers.models import Contract, Customer, OwnershipCredit
from lifecycle.churn.score import REASONS
from lifecycle.models import RiskScore, Signal
from tiers.models import TierBand

SILENT = 30
TIER_TONES = 4


@dataclass(frozen=True)
class Facts:
    """Notes under the six facts; a tone says what is late."""

    manager_note: str
    developers: str
    developer_note: str
    contracts_note: str
    last_day: date | None
    ends_note: str
    ends_tone: str
    overdue_note: str
    overdue_tone: str
    contact_note: str
    contact_tone: str


def facts(place: Place, on: date, currency: str) -> Facts:
    """The notes of the strip as of `on`, amounts in the tenant's currency."""
    standing = place.customer.standing
    ends = last_day(standing.first_ends_on) if standing.first_ends_on else None
    silent = standing.last_contact_on is not None and (on - standing.last_contact_on).days > SILENT
    number = standing.contracts_in_force
    return Facts(
        manager_note=_manager(place),
        developers=" · ".join(_developer(credit) for credit in place.developers),
        developer_note=place.developers[0].place.name if place.developers else "",
        contracts_note=ngettext("%(n)d contract in force", "%(n)d contracts in force", number)
        % {"n": number},
        last_day=ends,
        ends_note=relative(ends, on) if ends and (ends - on).days <= RENEWAL_DAYS else "",
        ends_tone="amber" if ends and (ends - on).days <= RENEWAL_DAYS else "",
        overdue_note=_overdue(place, on, currency),
        overdue_tone="red" if standing.overdue_amount else "",
        contact_note=_("silent for more than a month") if silent else "",
        contact_tone="amber" if silent else "",
    )


def _manager(place: Place) -> str:
    if place.manager is None:
        return ""
    return _("%(department)s · since %(day)s") % {
        "department": place.manager.place.name,
        "day": day(place.manager.valid_from),
    }


def _developer(credit: OwnershipCredit) -> str:
    name = (credit.member or credit.place).name
    return f"{name} {percent(Decimal(credit.basis_points) / 10_000, 0)}"


def _overdue(place: Place, on: date, currency: str) -> str:
    amount = place.customer.standing.overdue_amount
    if not amount or place.oldest_due_on is None:
        return ""
    days = (on - place.oldest_due_on).days
    words = ngettext("%(amount)s overdue · %(n)d day", "%(amount)s overdue · %(n)d days", days)
    return words % {"amount": money_tile(amount, currency), "n": days}


def subtitle(customer: Customer, *, sees_credit_code: bool) -> str:
    """Trade, place, group and credit code in one line; the code is masked in its middle."""
    place = customer.city if customer.city == customer.province else f"{customer.province}{customer.city}"
    code = customer.credit_code if sees_credit_code else ""
    words = [
        customer.industry,
        place,
        customer.parent.name if customer.parent else "",
        _("credit code %(code)s") % {"code": f"{code[:8]}****{code[-2:]}"} if code else "",
        customer.code,
    ]
    return " · ".join(filter(None, words))


def reasons(score: RiskScore | None) -> list[dict[str, Any]]:
    """The three signals that add most to a churn score, with what each adds; bars in proportion."""
    known = [each for each in score.signals if each["points"] is not None] if score else []
    weights = sum(each["weight"] for each in known)
    parts = [(each["signal"], Decimal(each["weight"] * each["points"])) for each in known]
    top = sorted((part for part in parts if part[1]), key=lambda part: -part[1])[:REASONS]
    return [
        {"label": reason(signal), "share": part / top[0][1], "points": f"+{quantise(part / weights, 0)}"}
        for signal, part in top
    ]


def reason(signal: str) -> str:
    """A signal of the churn score as people call it."""
    return str(Signal(signal).label) if signal in Signal else signal


@dataclass(frozen=True)
class Scale:
    """The tiers as one line, low to high, and where the customer stands on it (a share of one)."""

    tiers: list[dict[str, Any]]
    position: Decimal
    label: str
    aside: str


def scale(amount: Decimal, bands: Sequence[TierBand], currency: str) -> Scale | None:
    """The tier scale of bands in rising order: each equally wide, the place inside one in proportion."""
    if not bands:
        return None
    width = Decimal(100) / len(bands)
    tiers = [
        {
            "tone": f"t{max(TIER_TONES - number, 1)}",
            "start": round(width * number, 2),
            "width": round(width - 1, 2),
            "mark": money_short(band.lower).replace(".0", "", 1) if number else "",
        }
        for number, band in enumerate(bands)
    ]
    number = max(place for place, band in enumerate(bands) if band.lower <= amount)
    band = bands[number]
    position = (number + _inside(band, amount)) / len(bands)
    aside = ""
    if band.upper is not None:
        words = {"amount": money_tile(band.upper - amount, currency), "tier": str(bands[number + 1])}
        aside = _("%(amount)s to %(tier)s") % words
    return Scale(tiers, position, f"{band} {money_tile(amount, currency)}", aside)


def _inside(band: TierBand, amount: Decimal) -> Decimal:
    top = band.upper if band.upper is not None else max(amount, band.lower * 2, Decimal(1))
    return min((amount - band.lower) / (top - band.lower), Decimal(1))


def renewal_steps(contract: Contract, on: date) -> list[dict[str, str]]:
    """T−90, T−60, T−30 and the end of a contract, as steps of which one is now."""
    left = (contract.ends_on - on).days
    bounds = [(90, _("plan")), (60, _("quote")), (30, _("escalate")), (0, _("end"))]
    now = max(place for place, (days, _note) in enumerate(bounds) if place == 0 or left <= days)
    return [
        {
            "label": f"T−{days}" if days else day_list(last_day(contract.ends_on), on),
            "note": note,
            "state": "done" if place < now else "now" if place == now else "next",
        }
        for place, (days, note) in enumerate(bounds)
    ]
