"""A shape as a plan: the columns that are read, and how a row of them becomes an answer."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers

from crm.accounts.access import Viewer, reach
from crm.accounts.rights import Right
from crm.refusal import Fault, Refused
from crm.web.api.columns import selected
from crm.web.api.shapes import Derived, Embed, Shape

Make = Callable[[Viewer, Sequence[Any]], Any]


@dataclass(frozen=True)
class Plan:
    """Columns to read, the makers of what is not a plain column, and lists fetched afterwards."""

    columns: tuple[str, ...]
    names: tuple[str, ...]
    makers: tuple[tuple[str, Make], ...] = ()
    lists: tuple[tuple[str, Embed], ...] = ()

    def row(self, viewer: Viewer, values: Sequence[Any]) -> dict[str, Any]:
        """One record as it is answered, without its lists."""
        made = dict(zip(self.names, values, strict=False))
        for name, make in self.makers:
            made[name] = make(viewer, values)
        return made

    def read(self, rows: QuerySet, viewer: Viewer) -> list[dict[str, Any]]:
        """The records of a queryset as they are answered: one query, and one per expanded list."""
        return self.answer(list(self.select(rows)), viewer)

    def select(self, rows: QuerySet, *more: str) -> QuerySet:
        """The columns of this plan in the rows of a queryset, and `more` behind them."""
        return selected(rows, (*self.columns, *more), told=len(self.names))

    def answer(self, found: Sequence[Sequence[Any]], viewer: Viewer) -> list[dict[str, Any]]:
        """Records from rows of `columns`, each possibly with more values behind them."""
        records = [self.row(viewer, values) for values in found]
        at = self.columns.index("pk") if self.lists else 0
        for name, embed in self.lists:
            children = children_of(embed, [values[at] for values in found], viewer)
            for record, values in zip(records, found, strict=True):
                record[name] = children[values[at]]
        return records


def children_of(embed: Embed, ids: Iterable[Any], viewer: Viewer) -> dict[Any, list[dict[str, Any]]]:
    """The expanded records within the viewer's reach, by the id of the record they belong to."""
    plan = plan_of(embed.shape, viewer.rights, (), ())
    rows = embed.shape.Meta.model.objects.filter(**{f"{embed.by}__in": list(ids)})
    rows = reach(viewer, rows) if hasattr(rows.model, "reach") else rows
    groups: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for values in plan.select(rows.order_by(embed.order), f"{embed.by}_id"):
        groups[values[-1]].append(plan.row(viewer, values))
    return groups


def asked(shape: type[Shape], viewer: Viewer, *, fields: str = "", expand: str = "") -> Plan:
    """The plan of a request's `?fields=` and `?expand=`; Refused for a name that is not there for him."""
    open_names = frozenset(readable(shape)) - shape.hidden(viewer.rights)
    names = _names("fields", fields, open_names | _embeds(shape, viewer))
    return plan_of(shape, viewer.rights, names, _names("expand", expand, _embeds(shape, viewer)))


def _embeds(shape: type[Shape], viewer: Viewer) -> frozenset[str]:
    embeds = getattr(shape.Meta, "embeds", {})
    return frozenset(n for n, e in embeds.items() if e.right is None or viewer.may(e.right))


def _names(parameter: str, text: str, known: frozenset[str]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(filter(None, text.split(","))))
    for name in names:
        if name not in known:
            words = _("There is no field “%s” here.") % name
            raise Refused(Fault(parameter, "unknown", words))
    return names


@lru_cache(maxsize=2000)
def plan_of(
    shape: type[Shape], rights: frozenset[Right], only: tuple[str, ...], expand: tuple[str, ...]
) -> Plan:
    """The plan of a shape for a holder of `rights`, trimmed to `only` if that names any field."""
    builder, hidden = _Builder(rights), shape.hidden(rights)
    embeds = {name: shape.Meta.embeds[name] for name in expand}  # type: ignore[attr-defined]
    for name, each in readable(shape).items():
        if name in hidden or (only and name not in only) or name in embeds:
            continue
        builder.add(name, each)
    for name, embed in embeds.items():
        if not embed.by:
            builder.nest(name, embed.shape, f"{name}__")
    return builder.plan([(name, embed) for name, embed in embeds.items() if embed.by])


@lru_cache(maxsize=500)
def readable(shape: type[Shape]) -> dict[str, serializers.Field]:
    """The fields of a shape that are answered, whoever asks."""
    return {name: f for name, f in shape().fields.items() if not f.write_only}


class _Builder:
    """Gathers columns: those that are answered as they are first, the ones behind a maker after them."""

    def __init__(self, rights: frozenset[Right]) -> None:
        self.rights = rights
        self.direct: dict[str, str] = {}
        self.made: list[tuple[str, tuple[str, ...], Make]] = []

    def add(self, name: str, each: serializers.Field) -> None:
        if isinstance(each, Derived):
            self.made.append((name, each.columns, _making(each)))
        elif isinstance(each, Shape):
            self.nest(name, type(each), f"{_path(each)}__")
        elif isinstance(each, serializers.BaseSerializer | serializers.SerializerMethodField):
            raise TypeError(f"{name}: use Derived, a nested Shape or Meta.embeds")
        else:
            self.direct[name] = _path(each)

    def nest(self, name: str, shape: type[Shape], prefix: str) -> None:
        inner = plan_of(shape, self.rights, (), ())
        columns = (f"{prefix}pk", *(prefix + column for column in inner.columns))
        self.made.append(
            (name, columns, lambda viewer, v: None if v[0] is None else inner.row(viewer, v[1:]))
        )

    def plan(self, lists: Sequence[tuple[str, Embed]]) -> Plan:
        columns = list(self.direct.values())
        makers = []
        for name, needed, make in self.made:
            start = len(columns)
            columns += needed
            makers.append((name, _from(make, start, start + len(needed))))
        if lists:
            columns.append("pk")
        return Plan(tuple(columns), tuple(self.direct), tuple(makers), tuple(lists))


def _path(each: serializers.Field) -> str:
    return (each.source or each.field_name or "").replace(".", "__")


def _making(each: Derived) -> Make:
    make = each.make
    if each.for_viewer:
        return lambda viewer, values: make(viewer, *values)
    return lambda viewer, values: make(*values)


def _from(make: Make, start: int, stop: int) -> Make:
    return lambda viewer, values: make(viewer, values[start:stop])
