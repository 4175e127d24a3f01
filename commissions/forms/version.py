"""The form of a plan version: sentences with boxes, read and judged by the calculation's own reading."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from commissions import settings as rules
from commissions.forms import typed
from commissions.forms.sheet import BOXES, CAPS, PARTS, TABLES, Box, Part, Table, at
from crm.refusal import Refused
from crm.versions import CODE_LENGTH
from customers.forms.boxes import DayBox, DoorForm

MOST_ROWS = 24
MORE = 2
AS_IT_IS = ("check", "several")  # no text is typed
PLACE = re.compile(r"settings\.(?P<name>[a-z_.]+?)(?:\[(?P<row>\d+)\](?:\.(?P<column>\w+))?)?")
Typed = dict[str, Any]
WORDS = {  # where a box is typed otherwise than the specification writes it
    ("percent", "invalid_rate"): _("Write a percentage from 0 to 100, such as 6 or 1.5."),
    ("bps", "invalid_integer"): _("Write a percentage from 0 to 100 with at most two places."),
    ("factor", "invalid_rate"): _("Write a factor with at most six places, such as 0.5."),
    ("q", "invalid_rate"): _("Write a ratio with at most four places, such as 1.2."),
    ("amount", "invalid_amount"): _("Write an amount, such as 12,345.60 or 86万."),
}


class VersionForm(DoorForm):
    """Code, first day and every setting of spec/what-if.md §3. Once valid, `settings` are those to keep."""

    code = forms.CharField(label=_("Name of the version"), max_length=CODE_LENGTH)
    valid_from = DayBox(label=_("Begins on"))

    def __init__(
        self,
        data: Any = None,
        *,
        on: date,
        like: Mapping[str, Any],
        currency: str,
        more: str = "",
        **kwargs: Any,
    ) -> None:
        """`like` are the complete settings that stand in the form at first; `more` a table to lengthen."""
        initial = {**kwargs.pop("initial", {}), **_texts(like)}
        super().__init__(data, on=on, initial=initial, **kwargs)
        self.currency = currency
        self.settings: Typed = {}
        self.rows = {name: self._rows(table, like, more) for name, table in TABLES.items()}
        for name, box in BOXES.items():
            self.fields[key(name)] = _field(_offering(box, like))
        for name, table in TABLES.items():
            self.fields[key(name)] = forms.Field(
                label=str(table.label), required=False, widget=forms.HiddenInput
            )
            for row in range(self.rows[name]):
                self.fields |= {cell(name, row, column.name): _field(column) for column in table.columns}
        if more in TABLES:  # nothing is judged yet: only boxes were asked for
            self._errors = forms.utils.ErrorDict()

    def _rows(self, table: Table, like: Mapping[str, Any], more: str) -> int:
        first = table.columns[0].name
        sent = sum(cell(table.name, row, first) in self.data for row in range(MOST_ROWS))
        there = len(at(like, table.name) or ()) + table.spare
        return min(MOST_ROWS, (sent or there) + (MORE if more == table.name else 0))

    @property
    def parts(self) -> list[tuple[Part, list[Any]]]:
        """The page: each part with its boxes, and its tables as rows of boxes."""
        return [(part, [self._drawn(item) for item in part.items]) for part in PARTS]

    def _drawn(self, item: Box | Table) -> dict[str, Any]:
        if isinstance(item, Box):
            return {"box": self[key(item.name)], "kind": item.kind}
        rows = [
            [(self[cell(item.name, row, column.name)], column.kind) for column in item.columns]
            for row in range(self.rows[item.name])
        ]
        return {"table": item, "head": self[key(item.name)], "rows": rows}

    def clean(self) -> Typed:
        data = super().clean() or {}
        self._places: dict[str, list[int]] = {}
        try:
            self.settings = rules.complete(self._settings(data), self.currency)
        except Refused as refused:
            for fault in refused.faults:
                name = self.box_of(fault.field)
                kind = getattr(self.fields.get(name or ""), "kind", "")
                words = WORDS.get((kind.removeprefix("optional "), fault.code), fault.message)
                self.add_error(name, ValidationError(str(words), fault.code))
        return data

    def _settings(self, data: Typed) -> Typed:
        """What was typed, as the specification writes it."""
        read = {name: self._read(box, data.get(key(name))) for name, box in BOXES.items()}
        found = {name: value for name, value in read.items() if "." not in name}
        found |= {name: self._table(name, data) for name in TABLES if "." not in name}
        found["year_decay"] = [row["factor"] for row in found["year_decay"]]
        found["caps"] = self._caps(read)
        found["floor"] = _floor(read)
        found["quota"] = self._quota(read, data)
        return found

    def _read(self, box: Box, value: Any) -> Any:
        return bool(value) if box.kind == "check" else typed.READ[box.kind](value or "")

    def _table(self, name: str, data: Typed) -> list[Typed]:
        """The rows of a table that are not empty, rising; each ends where the next begins."""
        table = TABLES[name]
        found = []
        for row in range(self.rows[name]):
            texts = {column: data.get(cell(name, row, column.name)) or "" for column in table.columns}
            if any(texts.values()):
                found.append((row, {c.name: self._read(c, text) for c, text in texts.items()}))
        if table.span:
            found.sort(key=lambda each: typed.sort_key(each[1]["from"]))
            for (_row, lower), (_next, upper) in pairwise(found):
                lower["to"] = upper["from"]
            for _row, last in found[-1:]:
                last["to"] = None
        self._places[name] = [row for row, _values in found]
        return [values for _row, values in found]

    def _caps(self, read: Typed) -> list[Typed]:
        self._scopes = [scope for scope in CAPS if read[f"caps.{scope}.amount"]]
        return [
            {"scope": scope, "amount": read[f"caps.{scope}.amount"]}
            | ({"excess": read[f"caps.{scope}.excess"] or "FORFEIT"} if scope != "CONTRACT" else {})
            for scope in self._scopes
        ]

    def _quota(self, read: Typed, data: Typed) -> Typed | None:
        tiers = self._table("quota.tiers", data)
        if not read["quota.mode"]:
            return None
        return {"mode": read["quota.mode"], "tiers": tiers, "credited_before": read["quota.credited_before"]}

    def box_of(self, place: str) -> str | None:
        """The box that a fault of the reading speaks of; None for the whole form."""
        if place in self.fields:
            return place
        found = PLACE.fullmatch(place)
        if found is None:
            return None
        name, row, column = found["name"], found["row"], found["column"]
        if name == "caps" and row is not None:
            name, row = f"caps.{self._scopes[int(row)]}.{column}", None
        if name in TABLES and row is not None:
            columns = [each.name for each in TABLES[name].columns]
            name = cell(name, self._places[name][int(row)], column if column in columns else columns[0])
        return key(name) if key(name) in self.fields else None


def key(name: str) -> str:
    """The name of a box in the form: a point would end it in HTML ids and filters."""
    return name.replace(".", "_")


def cell(table: str, row: int, column: str) -> str:
    return f"{key(table)}-{row}-{column}"


def _floor(read: Typed) -> Typed | None:
    if not read["floor.amount"]:
        return None
    return {"amount": read["floor.amount"], "recoverable": read["floor.recoverable"]}


def _offering(box: Box, like: Mapping[str, Any]) -> Box:
    """A box that also offers what is chosen and has no name here, such as a category that came by the API."""
    named = dict(box.choices)
    strange = [code for code in at(like, box.name) if code not in named] if box.kind == "several" else []
    return replace(box, choices=(*box.choices, *((code, code) for code in strange))) if strange else box


def _field(box: Box) -> forms.Field:
    about: dict[str, Any] = {"label": box.label, "required": False, "help_text": box.help}
    found: Any
    if box.kind == "check":
        found = forms.BooleanField(**about)
    elif box.kind == "choice":
        found = forms.ChoiceField(choices=box.choices, **about)
    elif box.kind == "several":
        found = forms.MultipleChoiceField(choices=box.choices, widget=forms.CheckboxSelectMultiple, **about)
    else:
        kind = {"amount": "money", "optional amount": "money"}.get(box.kind, "text")
        found = forms.CharField(widget=forms.TextInput({"data-kind": kind, "autocomplete": "off"}), **about)
    found.kind = box.kind
    found.one_of = not box.kind.startswith("optional")  # the reading asks for it, in its own words
    return found  # type: ignore[no-any-return]


def _texts(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in the boxes for complete settings."""
    found: dict[str, Any] = {}
    for name, box in BOXES.items():
        value = at(settings, name)
        if value is None and name == "floor.recoverable":
            value = True  # what a floor is, unless it is said otherwise
        found[key(name)] = value if box.kind in AS_IT_IS else typed.shown(box.kind, value)
    for name, table in TABLES.items():
        found |= dict(_cells(table, at(settings, name) or ()))
    return found


def _cells(table: Table, rows: Any) -> Iterator[tuple[str, str]]:
    for place, row in enumerate(rows):
        values = row if isinstance(row, Mapping) else {table.columns[0].name: row}
        for column in table.columns:
            yield cell(table.name, place, column.name), typed.shown(column.kind, values[column.name])
