"""Charts of money: what was signed, paid, is late, and costs; every mark leads to its list."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from commissions import statement
from commissions.views import pay
from crm.dashboards import income, metrics
from crm.dashboards.desk import Desk, asked, behind_url
from crm.dashboards.metrics import ZERO
from crm.periods import add_months, last_day
from crm.web import charts
from crm.web.templatetags.days import day_list, month_name, period

WEEK = timedelta(days=7)


def quarter_pace(desk: Desk) -> charts.Plot:
    """What is signed in the quarter week by week, against the same quarter a year before."""
    (since, until), (then, then_until) = desk.quarters
    end = metrics.quarter(desk.on)[1]
    ends = [since + WEEK * (n + 1) for n in range((end - since).days // 7 - 1)] + [end]
    now = [desk.signed(since, min(e, until)) if e - WEEK < until else None for e in ends]
    before = [desk.signed(then, min(then + (e - since), metrics.quarter(then)[1])) for e in ends]
    words = {
        "now": desk.money(desk.signed(since, until)),
        "then": desk.money(desk.signed(then, then_until)),
        "whole": desk.money(before[-1]),
    }
    answer = _("%(now)s signed; a year ago it was %(then)s by this day and %(whole)s in the whole quarter.")
    links = [behind_url("signed", since=since, until=min(e, until)) for e in ends]
    lines = [
        charts.Line(_("This quarter"), tuple(now)),
        charts.Line(_("A year before"), tuple(before), "c6"),
    ]
    labels = [day_list(last_day(e), desk.on) for e in ends]
    question = asked(desk, _("Will we make the quarter?"), answer % words)
    return charts.lines(question, labels, lines, hrefs=links, first_column=_("Until"))


def my_pay(desk: Desk) -> charts.Plot:
    """When my commission came and will come."""
    me = statement.of_member(desk.viewer.id)
    posted = statement.months(me, desk.on, 5)
    to_come = statement.coming(desk.my_pay, desk.on)
    links = pay.links("member=me", reverse("commissions:to-come"))
    return pay.plot(posted, to_come, desk.on, desk.currency, links)


def stuck(desk: Desk) -> charts.Plot:
    """Overdue money by age."""
    old = sum((desk.ageing[name] for days, name in income.AGES if days is None or days > 90), ZERO)
    words = _("%(total)s is overdue, %(old)s of it for more than 90 days.")
    answer = words % {"total": desk.money(desk.overdue), "old": desk.money(old)}
    tones = ("c1", "c1", "amber", "red", "red", "red")
    bars = [
        charts.Bar(name, desk.ageing[name], tone, behind_url("overdue", age=name))
        for (_days, name), tone in zip(income.AGES, tones, strict=True)
    ]
    question = asked(desk, _("Where is the cash stuck?"), answer, unit=_("days overdue"))
    return charts.ageing(question, bars, first_column=_("Days overdue"))


def what_commission_costs(desk: Desk) -> charts.Plot:
    """Posted commission by month."""
    months = desk.commission or []
    total = sum((each.amount for each in months), ZERO)
    answer = _("%(total)s was posted in twelve months.") % {"total": desk.money(total)}
    if not months:
        answer = _("Not shown over fewer than three payees.")
    buckets = [
        charts.Column(month_name(each.month), (max(each.told, ZERO),), _review_url(each.month))
        for each in months
        if each.told is not None
    ]
    question = asked(desk, _("What does commission cost?"), answer)
    return charts.columns(question, [charts.Series(_("Posted"))], buckets, first_column=_("Month"))


def _review_url(month: date) -> str:
    return f"{reverse('commissions:review')}?month={month:%Y-%m}"


def cash_and_plan(desk: Desk) -> charts.Plot:
    """What came against what was due, month by month."""
    month, came, due = desk.cash[-1]
    words = _("%(came)s came in %(month)s of %(due)s that is due in it.")
    answer = words % {
        "came": desk.money(came),
        "due": desk.money(due),
        "month": period(month, add_months(month, 1)),
    }
    series: Sequence[charts.Series] = [charts.Series(_("Came")), charts.Series(_("Due"), "none")]
    buckets = [
        charts.Column(month_name(m), (max(a, ZERO), b), behind_url("cash", month=f"{m:%Y-%m}"))
        for m, a, b in desk.cash
    ]
    question = asked(desk, _("Does cash follow the plan?"), answer)
    return charts.columns(question, series, buckets, paired=True, first_column=_("Month"))
