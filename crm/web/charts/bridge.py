"""From an opening to a closing value through what was added and taken away."""

from collections.abc import Callable, Sequence
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
    mark,
    scale_of,
    table_of,
)

FILLED = 0.62  # of a step's width
TOTAL, MORE, LESS = "c6", "c1", "c4"


@dataclass(frozen=True)
class Step:
    """A change, or with `total` a level the bridge stands on."""

    label: str
    value: Decimal
    href: str = ""
    total: bool = False


def bridge(
    question: Question,
    steps: Sequence[Step],
    *,
    figures: Figures = MONEY,
    value_name: str = "",
    first_column: str = "",
) -> Plot:
    """Floating columns: totals stand on zero, changes hang between the levels before and after.

    A change carries its sign; the tones say "more" and "less", not good and bad.
    """
    levels = _levels(steps)
    scale = _scale(levels)
    width = 1 / max(1, len(steps))
    marks = (
        mark(
            step.href,
            [f"{step.label} {_signed(step, figures.full)}"],
            _step(step, pair, scale, figures, i * width, width),
            shown=1,
        )
        for i, (step, pair) in enumerate(zip(steps, levels, strict=True))
    )
    values = ((step.label, (step.value,)) for step in steps)
    head, rows = table_of(first_column, (Series(value_name or question.unit),), values, figures)
    picture = drawing(question, (grid_lines(scale, figures), *marks), places=len(steps))
    return Plot(question.title, question.answer, question.unit, picture, (), head, rows)


def _levels(steps: Sequence[Step]) -> list[tuple[Decimal, Decimal]]:
    """The level before and after each step."""
    level, levels = Decimal(0), []
    for step in steps:
        before = Decimal(0) if step.total else level
        level = before + step.value
        levels.append((before, level))
    return levels


def _scale(levels: list[tuple[Decimal, Decimal]]) -> Scale:
    """From zero, unless the changes are small against the totals; then it starts below the lowest level."""
    reached = [pair[1] for pair in levels]
    low, high = min(reached, default=Decimal(0)), max(reached, default=Decimal(0))
    floor = low - (high - low) / 2 if low * 2 > high else Decimal(0)
    return scale_of(reached, max(floor, Decimal(0)))


def _signed(step: Step, show: Callable[[Decimal], str]) -> str:
    text = show(step.value)
    return f"+{text}" if step.value > 0 and not step.total else text


def _step(
    step: Step, levels: tuple[Decimal, Decimal], scale: Scale, figures: Figures, left: float, width: float
) -> SafeString:
    top, bottom = scale.y(max(levels)), scale.y(max(min(levels), scale.ticks[0]))
    cut = _break(left, width) if step.total and scale.ticks[0] > 0 else ""
    tone = TOTAL if step.total else MORE if step.value >= 0 else LESS
    middle = across(left + width / 2)
    return format_html(
        '<rect class="hit" x="{}" y="0" width="{}" height="{}" rx="4"/>'
        '<rect class="tone-{}" x="{}" y="{}" width="{}" height="{}" rx="1"/>'
        '{}<line class="base" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<text x="{}" y="{}" text-anchor="middle">{}</text>'
        '<text class="value" x="{}" y="{}" text-anchor="middle"> {}</text>',
        across(left),
        across(width),
        TOP + HEIGHT + FOOT,
        tone,
        across(left + width * (1 - FILLED) / 2),
        top,
        across(width * FILLED),
        max(1.0, round(bottom - top, 1)),
        cut,
        middle,
        across(min(1, left + width * 1.5)),
        scale.y(levels[1]),
        scale.y(levels[1]),
        middle,
        TOP + HEIGHT + 18,
        step.label,
        middle,
        round(top - 6, 1),
        _signed(step, figures.mark),
    )


def _break(left: float, width: float) -> SafeString:
    """A gap near the foot of a total: the axis does not start at zero."""
    return format_html(
        '<rect class="break" x="{}" y="{}" width="{}" height="4"/>',
        across(left + width * (1 - FILLED) / 2),
        TOP + HEIGHT - 14,
        across(width * FILLED),
    )
