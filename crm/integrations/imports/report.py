"""The file of refused rows: the sender's own columns, his format, and one column that says why."""

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain, groupby
from typing import IO, Any

from django.utils import translation
from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from crm.integrations.imports import files, reading
from crm.integrations.imports.faults import Unreadable, tell
from crm.integrations.imports.inspection import XLSX
from crm.integrations.imports.kinds import kind_of
from crm.integrations.imports.staging import Job
from crm.integrations.imports.values import CUT
from crm.integrations.models import Import, ImportFault

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
BLOCK = 5_000


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; plain numbers stay as they are."""
    text = cell.rstrip(CUT).encode("utf-8", "replace").decode().replace("\x00", "")
    if text.startswith(_DANGEROUS) and not text[1:].replace(".", "", 1).replace(",", "").isdigit():
        return "'" + text
    return text


def reasons(run: Import, rows: Sequence[int]) -> dict[int, str]:
    """Why each of these rows was refused, in the language of the import."""
    labels = {column.name: column.label for column in kind_of(run.kind).columns}
    found = ImportFault.objects.filter(run=run, row__in=rows).order_by("row", "id")
    return {
        row: "; ".join(_reason(fault, labels) for fault in group)
        for row, group in groupby(found, key=lambda fault: fault.row)
    }


def _reason(fault: ImportFault, labels: dict[str, Any]) -> str:
    words = tell(fault.code, fault.params)
    return f"{labels[fault.column]}: {words}" if fault.column in labels else words


def write_refused(run: Import, layout: reading.Layout) -> str:
    """Store the refused rows of an import as a file; returns its name, "" when no row was refused."""
    if not run.refused:
        return ""
    with translation.override(run.language), files.scratch() as target:
        rows = _refused(run, layout)
        header = [*layout.header, _("Row"), _("Reason")]
        if layout.format == XLSX:
            _as_sheet(target, header, rows)
        else:
            _as_text(target, header, rows, layout.delimiter or ",")
        target.seek(0)
        return files.keep(run, target, "refused.xlsx" if layout.format == XLSX else "refused.csv")


def _refused(run: Import, layout: reading.Layout) -> Iterator[list[str]]:
    width = len(layout.header)
    with (
        suppress(Unreadable),
        files.opened(run.stored_as) as file,
    ):  # a file that breaks off is told up to there
        for first, rows in reading.blocks(file, layout, BLOCK):
            why = reasons(run, range(first, first + len(rows)))
            for number, reason in why.items():
                row = [harmless(cell) for cell in rows[number - first]]
                yield [*row, *[""] * (width - len(row)), str(number), reason]


def _as_text(target: IO[bytes], header: list[str], rows: Iterator[list[str]], delimiter: str) -> None:
    text = io.TextIOWrapper(target, "utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(header)
    writer.writerows(rows)
    text.flush()
    text.detach()


def _as_sheet(target: IO[bytes], header: list[str], rows: Iterator[list[str]]) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(target, options) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(chain([header], rows)):
            for position, cell in enumerate(row):
                sheet.write_string(number, position, cell)


def refused_numbers(run: Import, first: int, last: int) -> set[int]:
    """Numbers of the rows from first to last that an earlier pass refused."""
    rows = ImportFault.objects.filter(run=run, row__range=(first, last))
    return set(rows.values_list("row", flat=True))


def layout_of(run: Import) -> reading.Layout:
    """How the stored file is read."""
    return reading.Layout(run.format, run.encoding, run.delimiter, tuple(run.header), run.header_row)


def keep_faults(job: Job, faults: Sequence[tuple[int, str, Any]]) -> None:
    """Store the faults of one chunk."""
    ImportFault.objects.bulk_create(
        [
            ImportFault(run=job.run, row=row, column=column, code=wrong.code, params=dict(wrong.params))
            for row, column, wrong in sorted(faults, key=lambda fault: fault[0])
        ],
        batch_size=5000,
    )
