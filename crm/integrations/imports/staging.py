"""One chunk of rows on its way: cells become typed values, COPY brings them into a temporary table.

The tables of a chunk live as long as its transaction: `incoming` (as read), `stage` (references resolved,
known row found; refused rows leave it), `changed` (known rows that differ).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model

from crm.accounts.access import Viewer, changeable
from crm.accounts.rights import Scope
from crm.integrations.imports.delimited import BadRow
from crm.integrations.imports.faults import Wrong
from crm.integrations.imports.kinds import Column, Kind
from crm.integrations.imports.seen import Seen
from crm.integrations.imports.values import NULL, Memo, clean
from crm.integrations.models import Import
from crm.tenancy.context import current

Fault = tuple[int, str, Wrong]  # row, column, what


@dataclass
class Job:
    """What stays the same from chunk to chunk of one pass over a file."""

    run: Import
    kind: Kind
    viewer: Viewer | None  # None: the owner of the machine, by command
    at: datetime
    on: date
    dry: bool
    columns: list[tuple[Column, int]]
    width: int
    encoding: str
    memos: dict[str, Memo] = field(default_factory=dict)
    seen: dict[tuple[str, ...], Seen] = field(default_factory=dict)
    promised: dict[str, Seen] = field(default_factory=dict)  # what rows of a file only checked would make
    notes: dict[str, Any] = field(default_factory=dict)  # what a kind remembers between its chunks

    def __post_init__(self) -> None:
        self.memos = {column.name: column.value.memo() for column, _at in self.columns}
        key = self.kind.keys[self.run.key]
        groups = (*self.kind.unique, key) if len(key) == 1 else self.kind.unique
        self.seen = {group: Seen() for group in dict.fromkeys(groups)}
        self.promised = {name: Seen() for name in self.kind.referred} if self.dry else {}

    @property
    def mapped(self) -> set[str]:
        return {column.name for column, _at in self.columns}

    def sees(self, column: Column) -> bool:
        """Whether the importer may see, and so may change, this column of a known row."""
        return column.secret is None or self.viewer is None or self.viewer.may(column.secret)


@dataclass
class Read:
    """A chunk as values: the numbers of its rows, text for COPY by column, faults of cells, rows at fault."""

    numbers: list[int]
    columns: dict[str, list[str]]
    faults: list[Fault]


def read_values(job: Job, first: int, rows: Sequence[list[str]]) -> Read:
    """Turn rows into columns of values; blank rows vanish, rows with a fault are kept for more faults."""
    numbers, cells, faults = _level(job, first, rows)
    columns: dict[str, list[str]] = {}
    turned = list(zip(*cells, strict=True)) if cells else [()] * job.width
    for column, position in job.columns:
        texts, odd = clean(turned[position], job.encoding)
        values, wrong = column.value.read(texts, job.memos[column.name])
        faults += [(numbers[index], column.name, what) for index, what in (*odd, *wrong)]
        columns[column.name] = values
    for name, (source, make) in job.kind.derived.items():
        if source in columns:
            columns[name] = [NULL if value == NULL else make(value) for value in columns[source]]
    return Read(numbers, columns, faults)


def _level(job: Job, first: int, rows: Sequence[list[str]]) -> tuple[list[int], list[list[str]], list[Fault]]:
    numbers, level, faults, width = [], [], [], job.width
    for number, row in enumerate(rows, first):
        if len(row) != width or type(row) is BadRow:
            if isinstance(row, BadRow):
                faults.append((number, "", Wrong(row.code)))
                continue
            if len(row) > width and any(map(str.strip, row[width:])):
                faults.append((number, "", Wrong("too_many_cells")))
                continue
            row = [*row[:width], *[""] * (width - len(row))]
        if row[0] or any(map(str.strip, row)):
            numbers.append(number)
            level.append(row)
    return numbers, level, faults


class Chunk:
    """The temporary tables of one chunk, and SQL over them with the parameters every statement may use."""

    def __init__(self, job: Job) -> None:
        self.job, self.kind = job, job.kind
        self.params: dict[str, Any] = {
            "tenant": current(),
            "at": job.at,
            "on": job.on,
            "by": job.viewer.id if job.viewer else None,
            "run": job.run.id,
        }

    def sql(self, statement: str, **params: Any) -> int:
        """Run a statement; returns the number of rows it touched."""
        with connection.cursor() as cursor:
            cursor.execute(statement, {**self.params, **params})
            return cursor.rowcount

    def rows(self, statement: str, **params: Any) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        with connection.cursor() as cursor:
            cursor.execute(statement, {**self.params, **params})
            return cursor.fetchall()

    def copy_in(self, read: Read) -> None:
        """Bring the values into `incoming`; columns that the file does not have are NULL there."""
        types = {c.name: c.value.sql for c in self.kind.columns} | dict.fromkeys(self.kind.derived, "text")
        declared = ", ".join(f'"{name}" {type_}' for name, type_ in types.items())
        self.sql("DROP TABLE IF EXISTS pg_temp.incoming, pg_temp.stage, pg_temp.changed")
        self.sql(f"CREATE TEMP TABLE incoming (row integer, {declared}) ON COMMIT DROP")
        self.copy("incoming", ["row", *read.columns], [list(map(str, read.numbers)), *read.columns.values()])

    def copy(self, table: str, names: Iterable[str], columns: Sequence[Sequence[str]]) -> None:
        """COPY columns of text into a temporary table."""
        listed = ", ".join(f'"{name}"' for name in names)
        text = "\n".join(map("\t".join, zip(*columns, strict=True)))
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
            if text:
                copy.write(text.encode())

    def within(self, model: type[Model], column: str) -> str:
        """SQL: `column` holds the key of a row of `model` that the importer may change."""
        viewer = self.job.viewer
        if viewer is None or viewer.customers is Scope.TENANT:
            return "true"
        reached = changeable(viewer, model._default_manager.all())
        sql, values = reached.values("pk").query.sql_with_params()
        names = [f"within{len(self.params) + i}" for i in range(len(values))]
        self.params |= dict(zip(names, values, strict=True))
        return f"{column} IN ({sql % tuple(f'%({name})s' for name in names)})"

    def ids(self, statement: str, **params: Any) -> list[UUID]:
        """The first column of a query."""
        return [row[0] for row in self.rows(statement, **params)]
