"""Many columns as one term of a SELECT: a list of thirty columns is resolved once, not once a request.

The ORM looks up, joins and renders every column of `values_list` anew each time, which was a third of
the work of an answer. Here that is done once for a model and its columns; a request only finds the
aliases of the joins in its own query. The query stays the ORM's: its filters, its order, its tenant.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

import orjson
from django.db import connection
from django.db.models import DecimalField, JSONField, QuerySet, UUIDField
from django.db.models.expressions import BaseExpression, Col
from django.db.models.query import BaseIterable
from django.db.models.sql import Query

Convert = Callable[[Any], Any]
AS_TEXT = (DecimalField, UUIDField)  # whose text in the database is the text of the answer


class Column(NamedTuple):
    """A column of a table by the alias it has in the layout, or an annotation by its name."""

    alias: str
    name: str
    cast: str = ""


class Layout(NamedTuple):
    """The columns of a model as resolved once: the joins they need, and what Python makes of a value."""

    columns: tuple[Column, ...]
    joins: tuple[Any, ...]
    converters: tuple[tuple[int, Convert], ...]


def selected(rows: QuerySet, columns: Sequence[str], told: int = 0) -> QuerySet:
    """`rows.values_list(*columns)`. The first `told` columns are only told as JSON, never looked into.

    So amounts and ids among these are their text, and a JSON column is the database's own JSON.
    """
    model: Any = rows.model
    query = rows.query
    if query.group_by is not None or query.combinator or query.distinct or query.extra_select:
        return rows.values_list(*columns)
    annotated = tuple(name for name in columns if name in query.annotations)
    layout = _layout(model, tuple(columns), annotated, told)
    if layout is None:
        return rows.values_list(*columns)
    found = rows._chain()  # type: ignore[attr-defined]
    found._iterable_class = Rows
    found._fields = tuple(columns)
    _put(found.query, layout)
    return found


def _put(query: Query, layout: Layout) -> None:
    names: dict[str, str] = {layout.joins[0].table_alias: query.get_initial_alias()}
    for join in layout.joins[1:]:
        names[join.table_alias] = query.join(join.relabeled_clone(names))
    query.clear_deferred_loading()
    query.clear_select_fields()
    query.select_related = False
    query.set_annotation_mask(())
    query.default_cols = False
    query.select = (Block(layout, names),)


@lru_cache(maxsize=2000)
def _layout(model: Any, columns: tuple[str, ...], annotated: tuple[str, ...], told: int) -> Layout | None:
    """The layout of columns; None if one of them is more than a column, such as a key inside JSON."""
    query = Query(model)
    query.get_initial_alias()
    query.add_fields([name for name in columns if name not in annotated])
    plain: Iterator[Any] = iter(query.select)
    found, converters = [], []
    for position, name in enumerate(columns):
        if name in annotated:
            found.append(Column("", name))
            continue
        col = next(plain)
        if type(col) is not Col:
            return None
        is_told = position < told
        cast = "::text" if is_told and isinstance(col.target, AS_TEXT) else ""
        found.append(Column(col.alias, str(col.target.column), cast))
        convert = _as_it_is if is_told and isinstance(col.target, JSONField) else _converter(col)
        if convert and not cast:
            converters.append((position, convert))
    joins = tuple(join for alias, join in query.alias_map.items() if query.alias_refcount[alias])
    return Layout(tuple(found), joins, tuple(converters))


def _as_it_is(text: str | None) -> orjson.Fragment | None:
    return None if text is None else orjson.Fragment(text)


def _converter(term: Any) -> Convert | None:
    """What the ORM does to a value of this term after reading it; None for nothing."""
    steps = [*connection.ops.get_db_converters(term), *term.get_db_converters(connection)]
    if not steps:
        return None

    def convert(value: Any) -> Any:
        for step in steps:
            value = step(value, term, connection)
        return value

    return convert


class Block(BaseExpression):
    """The columns of a layout as one term, under the aliases that their tables have in a query."""

    def __init__(self, layout: Layout, names: Mapping[str, str]) -> None:
        super().__init__()
        self.layout, self.names = layout, names

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        parts, values = [], []
        for column in self.layout.columns:
            if column.alias:
                parts.append(f'"{self.names[column.alias]}"."{column.name}"{column.cast}')
            else:
                sql, given = compiler.compile(compiler.query.annotations[column.name])
                parts.append(sql)
                values += given
        return ", ".join(parts), values

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:  # type: ignore[override]
        return sql, params

    def relabeled_clone(self, change_map: Mapping[str, str]) -> "Block":
        return Block(self.layout, {mine: change_map.get(name, name) for mine, name in self.names.items()})

    def converters(self, query: Query) -> list[tuple[int, Convert]]:
        """Positions of the values that Python changes, with how."""
        annotated = [
            (position, _converter(query.annotations[column.name]))
            for position, column in enumerate(self.layout.columns)
            if not column.alias
        ]
        return [*self.layout.converters, *((position, each) for position, each in annotated if each)]


class Rows(BaseIterable):
    """The rows of a query whose SELECT is a Block, as tuples."""

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        query: Any = self.queryset.query
        compiler = query.get_compiler(self.queryset.db)
        rows = chain.from_iterable(
            compiler.execute_sql(chunked_fetch=self.chunked_fetch, chunk_size=self.chunk_size)
        )
        converters = query.select[0].converters(query)
        for row in rows:
            if not converters:
                yield row
                continue
            values = list(row)
            for position, convert in converters:
                values[position] = convert(values[position])
            yield tuple(values)
