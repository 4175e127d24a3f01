"""Statements in SQL about many rows of the tenant in scope."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import orjson
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet

from crm.tenancy.context import current

ROOMY = "SET LOCAL work_mem = '64MB'"


@contextmanager
def by_whole_sets() -> Iterator[None]:
    """Inside the block the database joins whole sets, and no loop in a loop.

    A tenant that the statistics do not know yet looks like one row, and then loops in loops cost
    minutes even for one customer: so there are none. Where a statement speaks of some customers,
    each of its tables says so, or joining would read all rows of the tenant. Sums of a hundred thousand
    customers stay in memory.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL enable_nestloop = off; SET LOCAL jit = off; {ROOMY}")
        yield  # what fails inside takes its transaction, and with it these settings, back
        cursor.execute(
            "SET LOCAL enable_nestloop = DEFAULT; SET LOCAL jit = DEFAULT; SET LOCAL work_mem = DEFAULT"
        )


def run(statement: str, values: Mapping[str, Any]) -> list[tuple]:
    """The rows of a statement about many rows of the tenant in scope, which is its parameter `tenant`.

    It joins whole sets, as `by_whole_sets` says.
    """
    with by_whole_sets(), connection.cursor() as cursor:
        cursor.execute(statement, {"tenant": current(), **values})
        return cursor.fetchall() if cursor.description else []


def insert(rows: Sequence[Model], at_once: int = 2000) -> None:
    """Insert new rows of one model of the tenant in scope, each with the id it has.

    As one parameter of JSON: bulk_create sends an array a column, whose texts the driver escapes sign by
    sign, and a row that keeps its explanation has thousands of them.
    """
    for start in range(0, len(rows), at_once):
        _insert(rows[start : start + at_once])


def _insert(rows: Sequence[Model]) -> None:
    fields = rows[0]._meta.concrete_fields
    columns = ", ".join(f'"{field.column}"' for field in fields)
    types = ", ".join(f'"{field.column}" {field.db_type(connection)}' for field in fields)
    values = [{str(field.column): field.pre_save(row, True) for field in fields} for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{rows[0]._meta.db_table}" ({columns}) '
            f"SELECT {columns} FROM json_to_recordset(%s::json) AS r ({types})",
            [orjson.dumps(values, default=_number).decode()],
        )
    for row in rows:
        row._state.adding = False


def _number(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no value of a column")


def within(rows: QuerySet, prefix: str = "within") -> tuple[str, dict[str, Any]]:
    """The ids of a queryset as a subquery for a statement, and its parameters by name."""
    try:
        return compiled(rows.order_by().values("pk"), prefix)
    except EmptyResultSet:
        return "SELECT NULL::uuid WHERE false", {}


def compiled(rows: QuerySet, prefix: str) -> tuple[str, dict[str, Any]]:
    """A queryset as a subquery for a statement, and its parameters by name; raises EmptyResultSet."""
    sql, values = rows.query.sql_with_params()
    names = [f"{prefix}{number}" for number in range(len(values))]
    return sql % tuple(f"%({name})s" for name in names), dict(zip(names, values, strict=True))
