"""Charts of customers: who ends, who slips, who stays, what changed; every mark leads to its list."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.dashboards import metrics
from crm.dashboards.desk import Desk, asked, behind_url, book_url
from crm.dashboards.metrics import ZERO
from crm.periods import ONE_DAY, add_months, last_day
from crm.web import charts
from crm.web.templatetags.amounts import percent
from crm.web.templatetags.days import day, day_list, month_name, relative
from crm.web.templatetags.marks import BANDS, TIERS
from customers.models import ValueSegment

BAND_CODES, TONES = ("RED", "AMBER", "GREEN"), ("red", "amber", "green")
DOTS, AHEAD = 60, 90


def what_ends(desk: Desk) -> charts.Plot:
    """90 days of ends, sized by value, shaped by risk."""
    ends = "standing__first_ends_on"
    soon = {f"{ends}__gt": desk.on, f"{ends}__lte": desk.on + timedelta(days=AHEAD)}
    rows = metrics.customers(desk.viewer).filter(**soon).select_related("standing")
    found = list(rows.order_by(ends, "id")[:DOTS])
    value = sum((c.standing.annual_amount for c in found), ZERO)
    words = ngettext(
        "%(n)d customer ends within 90 days, worth %(value)s a year.",
        "%(n)d customers end within 90 days, worth %(value)s a year.",
        len(found),
    )
    question = asked(
        desk, _("What ends next?"), words % {"n": len(found), "value": desk.money(value)}, unit=""
    )
    return charts.dot_strip(
        question,
        [_dot(customer, desk.on) for customer in found],
        ticks=((0, _("today")), (30, "30"), (60, "60"), (90, "90")),
        heads=(_("Customer"), _("Ends"), _("A year")),
        bands=[charts.Series(str(BANDS[code]), tone) for code, tone in zip(BAND_CODES, TONES, strict=True)],
    )


def _dot(customer: Any, on: date) -> charts.Dot:
    last = last_day(customer.standing.first_ends_on)
    url = reverse("dashboards:customer", args=[customer.pk])
    band = customer.standing.risk_band or "GREEN"
    return charts.Dot(
        customer.name, (last - on).days, customer.standing.annual_amount, band, url, relative(last, on)
    )


def ready(desk: Desk) -> charts.Plot:
    """Customers whose first contract ends in the next months, and how they stand."""
    months = metrics.ending(desk.viewer, desk.on)
    total = sum((sum(month.values, ZERO) for month in months), ZERO)
    done, red = sum((m.renewed for m in months), ZERO), sum((m.red for m in months), ZERO)
    words = _(
        "%(total)s a year comes up for renewal in six months; %(done)s is renewed, %(red)s at high risk."
    )
    answer = words % {"total": desk.money(total), "done": desk.money(done), "red": desk.money(red)}
    series = [
        charts.Series(_("Renewed"), "c2"),
        charts.Series(_("Open"), "none"),
        charts.Series(_("At high risk"), "red"),
    ]
    buckets = [
        charts.Column(
            month_name(last_day(month.until)),
            month.values,
            book_url(first_ends_on__gt=month.after, first_ends_on__lte=month.until),
        )
        for month in months
    ]
    question = asked(desk, _("Are the next six months ready?"), answer)
    return charts.columns(question, series, buckets, first_column=_("Month"))


def _tier_codes(desk: Desk) -> list[str]:
    present = {tier for tier, _band in desk.tiers}
    return [code for code in TIERS if code in present] + sorted(present - TIERS.keys())


def _tier_name(code: str) -> str:
    return str(TIERS[code][0]) if code in TIERS else code or _("no tier")


def slipping(desk: Desk) -> charts.Plot:
    """Which tier is at risk: customers by band."""
    red = sum(number for (_tier, band), (number, _value) in desk.tiers.items() if band == "RED")
    words = ngettext("%(n)d customer is at high risk.", "%(n)d customers are at high risk.", red)
    question = asked(desk, _("Which tier slips?"), words % {"n": red}, unit=_("customers"))
    tones = ("red", "amber", "none")
    series = [charts.Series(str(BANDS[code]), tone) for code, tone in zip(BAND_CODES, tones, strict=True)]
    bands = ",".join(BAND_CODES)
    items = [
        charts.Shares(
            _tier_name(tier),
            tuple(desk.tiers.get((tier, band), (0, ZERO))[0] for band in BAND_CODES),
            book_url(tier=tier, contracts_in_force__gt=0, risk_band=bands),
        )
        for tier in _tier_codes(desk)
    ]
    scored = [item for item in items if any(item.values)]
    return charts.share_bars(question, series, scored, first_column=_("Tier"))


def where_risk(desk: Desk) -> charts.Plot:
    """Tier by band, count and value."""
    value = sum((v for (_tier, band), (_n, v) in desk.tiers.items() if band == "RED"), ZERO)
    answer = _("%(value)s a year is at high risk.") % {"value": desk.money(value)}
    nothing: tuple[int, Decimal | None] = (0, None)
    cells = [
        [
            charts.Cell(
                *desk.tiers.get((tier, band), nothing),
                book_url(tier=tier, risk_band=band, contracts_in_force__gt=0),
                tone,
            )
            for band, tone in zip(BAND_CODES, ("red", "amber", ""), strict=True)
        ]
        for tier in _tier_codes(desk)
    ]
    names = [_tier_name(tier) for tier in _tier_codes(desk)]
    question = asked(desk, _("Where is the risk?"), answer, unit="")
    return charts.matrix(question, names, [str(BANDS[band]) for band in BAND_CODES], cells)


def stay(desk: Desk) -> charts.Plot:
    """Gross and net renewal rate month by month."""
    total = sum((found for _month, found in desk.renewals), metrics.Renewals())
    answer = _("No contract ended in twelve months.")
    if total.gross is not None and total.net is not None:
        words = _("Of %(due)s a year that ended, %(gross)s was kept; with growth %(net)s.")
        answer = words % {
            "due": desk.money(total.due),
            "gross": percent(total.gross),
            "net": percent(total.net),
        }
    lines = [
        charts.Line(_("Gross"), tuple(found.gross for _month, found in desk.renewals)),
        charts.Line(_("Net"), tuple(found.net for _month, found in desk.renewals), "c2"),
    ]
    links = [_ended_url(month, desk.on) for month, _found in desk.renewals]
    labels = [month_name(month) for month, _found in desk.renewals]
    question = asked(desk, _("Do customers stay?"), answer, unit="%")
    return charts.lines(question, labels, lines, figures=charts.SHARE, hrefs=links, first_column=_("Month"))


def _ended_url(month: date, on: date) -> str:
    return behind_url("ended", after=month, until=min(on, add_months(month, 1)))


def bridge(desk: Desk) -> charts.Plot:
    """What changed the yearly value in force since the first of the month before."""
    opening = add_months(desk.on.replace(day=1), -1) - ONE_DAY
    found = metrics.changes(desk.viewer, opening, desk.on)
    labels = {
        "new": _("New"),
        "back": _("Won back"),
        "up": _("Larger"),
        "down": _("Smaller"),
        "lost": _("Ended"),
    }
    words = _("%(opening)s a year on %(day)s, %(closing)s today: %(up)s more, %(down)s less.")
    more = sum((found[name] for name in ("new", "back", "up")), ZERO)
    less = -sum((found[name] for name in ("down", "lost")), ZERO)
    answer = words % {
        "opening": desk.money(found["opening"]),
        "closing": desk.money(found["closing"]),
        "day": day(opening),
        "up": desk.money(more),
        "down": desk.money(less),
    }
    steps = [
        charts.Step(day_list(opening, desk.on), found["opening"], total=True),
        *(
            charts.Step(labels[name], found[name], behind_url("changes", kind=name, opening=opening))
            for name in metrics.CHANGES
        ),
        charts.Step(_("today"), found["closing"], book_url(contracts_in_force__gt=0), total=True),
    ]
    question = asked(desk, _("What changed our book?"), answer)
    return charts.bridge(question, steps, value_name=_("A year"), first_column=_("Change"))


def who_carries(desk: Desk) -> charts.Plot:
    """The yearly value in force by department."""
    found = metrics.by_department(desk.viewer)
    answer = _("No customer belongs to a department yet.")
    if found:
        words = _("%(name)s carries most: %(amount)s a year.")
        answer = words % {"name": found[0][0].name, "amount": desk.money(found[0][1])}
    bars = [charts.Bar(d.name, amount, "c1", book_url(department=d.pk)) for d, amount in found]
    question = asked(desk, _("Who carries the book?"), answer, unit="")
    return charts.ageing(question, bars, first_column=_("Department"))


def worth(desk: Desk) -> charts.Plot:
    """Customers by the eight segments of their value."""
    found = metrics.by_value_segment(desk.viewer)
    whole = sum(number for number, _value in found.values())
    top = sum(number for segment, (number, _value) in found.items() if segment.endswith("H"))
    answer = _("No customer has signed a contract yet.")
    if whole:
        words = ngettext(
            "%(top)d of %(n)d customer with a contract pays at least the mean.",
            "%(top)d of %(n)d customers with a contract pay at least the mean.",
            whole,
        )
        answer = words % {"top": top, "n": whole}
    bars = [
        charts.Bar(
            str(segment.label),
            Decimal(found.get(segment, (0, ZERO))[0]),
            "c1" if segment.endswith("H") else "c2",
            book_url(rfm_segment=segment.value),
        )
        for segment in ValueSegment
    ]
    question = asked(desk, _("What are our customers worth?"), answer, unit="")
    return charts.ageing(question, bars, figures=charts.COUNT, first_column=_("Value segment"))
