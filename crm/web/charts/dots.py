"""A strip of days: each thing a dot where it falls, sized by value, shaped by risk."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt

from django.utils.html import format_html
from django.utils.safestring import SafeString

from crm.web.charts.plot import AMOUNT, Figures, Plot, Question, Series, across, drawing, joined, mark

LANE = 28  # px
LEAST, MOST = 5, 12  # px of radius
ROOM = 0.045  # of the width that a dot keeps free, on the narrowest screen
SHAPES = {
    "RED": '<path class="tone-red" d="M0 -{r} L{r} 0 L0 {r} L-{r} 0 Z"/>',
    "AMBER": '<circle class="tone-amber" r="{r}"/>',
    "GREEN": '<circle class="ring" r="{r}"/>',
}


@dataclass(frozen=True)
class Dot:
    """Something that falls `days` from the first day of the strip."""

    label: str
    days: int
    value: Decimal
    band: str
    href: str = ""
    when: str = ""


def dot_strip(
    question: Question,
    dots: Sequence[Dot],
    *,
    days: int = 90,
    ticks: Sequence[tuple[int, str]] = (),
    figures: Figures = AMOUNT,
    heads: tuple[str, str, str] = ("", "", ""),
    bands: Sequence[Series] = (),
) -> Plot:
    """Dots on a strip of `days`; `ticks` are (day, label); dots too close for one lane stand in the next.

    `heads` name the columns of the data table, `bands` the shapes of the legend.
    """
    top = max((dot.value for dot in dots), default=Decimal(1)) or Decimal(1)
    lanes = _lanes(sorted(dots, key=lambda dot: dot.days), days)
    height = LANE * (max(lanes.values(), default=0) + 1)
    marks = [_dot(dot, lane, days, top, figures) for dot, lane in lanes.items()]
    picture = drawing(question, [_days(ticks, days, height), *marks], height + 26)
    rows = tuple((dot.label, dot.when, figures.full(dot.value)) for dot in lanes)
    plain = SafeString(picture.replace("plot axis", "plot"))
    return Plot(question.title, question.answer, question.unit, plain, tuple(bands), heads, rows)


def _lanes(dots: Sequence[Dot], days: int) -> dict[Dot, int]:
    """The lowest lane in which each dot does not touch the one before it."""
    ends: list[float] = []
    lanes = {}
    for dot in dots:
        place = dot.days / days
        lane = next((i for i, end in enumerate(ends) if end + ROOM <= place), len(ends))
        ends[lane : lane + 1] = [place]
        lanes[dot] = lane
    return lanes


def _dot(dot: Dot, lane: int, days: int, top: Decimal, figures: Figures) -> SafeString:
    radius = round(LEAST + (MOST - LEAST) * sqrt(max(dot.value, Decimal(0)) / top), 1)
    shape = SafeString(SHAPES[dot.band].format(r=radius))
    placed = format_html(
        '<svg x="{}" y="{}" overflow="visible"><circle class="hit" r="14"/>{}</svg>',
        across(min(max(dot.days / days, 0.02), 0.98)),
        lane * LANE + LANE // 2,
        shape,
    )
    return mark(dot.href, [f"{dot.label} {figures.full(dot.value)}", dot.when], placed)


def _days(ticks: Sequence[tuple[int, str]], days: int, height: int) -> SafeString:
    lines = (
        format_html(
            '<line class="rule" x1="{}" x2="{}" y1="0" y2="{}"/>'
            '<text x="{}" y="{}" text-anchor="{}">{}</text>',
            across(day / days),
            across(day / days),
            height,
            across(day / days),
            height + 18,
            "start" if day == 0 else "end" if day == days else "middle",
            label,
        )
        for day, label in ticks
    )
    base = format_html('<line class="base" x1="0" x2="100%" y1="{}" y2="{}"/>', height, height)
    return format_html('<g aria-hidden="true">{}{}</g>', joined(lines), base)
