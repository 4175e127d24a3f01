"""Lines over time with an optional target pace and a forecast band."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

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

LABELS = 6  # as many fit under a chart on a phone


@dataclass(frozen=True)
class Line:
    """One series over the shared points; None where nothing is known yet."""

    label: str
    values: tuple[Decimal | None, ...]
    tone: str = "c1"


@dataclass(frozen=True)
class Pace:
    """A dashed target from the first point to the last, and where the forecast expects to end."""

    label: str
    first: Decimal
    last: Decimal
    forecast: tuple[Decimal, Decimal] | None = None
    forecast_label: str = ""


def lines(
    question: Question,
    points: Sequence[str],
    series: Sequence[Line],
    *,
    figures: Figures = MONEY,
    pace: Pace | None = None,
    hrefs: Sequence[str] = (),
    first_column: str = "",
) -> Plot:
    """Lines over `points` (their labels); `hrefs` are the lists behind each point."""
    known = [value for line in series for value in line.values if value is not None]
    ahead = [pace.first, pace.last, *(pace.forecast or ())] if pace else []
    scale = scale_of(known + ahead)
    inside = [grid_lines(scale, figures), _paths(series, scale, len(points), pace)]
    if pace:
        inside.append(_pace_labels(pace, scale))
    inside += [_point(i, points, series, figures, hrefs) for i in range(len(points))]
    inside += [_end(line, scale, figures, len(points)) for line in series]
    inside.append(_axis(points))
    names = tuple(Series(line.label, line.tone) for line in series)
    by_point = ((label, [line.values[i] for line in series]) for i, label in enumerate(points))
    head, rows = table_of(first_column, names, by_point, figures)
    legend = names if len(names) > 1 else ()
    return Plot(question.title, question.answer, question.unit, drawing(question, inside), legend, head, rows)


def _place(index: int, count: int) -> float:
    return index / (count - 1) if count > 1 else 0.5


def _paths(series: Sequence[Line], scale: Scale, count: int, pace: Pace | None) -> SafeString:
    """Stretched with the width; strokes keep theirs."""
    shapes = [_forecast(series[0], scale, count, pace.forecast)] if pace else []
    if pace:
        shapes.append(
            format_html('<path class="pace" d="M0 {} L100 {}"/>', scale.y(pace.first), scale.y(pace.last))
        )
    shapes += [
        format_html('<path class="line tone-{}" d="{}"/>', one.tone, _trail(one, scale, count))
        for one in series
    ]
    total = TOP + HEIGHT
    return format_html(
        '<svg width="100%" height="{}" viewBox="0 0 100 {}" preserveAspectRatio="none" aria-hidden="true">'
        "{}</svg>",
        total,
        total,
        joined(shapes),
    )


def _trail(line: Line, scale: Scale, count: int) -> str:
    """The path of a line, broken where a value is missing."""
    places = [
        None if value is None else f"{_place(i, count) * 100:.2f} {scale.y(value)}"
        for i, value in enumerate(line.values)
    ]
    runs = [list(run) for is_known, run in groupby(places, lambda place: place is not None) if is_known]
    return " ".join("M" + " L".join(map(str, run)) for run in runs)


def _last(line: Line) -> tuple[int, Decimal] | None:
    """Index and value of the last known point."""
    known = [(i, value) for i, value in enumerate(line.values) if value is not None]
    return known[-1] if known else None


def _forecast(line: Line, scale: Scale, count: int, forecast: tuple[Decimal, Decimal] | None) -> SafeString:
    last = _last(line)
    if last is None or forecast is None:
        return SafeString("")
    index, value = last
    low, high = (scale.y(end) for end in forecast)
    start = f"{_place(index, count) * 100:.2f} {scale.y(value)}"
    return format_html('<path class="band" d="M{} L100 {} L100 {} Z"/>', start, high, low)


def _pace_labels(pace: Pace, scale: Scale) -> SafeString:
    target = format_html(
        '<text x="100%" y="{}" text-anchor="end">{}</text>', scale.y(pace.last) - 7, pace.label
    )
    if not pace.forecast:
        return target
    beneath = pace.first + (pace.last - pace.first) * Decimal("0.7")
    below = max(scale.y(beneath), scale.y(min(pace.forecast))) + 16
    return target + format_html(
        '<text x="100%" y="{}" text-anchor="end">{}</text>', below, pace.forecast_label
    )


def _point(
    index: int, points: Sequence[str], series: Sequence[Line], figures: Figures, hrefs: Sequence[str]
) -> SafeString:
    count = len(points)
    known = [(line, value) for line in series if (value := line.values[index]) is not None]
    if not known:
        return SafeString("")
    width = 1 / count
    left = min(max(_place(index, count) - width / 2, 0), 1 - width)
    hit = format_html(
        '<rect class="hit" x="{}" y="{}" width="{}" height="{}" rx="4"/>',
        across(left),
        TOP,
        across(width),
        HEIGHT,
    )
    tip = [points[index], *(f"{line.label} {figures.full(value)}" for line, value in known)]
    return mark(hrefs[index] if hrefs else "", tip, hit)


def _end(line: Line, scale: Scale, figures: Figures, count: int) -> SafeString:
    """The last known point, with its value beside it."""
    last = _last(line)
    if last is None:
        return SafeString("")
    place, value = _place(last[0], count), last[1]
    anchor, shift = ("end", -8) if place > 0.8 else ("start", 8)
    return format_html(
        '<g aria-hidden="true"><circle class="tone-{}" cx="{}" cy="{}" r="3.5"/>'
        '<text class="value" x="{}" y="{}" dx="{}" text-anchor="{}">{}</text></g>',
        line.tone,
        across(place),
        scale.y(value),
        across(place),
        scale.y(value) + 16,
        shift,
        anchor,
        figures.mark(value),
    )


def _axis(points: Sequence[str]) -> SafeString:
    """Labels under the first, the last and evenly between."""
    count = len(points)
    every = max(1, -(-count // LABELS))
    labels = (_axis_label(i, count, points[i]) for i in range(0, count, every))
    return format_html('<g aria-hidden="true">{}</g>', joined(labels))


def _axis_label(index: int, count: int, text: str) -> SafeString:
    anchor = "start" if index == 0 else "end" if index == count - 1 else "middle"
    return format_html(
        '<text x="{}" y="{}" text-anchor="{}">{}</text>',
        across(_place(index, count)),
        TOP + HEIGHT + FOOT - 6,
        anchor,
        text,
    )
