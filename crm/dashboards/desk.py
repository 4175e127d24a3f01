"""What a home page works with: the reader, the day, the figures that several of its parts share."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from commissions import statement
from crm.accounts.access import Viewer
from crm.dashboards import income, metrics
from crm.dashboards.metrics import ZERO
from crm.periods import ONE_DAY, add_months
from crm.web import charts
from crm.web.templatetags.amounts import chart_unit, money_tile


@dataclass
class Desk:
    """The reader, the day, and the figures that several tiles and charts share."""

    viewer: Viewer
    on: date
    currency: str

    def money(self, amount: Decimal) -> str:
        return money_tile(amount, self.currency)

    @property
    def unit(self) -> str:
        return chart_unit(self.currency)

    @cached_property
    def book(self) -> metrics.Book:
        return metrics.book(self.viewer)

    @cached_property
    def ageing(self) -> dict[str, Decimal]:
        return income.ageing(self.viewer, self.on)

    @cached_property
    def overdue(self) -> Decimal:
        return sum((amount for name, amount in self.ageing.items() if name != income.NOT_DUE), ZERO)

    @cached_property
    def tiers(self) -> dict[tuple[str, str], tuple[int, Decimal]]:
        return metrics.by_tier_and_band(self.viewer)

    @cached_property
    def renewals(self) -> list[tuple[date, metrics.Renewals]]:
        return metrics.renewals(self.viewer, self.on)

    @cached_property
    def quarters(self) -> tuple[tuple[date, date], tuple[date, date]]:
        """This quarter up to today, and the same one of the year before up to the same day."""
        since, _until = metrics.quarter(self.on)
        return (since, self.on + ONE_DAY), (add_months(since, -12), add_months(self.on, -12) + ONE_DAY)

    @cached_property
    def signed_by_day(self) -> dict[date, Decimal]:
        whole = metrics.quarter(self.quarters[1][0])
        return metrics.signed_by_day(self.viewer, self.quarters[0], whole)

    def signed(self, since: date, until: date) -> Decimal:
        """Written amount of the days in [since, until) of this quarter or that of a year ago."""
        return sum((amount for on, amount in self.signed_by_day.items() if since <= on < until), ZERO)

    @cached_property
    def commission(self) -> list[income.Posted] | None:
        return income.commission(self.viewer, self.on)

    @cached_property
    def my_pay(self) -> statement.Parts:
        return statement.parts(statement.of_member(self.viewer.id))

    @cached_property
    def cash(self) -> list[tuple[date, Decimal, Decimal]]:
        return income.cash_and_plan(self.viewer, self.on)


def book_url(**filters: Any) -> str:
    """The customer list with these filters."""
    return f"{reverse('dashboards:book')}?{urlencode({'view': 'all', **filters})}"


def behind_url(figure: str, **words: Any) -> str:
    """The rows behind a figure."""
    return f"{reverse('dashboards:behind', args=[figure])}?{urlencode(words)}"


def asked(desk: Desk, title: str, answer: str, *, unit: str | None = None) -> charts.Question:
    """A chart's question with its answer; counted in the unit of amounts unless said otherwise."""
    return charts.Question(title, answer, desk.unit if unit is None else unit)
