"""Columns by bucket, stacked or paired."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString

from crm.web.charts.plot import (
    FOOT,
    HEIGHT,
    MONEY,
    TOP,
    Figures,
    Plot,
    Question,
    Scale,
    Series,
    across,
    drawing,
    grid_lines,
    joined,
    mark,
    scale_of,
    table_of,
)

FILLED = 0.5  # of a bucket's width


@dataclass(frozen=True)
class Column:
    """One bucket: a value for each series, and the list behind it."""

    label: str
    values: tuple[Decimal, ...]
    href: str = ""


def columns(
    question: Question,
    series: Sequence[Series],
    buckets: Sequence[Column],
    *,
    figures: Figures = MONEY,
    paired: bool = False,
    first_column: str = "",
) -> Plot:
    """Stacked columns, or with `paired` one beside the other; values are not negative."""
    tops = [
        max(bucket.values, default=Decimal(0)) if paired else sum(bucket.values, Decimal(0))
        for bucket in buckets
    ]
    scale = scale_of(tops)
    width = 1 / max(1, len(buckets))
    draw = _paired if paired else _stacked
    marks = (
        mark(
            bucket.href,
            _tip(bucket, series, figures, paired),
            draw(bucket, series, scale, figures, i * width, width),
            shown=1,
        )
        for i, bucket in enumerate(buckets)
    )
    head, rows = table_of(
        first_column, series, ((bucket.label, bucket.values) for bucket in buckets), figures
    )
    inside = (grid_lines(scale, figures), *marks)
    legend = tuple(series) if len(series) > 1 else ()
    picture = drawing(question, inside, places=len(buckets))
    return Plot(question.title, question.answer, question.unit, picture, legend, head, rows)


def _tip(bucket: Column, series: Sequence[Series], figures: Figures, paired: bool) -> list[str]:
    title = bucket.label if paired else f"{bucket.label} {figures.full(sum(bucket.values, Decimal(0)))}"
    if len(series) == 1:
        return [title]
    parts = zip(series, bucket.values, strict=True)
    return [title, *(f"{one.label} {figures.full(value)}" for one, value in parts)]


def _frame(bucket: Column, left: float, width: float) -> tuple[SafeString, SafeString]:
    """The area that answers the mouse and shows the focus, and the label below."""
    hit = format_html(
        '<rect class="hit" x="{}" y="0" width="{}" height="{}" rx="4"/>',
        across(left),
        across(width),
        TOP + HEIGHT + FOOT,
    )
    label = format_html(
        '<text x="{}" y="{}" text-anchor="middle">{}</text>',
        across(left + width / 2),
        TOP + HEIGHT + 18,
        bucket.label,
    )
    return hit, label


def _stacked(
    bucket: Column, series: Sequence[Series], scale: Scale, figures: Figures, left: float, width: float
) -> SafeString:
    hit, label = _frame(bucket, left, width)
    x, bars, height = left + width * (1 - FILLED) / 2, [], Decimal(0)
    for one, value in zip(series, bucket.values, strict=True):
        if value > 0:
            bars.append(_bar(one.tone, x, width * FILLED, scale.y(height + value), scale.y(height)))
        height += value
    return joined((hit, *bars, label, _value(left + width / 2, scale.y(height), figures.mark(height))))


def _paired(
    bucket: Column, series: Sequence[Series], scale: Scale, figures: Figures, left: float, width: float
) -> SafeString:
    hit, label = _frame(bucket, left, width)
    each = width * 0.64 / len(series)
    start = left + width * 0.18
    bars = (
        _bar(one.tone, start + i * each, each * 0.9, scale.y(value), scale.y(Decimal(0)))
        for i, (one, value) in enumerate(zip(series, bucket.values, strict=True))
        if value > 0
    )
    return joined((hit, *bars, label))


def _bar(tone: str, x: float, width: float, top: float, bottom: float) -> SafeString:
    """One block; a pixel is left open between stacked ones."""
    height = max(1.0, round(bottom - top - 1, 1))
    return format_html(
        '<rect class="tone-{}" x="{}" y="{}" width="{}" height="{}" rx="1"/>',
        tone,
        across(x),
        top,
        across(width),
        height,
    )


def _value(middle: float, top: float, text: str) -> SafeString:
    return format_html(
        '<text class="value" x="{}" y="{}" text-anchor="middle"> {}</text>',
        across(middle),
        round(top - 6, 1),
        text,
    )
