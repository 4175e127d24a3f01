"""Tiers over time: who moved between two days, and what every tier was worth month by month."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from crm.accounts.access import reach
from crm.accounts.rights import Right
from crm.periods import add_months, month_end, month_number
from crm.web import charts
from crm.web.access import PageRequest, page
from crm.web.fragments import show
from crm.web.listing import Column, Listing, View
from crm.web.templatetags.amounts import chart_unit, money_tile
from crm.web.templatetags.days import day, month_name
from customers.models import Customer
from tiers import movement as over_time
from tiers import policies
from tiers.filters import MovementFilters
from tiers.forms import SpanForm
from tiers.movement import OUTSIDE, Flow, Population
from tiers.views.flows import matrix
from tiers.views.place import labels, named, tabs

MONTHS = 12
DEEPEST = 4  # tones of a tier


class Ranks(NamedTuple):
    """The tiers of the rules in force, highest first, and the tenant's own words for them."""

    order: Sequence[str]
    own: Mapping[str, str]

    def name(self, tier: str) -> str:
        return named(tier, self.own)


@require_safe
@page(Right.CUSTOMER_VIEW)
def movement(request: PageRequest) -> HttpResponse:
    """The migration matrix of two days, with population and money per tier until the later one."""
    form = _form(request)
    context: dict[str, Any] = {"form": form, "tabs": tabs(request.viewer, "tiers:movement")}
    if form.is_valid():
        context["plots"] = _plots(request, **form.cleaned_data)
    return render(request, "tiers/movement.html", context, status=200 if "plots" in context else 422)


@require_safe
@page(Right.CUSTOMER_VIEW)
def customers(request: PageRequest) -> HttpResponse:
    """The customers behind a cell of the matrix; htmx asks for the list alone."""
    form = _form(request)
    context: dict[str, Any] = {"form": form, "crumbs": _crumbs(form)}
    if form.is_valid():
        context |= {"movers": Movers(request, form), "sees_amount": request.viewer.may(Right.SEE_AMOUNT)}
    status = 200 if "movers" in context else 422
    regions = {"list": "tiers/_movers.html"} if form.is_valid() else {}
    return show(request, "tiers/movers.html", context, regions=regions, status=status)


def _form(request: PageRequest) -> SpanForm:
    """The two days asked for; without any the last twelve months."""
    usual = {"since": add_months(request.today, -MONTHS), "until": request.today}
    given = {name: request.GET.get(name) or first.isoformat() for name, first in usual.items()}
    return SpanForm(given, on=request.today)


def _crumbs(form: SpanForm) -> list[dict[str, str]]:
    query = urlencode({name: form.data[name] for name in ("since", "until")})
    return [{"label": _("Tier movement"), "url": f"{reverse('tiers:movement')}?{query}"}]


class Movers(Listing):
    """Customers with their tiers on both days. Queries: rows, counts."""

    filters = MovementFilters
    sorts = {"name": "name"}
    ordering = "name"
    views = (
        View("moved", gettext_lazy("Changed tier"), "moved=true"),
        View("all", gettext_lazy("All customers"), ""),
    )
    columns = (
        Column("name", gettext_lazy("Customer"), "l1", "name"),
        Column("before", gettext_lazy("Tier before"), "l2 w-m"),
        Column("after", gettext_lazy("Tier after"), "r1 w-m"),
        Column("amount_before", gettext_lazy("Amount before"), "r w-l p2", right=Right.SEE_AMOUNT),
        Column("amount_after", gettext_lazy("Amount after"), "r w-l", right=Right.SEE_AMOUNT),
        Column("owner", gettext_lazy("Owner"), "w-m p2"),
    )

    def __init__(self, request: PageRequest, form: SpanForm) -> None:
        rows = reach(request.viewer, Customer.objects.select_related("owner"))
        super().__init__(request, over_time.standing(rows, **form.cleaned_data))
        ranks = _ranks(form.cleaned_data["until"])
        self.own = {**ranks.own, OUTSIDE: ranks.name(OUTSIDE)}
        self.currency = request.tenant.currency
        self.days = urlencode(form.cleaned_data)

    @cached_property
    def tabs(self) -> list[dict[str, Any]]:
        """As everywhere, with the two days kept."""
        return [
            each | {"url": f"{self.request.path}?{self.days}&view={view.name}"}
            for each, view in zip(super().tabs, self.open_views, strict=True)
        ]

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The rows of the page, each with the words for its two tiers."""
        return [
            {
                "row": row,
                "before": self.own.get(row.tier_before, ""),
                "after": self.own.get(row.tier_after, ""),
            }
            for row in self.rows
        ]


def _ranks(on: date) -> Ranks:
    rising = sorted(policies.in_force(on).bands.all(), key=lambda band: band.rank)
    return Ranks([*(band.tier for band in reversed(rising))], labels(rising))


def _plots(request: PageRequest, since: date, until: date) -> list[charts.Plot]:
    ranks, sees = _ranks(until), request.viewer.may(Right.SEE_AMOUNT)
    found = over_time.flows(request.viewer, since=since, until=until)
    behind = f"{reverse('tiers:movers')}?{urlencode({'since': since, 'until': until, 'view': 'all'})}"
    plots = [
        matrix(
            charts.Question(_("Who moved between the tiers?"), _answer(found, since, until)),
            found,
            ranks.own,
            [*ranks.order, OUTSIDE],
            link=lambda before, after: f"{behind}&{urlencode({'before': before, 'after': after})}",
            sees_amount=sees,
        )
    ]
    days = _month_ends(until)
    people = over_time.population(request.viewer, days)
    plots.append(_headcount(people, days, ranks))
    return [*plots, _worth(people, days, ranks, request.tenant.currency)] if sees else plots


def _answer(found: Sequence[Flow], since: date, until: date) -> str:
    moved = sum(flow.customers for flow in found if flow.moves)
    stayed = sum(flow.customers for flow in found if not flow.moves)
    words = ngettext(
        "From %(since)s to %(until)s %(n)d customer changed tier, %(stayed)d stayed.",
        "From %(since)s to %(until)s %(n)d customers changed tier, %(stayed)d stayed.",
        moved,
    )
    return words % {"n": moved, "stayed": stayed, "since": day(since), "until": day(until)}


def _month_ends(until: date) -> list[date]:
    """The ends of the months before the month of a day, and the day itself."""
    number = month_number(until)
    return [*(month_end(month) for month in range(number - MONTHS, number)), until]


def _columns(
    people: Sequence[Population], days: Sequence[date], ranks: Ranks, figure: str
) -> tuple[list[charts.Series], list[charts.Column]]:
    """A column a day, the tiers stacked from the lowest up; it leads to who moved since that day."""
    values = {(found.day, found.tier): Decimal(getattr(found, figure)) for found in people}
    known = [*ranks.order, *sorted({found.tier for found in people} - set(ranks.order))]
    rising = list(reversed(known))
    tones = {tier: f"t{min(place, DEEPEST)}" for place, tier in enumerate(known, 1)}
    series = [charts.Series(ranks.name(tier), tones[tier]) for tier in rising]
    zero = Decimal(0)
    columns = [
        charts.Column(
            month_name(on),
            tuple(values.get((on, tier), zero) for tier in rising),
            _since(on, days[-1]) if on < days[-1] else "",
        )
        for on in days
    ]
    return series, columns


def _since(on: date, until: date) -> str:
    return f"{reverse('tiers:movement')}?{urlencode({'since': on, 'until': until})}"


def _headcount(people: Sequence[Population], days: Sequence[date], ranks: Ranks) -> charts.Plot:
    series, columns = _columns(people, days, ranks, "customers")
    parts = [f"{ranks.name(f.tier)} {f.customers}" for f in _highest_first(people, days[-1], ranks)]
    answer = _("%(day)s: %(parts)s.") % {
        "day": day(days[-1]),
        "parts": " · ".join(parts) or _("nobody has a contract"),
    }
    question = charts.Question(_("How many customers stand in each tier?"), answer)
    return charts.columns(question, series, columns, figures=charts.COUNT, first_column=_("End of"))


def _worth(people: Sequence[Population], days: Sequence[date], ranks: Ranks, currency: str) -> charts.Plot:
    series, columns = _columns(people, days, ranks, "amount")
    first, last = (sum((f.amount for f in people if f.day == on), Decimal(0)) for on in (days[0], days[-1]))
    words = {
        "first": money_tile(first, currency),
        "last": money_tile(last, currency),
        "day": day(days[0]),
    }
    answer = _("%(last)s a year in force, after %(first)s on %(day)s.") % words
    question = charts.Question(_("What is each tier worth?"), answer, chart_unit(currency))
    return charts.columns(question, series, columns, first_column=_("End of"))


def _highest_first(people: Sequence[Population], on: date, ranks: Ranks) -> list[Population]:
    place = {tier: number for number, tier in enumerate(ranks.order)}
    return sorted((f for f in people if f.day == on), key=lambda f: place.get(f.tier, len(place)))
