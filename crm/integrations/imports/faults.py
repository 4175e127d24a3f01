"""What can be wrong with a file, a row or a cell: a stable code, and words that tell how to repair it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

# fmt: off
MESSAGES: dict[str, Any] = {
    # the file
    "empty_file": _("The file is empty."),
    "header_only": _("The file has a header but no row below it."),
    "too_big": _("The file is larger than %(limit)s MB; split it."),
    "too_many_cells_in_file": _("The sheet has more than %(limit)s cells; save it as CSV."),
    "line_too_long": _("Line %(row)s is longer than %(limit)s MB; this is not a table."),
    "not_a_table": _("This is not a CSV, TSV or XLSX file."),
    "old_excel": _("This is an old or encrypted Excel file; save it as XLSX without a password."),
    "broken_archive": _("The XLSX file is damaged; save it again."),
    "bomb": _("The XLSX file unpacks to more than is allowed; save it as CSV."),
    "entities": _("The XLSX file declares XML entities, which no spreadsheet needs."),
    "no_sheet": _("The XLSX file has no sheet."),
    "unknown_encoding": _("The file is neither UTF-8 nor GB18030 (from line %(row)s on)."),
    "too_many_columns": _("The file has more than %(limit)s columns."),
    "nothing_mapped": _("No column of the file was recognised."),
    "column_missing": _("No column of the file is mapped to “%(label)s”."),
    "duplicate_header": _("Two columns are called “%(header)s”: say which one to take."),
    "no_right": _("The importer may not import this kind."),
    "all_or_nothing": _("%(refused)s rows are wrong, and the import is all or nothing: nothing was written."),
    "stopped": _("The import stopped (%(reason)s); it can go on where it was."),
    # the row
    "too_many_cells": _("The row has more cells than the header: quote cells that hold the delimiter."),
    "quote_not_closed": _("A quotation mark in this row is not closed."),
    "bad_json": _("This line is not a JSON object."),
    "duplicate_in_file": _("“%(value)s” already stands in row %(first)s of this file."),
    "duplicate_earlier": _("“%(value)s” already stands further up in this file."),
    "exists": _("“%(value)s” exists already; this import only creates."),
    "database": _("The database refused this row."),
    # the cell
    "required": _("This cell must not be empty."),
    "cell_too_long": _("The cell holds more than %(limit)s characters."),
    "too_long": _("Longer than %(limit)s characters."),
    "bad_bytes": _("The cell holds bytes that are not %(encoding)s."),
    "nul": _("The cell holds a NUL character."),
    "formula": _("A formula is not a value; write the result."),
    "date": _("“%(value)s” is not a date; write 2026-11-20."),
    "moment": _("“%(value)s” is not a date and time; write 2026-11-20 14:30."),
    "amount": _("“%(value)s” is not an amount; write 12345.67, 12,345.67 or 86万."),
    "amount_places": _("“%(value)s” has more than two decimal places."),
    "amount_range": _("“%(value)s” is outside what is allowed."),
    "whole": _("“%(value)s” is not a whole number."),
    "rate": _("“%(value)s” is not a rate; write 6%% or 0.06."),
    "yes_no": _("“%(value)s” is neither yes nor no."),
    "choice": _("“%(value)s” is not one of: %(choices)s."),
    "email": _("“%(value)s” is not an e-mail address."),
    "characters": _("“%(value)s” holds characters that do not belong here."),
    "unknown_member": _("No colleague is called “%(value)s”; write the staff number, name or e-mail."),
    "ambiguous_member": _("Several colleagues are called “%(value)s”; write the staff number or e-mail."),
    "unknown_department": _("No department is called “%(value)s”; write its code or name."),
    "ambiguous_department": _("Several departments are called “%(value)s”; write the code."),
}
# fmt: on


@dataclass(frozen=True)
class Wrong:
    """What is wrong with one cell or row, before it is known where it stands."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


class Unreadable(ValueError):
    """The file as a whole cannot be taken; nothing of it was written."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


class Misread(ValueError):
    """A cell does not hold what its column asks for."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def tell(code: str, params: Mapping[str, Any]) -> str:
    """The words for a fault in the language in force; an unknown code is told as it is."""
    if code not in MESSAGES:
        return code
    return str(MESSAGES[code]) % {"value": "", "row": "", **params}


def add_messages(messages: Mapping[str, Any]) -> None:
    """Words for the codes of a kind; called when it registers."""
    MESSAGES.update(messages)
