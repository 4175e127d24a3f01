"""A table of counts and values whose cells are links: tier by risk band, or the flow between tiers."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from crm.web.charts.plot import AMOUNT, Figures, Plot, Question, joined


@dataclass(frozen=True)
class Cell:
    """How many, worth how much, and the list behind it; a sign says which way they went."""

    count: int
    value: Decimal | None = None
    href: str = ""
    tone: str = ""
    sign: str = ""


def matrix(
    question: Question,
    row_names: Sequence[str],
    column_names: Sequence[str],
    cells: Sequence[Sequence[Cell]],
    *,
    figures: Figures = AMOUNT,
    corner: str = "",
) -> Plot:
    """Rows by columns; a cell says its count and, under it, its value. It is its own data table.

    On a narrow screen it scrolls by itself. `corner` says what the rows are and what the columns.
    """
    head = format_html_join("", '<th scope="col">{}</th>', ((name,) for name in column_names))
    body = (
        format_html('<tr><th scope="row">{}</th>{}</tr>', name, joined(_cell(cell, figures) for cell in row))
        for name, row in zip(row_names, cells, strict=True)
    )
    table = format_html(
        '<div class="data-table" tabindex="0" role="region" aria-label="{}">'
        '<table class="matrix num" aria-label="{}"><thead><tr><td class="quiet">{}</td>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>",
        question.title,
        question.title,
        corner,
        head,
        joined(body),
    )
    return Plot(question.title, question.answer, question.unit, table)


def _cell(cell: Cell, figures: Figures) -> SafeString:
    if not cell.count:
        return SafeString('<td><span class="quiet">0</span></td>')
    value = format_html("<small>{}</small>", figures.mark(cell.value)) if cell.value is not None else ""
    tone = format_html(' class="{}"', cell.tone) if cell.tone else ""
    inside = format_html("<b>{}{}</b>{}", f"{cell.sign} " if cell.sign else "", cell.count, value)
    if not cell.href:
        return format_html("<td{}><span>{}</span></td>", tone, inside)
    return format_html('<td{}><a href="{}">{}</a></td>', tone, cell.href, inside)
