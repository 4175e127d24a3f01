"""When commission came and will come, as a chart; shared by the statement and the home page."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from commissions.statement import ZERO, Coming
from crm.periods import add_months
from crm.web import charts
from crm.web.templatetags.amounts import chart_unit, money_tile
from crm.web.templatetags.days import month_name

AHEAD = 6


def plot(
    posted: Sequence[tuple[date, Decimal]],
    to_come: Sequence[Coming],
    on: date,
    currency: str,
    links: tuple[str, str],
) -> charts.Plot:
    """Columns by month: what was posted, and what is expected until half a year ahead.

    `links` are the addresses of the entries and of what is to come, as `links` makes them.
    """
    expected: dict[date, Decimal] = defaultdict(lambda: ZERO)
    for each in to_come:
        expected[each.on.replace(day=1)] += each.amount
    first = on.replace(day=1)
    ahead = [(add_months(first, number), ZERO) for number in range(1, AHEAD)]
    soon = sum((expected[month] for month in (first, *(month for month, _sum in ahead))), ZERO)
    words = _("%(posted)s posted in the last six months, %(expected)s to come in the next six.")
    answer = words % {
        "posted": money_tile(sum((amount for _month, amount in posted), ZERO), currency),
        "expected": money_tile(soon, currency),
    }
    buckets = [
        _column(month, amount, expected[month], links, coming=month >= first)
        for month, amount in [*posted, *ahead]
    ]
    series = [charts.Series(_("Posted")), charts.Series(_("Expected"), "none")]
    question = charts.Question(_("What will I be paid, when?"), answer, chart_unit(currency))
    return charts.columns(question, series, buckets, first_column=_("Month"))


def _column(
    month: date, posted: Decimal, expected: Decimal, links: tuple[str, str], *, coming: bool
) -> charts.Column:
    entries, to_come = links
    behind = f"{to_come}?month={month:%Y-%m}" if coming else f"{entries}&posting_period={month:%Y-%m}"
    values = (max(posted, ZERO), max(expected, ZERO))
    return charts.Column(month_name(month), values, behind)


def links(whose: str, to_come: str) -> tuple[str, str]:
    """Where the columns lead: the entries of `whose` (`member=…`), and the page of what is to come."""
    return f"{reverse('commissions:entries')}?{whose}&payable=true", to_come
