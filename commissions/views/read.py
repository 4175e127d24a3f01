"""A version of a plan in words: its settings as sentences, and what changes from another."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commissions.differences import differences
from commissions.forms.sheet import BOXES, PARTS, TABLES, Box, Table, at
from commissions.forms.typed import shown
from crm.web.templatetags.amounts import money
from crm.web.templatetags.marks import TIERS

NOTHING = "—"


class Said(NamedTuple):
    """One setting in words; `lines` are the rows of a table."""

    label: str
    value: str
    lines: tuple[str, ...] = ()


class Changed(NamedTuple):
    """One setting that differs."""

    label: str
    before: Said
    after: Said


def sentences(settings: Mapping[str, Any], currency: str) -> list[tuple[str, str, list[Said]]]:
    """(id, title, settings) of each part of the page; `settings` are complete."""
    return [
        (part.id, str(part.title), [said(item.name, settings, currency) for item in part.items])
        for part in PARTS
    ]


def changes(before: Mapping[str, Any], after: Mapping[str, Any], currency: str) -> list[Changed]:
    """What differs between two complete settings, in the words of the boxes."""
    names = {each.name for each in differences(before, after)}
    items = [item.name for part in PARTS for item in part.items if item.name.partition(".")[0] in names]
    pairs = [(said(name, before, currency), said(name, after, currency)) for name in items]
    return [Changed(old.label, _apart(old, new), _apart(new, old)) for old, new in pairs if old != new]


def _apart(one: Said, other: Said) -> Said:
    """The rows of a table that the other has not."""
    return one._replace(lines=tuple(line for line in one.lines if line not in other.lines))


def said(name: str, settings: Mapping[str, Any], currency: str) -> Said:
    """A box or table of complete settings in words."""
    value = at(settings, name)
    if name in BOXES:
        box = BOXES[name]
        return Said(str(box.label), _value(box, value, currency))
    table = TABLES[name]
    lines = tuple(_lines(table, value or (), currency))
    return Said(str(table.label), "" if lines else NOTHING, lines)


def _value(box: Box, value: Any, currency: str) -> str:
    if box.kind == "check":
        return _("yes") if value else _("no")
    if box.kind == "choice":
        return str(dict(box.choices).get(value or "", NOTHING))
    if box.kind == "several":
        named = dict(box.choices)
        return "、".join(str(named.get(code, code)) for code in value) or NOTHING
    if value is None:
        return NOTHING
    if box.kind == "days":
        return ngettext("%(n)d day", "%(n)d days", value) % {"n": value}
    if box.kind.endswith("amount"):
        return money(Decimal(value), currency)
    text = shown(box.kind, value)
    if box.kind == "text" and text in TIERS:
        return str(TIERS[text][1])
    return f"{text}%" if box.kind.endswith("percent") or box.kind == "bps" else text


def _lines(table: Table, rows: Any, currency: str) -> Iterator[str]:
    for place, row in enumerate(rows, 1):
        if not isinstance(row, Mapping):
            yield f"{place}: {shown(table.columns[0].kind, row)}"
            continue
        cells = {column.name: _value(column, row[column.name], currency) for column in table.columns}
        start = cells.pop("from")
        until = row.get("to")
        column = next(each for each in table.columns if each.name == "from")
        span = f"≥ {start}" if until is None else f"{start} – {_value(column, until, currency)}"
        yield f"{span}: {' · '.join(cells.values())}"
