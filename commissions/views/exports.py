"""A month as a file: for payroll, and as the cost of obtaining contracts. No cell is ever a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from xlsxwriter import Workbook

from commissions import costs, payroll
from commissions.models import Period
from commissions.models.entry import Component
from crm.accounts.rights import Right
from crm.integrations.imports.report import harmless
from crm.money import capitals
from crm.web.access import PageRequest, page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Cell = str | Decimal
LONGEST_BENEFIT = 240


@require_safe
@page(Right.PAYROLL_EXPORT)
def payroll_file(request: PageRequest, period_id: UUID, kind: str) -> HttpResponse:
    """Gross amounts per payee with their total, also in capitals."""
    period = get_object_or_404(Period, pk=period_id)
    lines = payroll.lines(period, **request.act)
    head = [_("Month"), _("Staff number"), _("Payee"), _("Department"), _("Gross amount"), _("Currency")]
    rows: list[list[Cell]] = [
        [period.month, each.code, each.name, each.department, each.gross, each.currency] for each in lines
    ]
    total, currency = payroll.total(lines), lines[0].currency if lines else request.tenant.currency
    rows.append([period.month, _("Total"), "", "", total, currency])
    if currency == "CNY":
        rows.append([period.month, _("Total in capitals"), capitals(total), "", "", ""])
    return _file(f"payroll-{period.month}", kind, [head, *rows])


@require_safe
@page(Right.PAYROLL_EXPORT)
def costs_file(request: PageRequest, period_id: UUID, kind: str) -> HttpResponse:
    """Commission as the cost of obtaining contracts, up to the end of the month."""
    period = get_object_or_404(Period, pk=period_id)
    found = costs.costs(period, benefit_of(request.GET.get("benefit_months", "")))
    head = [_("Contract"), _("Customer"), _("Component"), _("From"), _("Last day"), _("Term in months")]
    head += [_("Amortised over months"), _("Renewal paid at the same rate"), _("Commission"), _("Amortised")]
    head += [_("Carrying amount"), _("May be expensed at once"), _("Currency")]
    return _file(f"asc340-{period.month}", kind, [head, *map(_row, found)])


def benefit_of(text: str) -> int | None:
    """The months of benefit that the reader gives, None for the term; BadRequest for anything else."""
    if not text:
        return None
    if not (text.isdecimal() and len(text) < 4 and 1 <= int(text) <= LONGEST_BENEFIT):
        raise BadRequest
    return int(text)


def _row(cost: costs.Cost) -> list[Cell]:
    yes, no = _("yes"), _("no")
    return [
        *(cost.contract, cost.customer, str(Component(cost.component).label)),
        *(f"{cost.starts_on:%Y-%m-%d}", f"{cost.last_on:%Y-%m-%d}", f"{float(cost.term):.2f}"),
        *(f"{float(cost.months):.2f}", yes if cost.commensurate else no),
        *(cost.cost, cost.amortised, cost.carrying, yes if cost.may_be_expensed else no, cost.currency),
    ]


def _file(name: str, kind: str, rows: Iterable[Sequence[Cell]]) -> HttpResponse:
    content, media = (_sheet(rows), XLSX) if kind == "xlsx" else (_text(rows), "text/csv; charset=utf-8")
    header = content_disposition_header(True, f"{name}.{kind}") or "attachment"
    return HttpResponse(content, content_type=media, headers={"Content-Disposition": header})


def _text(rows: Iterable[Sequence[Cell]]) -> bytes:
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    for row in rows:
        writer.writerow([harmless(cell) if isinstance(cell, str) else f"{cell:f}" for cell in row])
    return target.getvalue().encode("utf-8-sig")


def _sheet(rows: Iterable[Sequence[Any]]) -> bytes:
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(target, options) as book:
        amount = book.add_format({"num_format": "#,##0.00"})
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for position, cell in enumerate(row):
                if isinstance(cell, Decimal):
                    sheet.write_number(number, position, cell, amount)
                else:
                    sheet.write_string(number, position, harmless(cell))
    return target.getvalue()
