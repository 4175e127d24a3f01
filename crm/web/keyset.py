"""Keyset pages: a stable order and no OFFSET, so that the thousandth page costs what the first costs.

Unknown values come last in both directions, and the id breaks every tie. One row more than the page
is read, to know whether there is a next page.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import BooleanField, F, Field, Func, Model, Q, QuerySet, Value
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer
from crm.accounts.rights import Right
from crm.refusal import Fault, Refused


@dataclass(frozen=True)
class Sort:
    """A column that a list may be ordered by.

    `path` is its ORM path, `nullable` says that it may be unknown, `right` hides it from those who
    may not see it, `field` names its type where the path is an annotation.
    """

    path: str
    nullable: bool = False
    right: Right | None = None
    field: Field | None = None


@dataclass(frozen=True)
class Key:
    """One column of an order, with its direction."""

    name: str
    path: str
    field: Field
    descending: bool = False
    nullable: bool = False

    def term(self, backwards: bool) -> Any:
        """The ORDER BY term; plain wherever PostgreSQL's own order is meant, so that indexes fit."""
        if not self.nullable or not self.descending:
            return f"-{self.path}" if self.descending != backwards else self.path
        if backwards:
            return F(self.path).asc(nulls_first=True)
        return F(self.path).desc(nulls_last=True)

    def beyond(self, value: Any, backwards: bool) -> Q:
        """Rows that stand behind `value` in this column (before it when going backwards)."""
        if value is None:
            return Q(**{f"{self.path}__isnull": False}) if backwards else NOTHING
        side = "lt" if self.descending != backwards else "gt"
        found = Q(**{f"{self.path}__{side}": value})
        return found | Q(**{f"{self.path}__isnull": True}) if self.nullable and not backwards else found

    def same(self, value: Any) -> Q:
        return Q(**{f"{self.path}__isnull": True}) if value is None else Q(**{self.path: value})


NOTHING = Q(pk__in=[])


class RowBeyond(Func):
    """`(a, b) > (x, y)`: one comparison of rows, which an index on (a, b) answers."""

    output_field = BooleanField()

    def __init__(self, keys: Sequence[Key], values: Sequence[Any], side: str) -> None:
        self.side = side
        columns = [F(key.path) for key in keys]
        bounds = [Value(value, output_field=key.field) for key, value in zip(keys, values, strict=True)]
        super().__init__(*columns, *bounds)

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        parts = [compiler.compile(part) for part in self.source_expressions]
        half = len(parts) // 2
        left, right = (", ".join(sql for sql, _ in side) for side in (parts[:half], parts[half:]))
        return f"({left}) {self.side} ({right})", [value for _, values in parts for value in values]


@dataclass(frozen=True)
class Cursor:
    """A place in an order: between the row with `values` and its neighbour, `position` rows from the top."""

    backwards: bool
    position: int
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Page:
    """Rows of one page in the order asked for, and the cursors of its neighbours (None at an end)."""

    rows: list[Any]
    first: int
    previous: Cursor | None
    next: Cursor | None


Read = Callable[[Any], Sequence[Any]]


class Order:
    """An order that a list was asked for; refuses columns that are not on the list's own."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self.keys = tuple(keys)
        self.name = ",".join(f"-{k.name}" if k.descending else k.name for k in keys if k.name)
        self.paths = [key.path for key in keys]

    @classmethod
    def parse(
        cls, model: type[Model], text: str, sorts: Mapping[str, Sort | str], viewer: Viewer | None = None
    ) -> "Order":
        """`-annual_amount,name` with the id as tie-breaker; Refused on a name that is not in `sorts`."""
        keys: list[Key] = []
        for word in filter(None, text.split(",")):
            name, descending = word.lstrip("-"), word.startswith("-")
            sort = sorts.get(name)
            if isinstance(sort, str):
                sort = Sort(sort)
            if sort is None or (sort.right and not (viewer and viewer.may(sort.right))):
                raise Refused(Fault("ordering", "unknown", _("There is no order by “%s”.") % name))
            field = sort.field or field_at(model, sort.path)
            keys.append(Key(name, sort.path, field, descending, sort.nullable))
        last = keys[0].descending if keys else False
        return cls([*keys, Key("", "pk", model._meta.pk, last)])

    def page(self, rows: QuerySet, cursor: Cursor | None, limit: int, read: Read) -> Page:
        """One page of `rows`; `read` tells the values of the keys in a row, in the order of `paths`."""
        backwards = cursor is not None and cursor.backwards
        found: list[Any] = []
        for section in self._sections(rows, cursor, backwards):
            found += section[: limit + 1 - len(found)]
            if len(found) > limit:
                break
        more, kept = len(found) > limit, found[:limit]
        if backwards:
            kept.reverse()
        return self._framed(kept, cursor, more, read)

    def _framed(self, kept: list[Any], cursor: Cursor | None, more: bool, read: Read) -> Page:
        backwards = cursor is not None and cursor.backwards
        start = 0 if cursor is None else cursor.position
        if backwards:
            start = max(start - len(kept), 0) if more else 0
        before = Cursor(True, start, tuple(read(kept[0]))) if kept else None
        after = Cursor(False, start + len(kept), tuple(read(kept[-1]))) if kept else None
        return Page(
            rows=kept,
            first=start + 1 if kept else 0,
            previous=before if (more if backwards else cursor is not None) else None,
            next=after if backwards or more else None,
        )

    def _sections(self, rows: QuerySet, cursor: Cursor | None, backwards: bool) -> Iterator[QuerySet]:
        """The order in at most two parts: rows whose first column is known, then those where it is not.

        Two parts only for a descending column that may be unknown: so an index still gives its order.
        """
        first = self.keys[0]
        if not (first.nullable and first.descending):
            yield self._after(rows, self.keys, cursor.values if cursor else None, backwards)
            return
        known = rows.filter(**{f"{first.path}__isnull": False})
        unknown = rows.filter(**{f"{first.path}__isnull": True})
        sure = (Key(first.name, first.path, first.field, True), *self.keys[1:])
        values = cursor.values if cursor else None
        in_unknown = values is not None and values[0] is None
        rest = (unknown, self.keys[1:], values[1:] if values and in_unknown else None)
        top = (known, sure, None if in_unknown else values)
        parts = [rest, top] if backwards else [top, rest]
        if values is not None and in_unknown != backwards:
            parts = parts[1:]  # the cursor already stands in the second part
        for part, keys, place in parts:
            yield self._after(part, keys, place, backwards)

    @staticmethod
    def _after(
        rows: QuerySet, keys: Sequence[Key], values: Sequence[Any] | None, backwards: bool
    ) -> QuerySet:
        if values is not None:
            rows = rows.filter(_beyond(keys, values, backwards))
        return rows.order_by(*(key.term(backwards) for key in keys))


def _beyond(keys: Sequence[Key], values: Sequence[Any], backwards: bool) -> Any:
    if len({key.descending for key in keys}) == 1 and not any(key.nullable for key in keys):
        return RowBeyond(keys, values, "<" if keys[0].descending != backwards else ">")
    found, same = NOTHING, Q()
    for key, value in zip(keys, values, strict=True):
        found |= same & key.beyond(value, backwards)
        same &= key.same(value)
    return found


def field_at(model: type[Model], path: str) -> Field:
    """The column at an ORM path, such as `standing__annual_amount`; FieldDoesNotExist if there is none."""
    *steps, last = path.split("__")
    for step in steps:
        model = model._meta.get_field(step).related_model  # type: ignore[assignment]
    if last == "pk":
        return model._meta.pk
    field = model._meta.get_field(last)
    if not isinstance(field, Field):
        raise FieldDoesNotExist(f"{model.__name__}.{path} is no column")
    return field


def read_instance(paths: Sequence[str]) -> Read:
    """How to read the keys from a model instance whose relations were selected."""
    steps = [path.split("__") for path in paths]

    def read(row: Any) -> list[Any]:
        return [_walk(row, names) for names in steps]

    return read


def _walk(row: Any, names: Sequence[str]) -> Any:
    for name in names:
        row = getattr(row, name, None)
    return row


def written(order: Order, cursor: Cursor) -> str:
    """A cursor as text for an address. It holds nothing that its reader did not see in the row."""
    plain = [value if value is None else str(value) for value in cursor.values]
    data = orjson.dumps([order.name, int(cursor.backwards), cursor.position, plain])
    return urlsafe_b64encode(data).decode().rstrip("=")


def understood(order: Order, text: str) -> Cursor:
    """The cursor behind a text that `written` made for the same order; Refused for any other text."""
    try:
        name, backwards, position, plain = orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if name != order.name or backwards not in (0, 1) or not 0 <= position < 1 << 53:
            raise ValueError
        values = tuple(_typed(key, value) for key, value in zip(order.keys, plain, strict=True))
    except (ValueError, TypeError, ValidationError):
        raise Refused(
            Fault(
                "cursor", "unknown", _("This cursor belongs to no page of this list; start again without it.")
            )
        ) from None
    return Cursor(bool(backwards), position, values)


def _typed(key: Key, value: str | None) -> Any:
    if value is None:
        if key.nullable:
            return None
        raise ValueError
    if not isinstance(value, str) or "\0" in value:
        raise ValueError
    typed = key.field.to_python(value)
    if isinstance(typed, Decimal) and not typed.is_finite():
        raise ValueError
    return typed


COUNT_EXACTLY = 10_000


def count(rows: QuerySet) -> tuple[int, bool]:
    """How many rows there are: exact to 10,000, above that 10,000 and True."""
    number = rows.order_by()[: COUNT_EXACTLY + 1].count()
    return min(number, COUNT_EXACTLY), number > COUNT_EXACTLY


def estimate(rows: QuerySet) -> int:
    """The planner's guess of the number of rows; never fewer than what `count` counts exactly."""
    plan = orjson.loads(rows.order_by().explain(format="json"))
    return max(int(plan[0]["Plan"]["Plan Rows"]), COUNT_EXACTLY)
