"""Horizontal bars, one line a row: bullets against a target, shares of a whole, ageing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crm.web.charts.plot import AMOUNT, COUNT, Figures, Plot, Question, Series, across, joined, table_of


@dataclass(frozen=True)
class Bullet:
    """A value against its target."""

    label: str
    value: Decimal
    target: Decimal
    href: str = ""
    tone: str = "c1"


@dataclass(frozen=True)
class Shares:
    """A whole cut into the series of the chart."""

    label: str
    values: tuple[Decimal | int, ...]
    href: str = ""


@dataclass(frozen=True)
class Bar:
    """One length."""

    label: str
    value: Decimal
    tone: str = "c1"
    href: str = ""


def bullets(
    question: Question,
    items: Sequence[Bullet],
    *,
    figures: Figures = AMOUNT,
    common: bool = False,
    first_column: str = "",
) -> Plot:
    """Bars with a target tick; `common` gives all rows one scale, else each has its own."""
    top = max((max(item.value, item.target) for item in items), default=Decimal(1)) or Decimal(1)
    rows = (
        _bullet(item, figures, top if common else max(item.value, item.target) or Decimal(1))
        for item in items
    )
    names = (Series(_("Value")), Series(_("Target")))
    head, table = table_of(
        first_column, names, ((item.label, (item.value, item.target)) for item in items), figures
    )
    return Plot(question.title, question.answer, question.unit, _list(rows), (), head, table)


def _bullet(item: Bullet, figures: Figures, top: Decimal) -> SafeString:
    bar = format_html(
        '<svg aria-hidden="true"><rect class="track" y="3" width="100%" height="6" rx="3"/>'
        '<rect class="tone-{}" y="3" width="{}" height="6" rx="3"/>'
        '<rect class="target" x="{}" width="2" height="12"/></svg>',
        item.tone,
        across(max(item.value, Decimal(0)) / top),
        across(item.target / top * Decimal("0.995")),
    )
    done = f"{item.value / item.target * 100:.0f}%" if item.target else "—"
    text = format_html(
        '<span class="end num"><b>{}</b> <span class="quiet">/ {} · {}</span></span>',
        figures.mark(item.value),
        figures.mark(item.target),
        done,
    )
    return _row(item.href, item.label, bar, text)


def share_bars(
    question: Question,
    series: Sequence[Series],
    items: Sequence[Shares],
    *,
    figures: Figures = COUNT,
    first_column: str = "",
) -> Plot:
    """Each row is a whole of 100 %, cut into the series; the counts stand beside it."""
    rows = (
        _row(item.href, item.label, _cuts(item, series), _counts(item, series, figures)) for item in items
    )
    head, table = table_of(
        first_column,
        series,
        ((item.label, [Decimal(value) for value in item.values]) for item in items),
        figures,
    )
    return Plot(question.title, question.answer, question.unit, _list(rows), tuple(series), head, table)


def _cuts(item: Shares, series: Sequence[Series]) -> SafeString:
    whole, start, parts = Decimal(sum(item.values)), Decimal(0), []
    for one, value in zip(series, item.values, strict=True):
        if value:
            share = Decimal(value) / whole
            parts.append(
                format_html(
                    '<rect class="tone-{}" x="{}" width="{}" y="1" height="10"/>',
                    one.tone,
                    across(start),
                    across(share),
                )
            )
            start += share
    return format_html('<svg aria-hidden="true">{}</svg>', joined(parts))


def _counts(item: Shares, series: Sequence[Series], figures: Figures) -> SafeString:
    """`1 / 1 / 4`, the red one in red."""
    words = (
        format_html(
            '<b class="red">{}</b>' if one.tone == "red" and value else "{}", figures.mark(Decimal(value))
        )
        for one, value in zip(series, item.values, strict=True)
    )
    return format_html('<span class="end num quiet">{}</span>', SafeString(" / ".join(words)))


def ageing(
    question: Question, items: Sequence[Bar], *, figures: Figures = AMOUNT, first_column: str = ""
) -> Plot:
    """Plain bars against the longest, oldest last."""
    top = max((item.value for item in items), default=Decimal(1)) or Decimal(1)
    rows = (
        _row(
            item.href,
            item.label,
            _length(item, top),
            format_html('<span class="end num">{}</span>', figures.mark(item.value)),
        )
        for item in items
    )
    value = Series(question.unit or _("Value"))
    head, table = table_of(first_column, (value,), ((item.label, (item.value,)) for item in items), figures)
    return Plot(question.title, question.answer, question.unit, _list(rows), (), head, table)


def _length(item: Bar, top: Decimal) -> SafeString:
    return format_html(
        '<svg aria-hidden="true"><rect class="tone-{}" width="{}" height="12" rx="2"/></svg>',
        item.tone,
        across(max(item.value, Decimal(0)) / top),
    )


def _row(href: str, label: str, bar: SafeString, text: SafeString) -> SafeString:
    inside = format_html("<span>{}</span>{}{}", label, bar, text)
    return (
        format_html('<li><a href="{}">{}</a></li>', href, inside)
        if href
        else format_html("<li><div>{}</div></li>", inside)
    )


def _list(rows: Iterable[SafeString]) -> SafeString:
    return format_html('<ul class="bars">{}</ul>', joined(rows))
