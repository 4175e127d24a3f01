"""What every chart shares: the result, its words, the vertical scale, marks that are links."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from crm.web.templatetags import amounts

HEIGHT = 150  # px of the plotted area
TOP = 22  # px above it, for the value of the tallest mark
FOOT = 24  # px below it, for the labels
TICKS = 4
NARROW = 7  # more places than this do not fit a phone
MANY = 10  # more than this do not fit where the others do


@dataclass(frozen=True)
class Question:
    """The title as a question, the answer as one computed sentence, the unit beside the title."""

    title: str
    answer: str
    unit: str = ""


@dataclass(frozen=True)
class Series:
    """One kind of figure. Tone: c1…c6, t1…t4, red, amber, green, or none for hollow (nothing yet, low)."""

    label: str
    tone: str = "c1"


@dataclass(frozen=True)
class Figures:
    """How a value reads at its mark, on the axis and in the data table."""

    mark: Callable[[Decimal], str]
    tick: Callable[[Decimal], str]
    full: Callable[[Decimal], str]


def _whole(value: Decimal) -> str:
    return amounts.figure(value, 0)


MONEY = Figures(amounts.money_chart, amounts.money_tick, amounts.money_list)
AMOUNT = Figures(amounts.money_short, amounts.money_tick, amounts.money_short)
COUNT = Figures(_whole, _whole, _whole)
SHARE = Figures(amounts.percent, amounts.rate, amounts.percent)


@dataclass(frozen=True)
class Plot:
    """A finished chart: words, marks, legend and the table behind "Show data"."""

    question: str
    answer: str
    unit: str
    marks: SafeString
    legend: tuple[Series, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Scale:
    """A vertical axis: its ticks, and the pixel of a value below the top of the drawing."""

    ticks: tuple[Decimal, ...]

    def y(self, value: Decimal) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        return round(TOP + float((high - Decimal(value)) / (high - low)) * HEIGHT, 1)


def scale_of(values: Iterable[Decimal], floor: Decimal = Decimal(0)) -> Scale:
    """A scale from `floor` (or the lowest loss) to just above the highest value, in steps people count in."""
    known = [floor, *map(Decimal, values)]
    low, high = min(known), max(known)
    step = _round_step((high - low) / TICKS or Decimal(1))
    first = (low / step).to_integral_value(ROUND_FLOOR)
    last = max((high / step).to_integral_value(ROUND_CEILING), first + 1)
    return Scale(tuple(step * number for number in range(int(first), int(last) + 1)))


def _round_step(rough: Decimal) -> Decimal:
    magnitude = Decimal(1).scaleb(rough.adjusted())
    return next(
        magnitude * factor
        for factor in map(Decimal, ("1", "2", "2.5", "4", "5", "10"))
        if magnitude * factor >= rough
    )


def grid_lines(scale: Scale, figures: Figures) -> SafeString:
    """The axis: a hairline and a label for each tick; hidden from readers, who have the table."""
    rules = format_html_join(
        "",
        '<line class="{}" x1="0" x2="100%" y1="{}" y2="{}"/><text x="-8" y="{}" text-anchor="end">{}</text>',
        (
            ("rule" if tick else "base", scale.y(tick), scale.y(tick), scale.y(tick) + 4, figures.tick(tick))
            for tick in scale.ticks
        ),
    )
    return format_html('<g aria-hidden="true">{}</g>', rules)


def drawing(
    question: Question, inside: Iterable[SafeString], height: int = TOP + HEIGHT + FOOT, places: int = 0
) -> SafeString:
    """The outer picture, with room for the axis; with many places it scrolls on a phone."""
    picture = format_html(
        '<svg class="plot axis" height="{}" role="group" aria-label="{}">{}</svg>',
        height,
        question.title,
        joined(inside),
    )
    if places <= NARROW:
        return picture
    width = "plot-wide plot-many" if places > MANY else "plot-wide"
    return format_html('<div class="{}">{}</div>', width, picture)


def joined(parts: Iterable[SafeString]) -> SafeString:
    return mark_safe("".join(parts))


def across(share: float | Decimal) -> str:
    """A share of the width as an SVG percentage."""
    return f"{round(float(share) * 100, 2):g}%"


def mark(href: str, lines: Sequence[str], inside: SafeString, shown: int = 0) -> SafeString:
    """A mark with its tooltip; a link when there is a list behind it.

    `lines` are the tooltip; the first `shown` of them stand in the picture already, the rest is text that
    is read but not seen, so that the name of the link begins with the words one sees.
    """
    tip = "\n".join(lines)
    if not href:
        name = "; ".join(lines)
        return format_html('<g role="img" aria-label="{}" data-tip="{}">{}</g>', name, tip, inside)
    unseen = (
        format_html('<text class="ghost" y="{}">; {}</text>', TOP, "; ".join(lines[shown:]))
        if lines[shown:]
        else ""
    )
    return format_html('<a href="{}" data-tip="{}">{}{}</a>', href, tip, inside, unseen)


def table_of(
    label: str,
    series: Sequence[Series],
    rows: Iterable[tuple[str, Sequence[Decimal | None]]],
    figures: Figures,
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Head and rows of the data table; an unknown value is a dash."""
    head = (label, *(str(one.label) for one in series))
    body = (
        (name, *("—" if value is None else figures.full(Decimal(value)) for value in values))
        for name, values in rows
    )
    return head, tuple(body)
