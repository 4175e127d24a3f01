"""What a file may hold, as data: columns, keys, the SQL that finds and judges rows, the tables they go to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Model

from crm.accounts.rights import Right
from crm.integrations.imports.faults import Wrong, add_messages
from crm.integrations.imports.values import Value

if TYPE_CHECKING:
    from crm.integrations.imports.staging import Chunk


@dataclass(frozen=True)
class Column:
    """One thing a row may tell. `secret` is the right without which it is never changed on a known row."""

    name: str
    label: Any
    value: Value
    aliases: str = ""  # other headers that mean it, with bars between them
    required: bool = False
    secret: Right | None = None


@dataclass(frozen=True)
class Rule:
    """A reason to refuse a staged row `s`: an SQL condition, and the column it is told at."""

    column: str
    code: str
    when: str
    value: str = ""  # SQL of the value told; the staged column unless said


@dataclass(frozen=True)
class Target:
    """The table that rows of a kind go to.

    `fields` maps its columns to SQL over the staged row `s`, NULL meaning "not told": a new row then gets
    `defaults`, a known row keeps what it has. `fixed` is written on new rows only, `known` (over `s` and
    the row `t`) on known ones that change.
    """

    model: type[Model]
    fields: Mapping[str, str]
    defaults: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, str] = field(default_factory=dict)
    versioned: bool = True


def same(*names: str) -> dict[str, str]:
    """Columns of the table that are called like the column of the file."""
    return {name: f"s.{name}" for name in names}


def known(table: str, where: str, *, name: str = "t", join: str = "LEFT JOIN") -> str:
    """SQL that joins to `s` at most one row of a table of the tenant, looked up by `where`.

    LIMIT keeps the planner from turning the look-up into a join, which it plans badly for a tenant that its
    statistics do not know yet: a fresh one counts as one row.
    """
    on = "" if join == "CROSS JOIN" else " ON true"
    return (
        f"{join} LATERAL (SELECT {name}.* FROM {table} {name} "
        f"WHERE {name}.tenant_id = %(tenant)s AND {where} LIMIT 1) {name}{on}"
    )


@dataclass(frozen=True)
class Kind:
    """One kind of file.

    `find` is SQL: SELECT s.*, …, <id or NULL> AS target FROM incoming s …: references resolved, the known
    row found. `unique` lists column groups of which a value may stand in one row of the file only.
    `judge` and `write` do what rules and target cannot say; both run once a chunk.
    """

    name: str
    label: Any
    columns: tuple[Column, ...]
    keys: Mapping[str, tuple[str, ...]]  # how a known row is found: key → the columns it needs
    find: Callable[["Chunk"], str]
    target: Target
    rules: Callable[["Chunk"], Sequence[Rule]] = lambda chunk: ()
    unique: tuple[tuple[str, ...], ...] = ()
    referred: tuple[str, ...] = ()  # columns by which rows of one file name each other
    derived: Mapping[str, tuple[str, Callable[[str], str]]] = field(default_factory=dict)  # text of another
    differs: str = "false"  # SQL over `s` and its known row `t`: what else counts as a change
    rights: tuple[Right, ...] = ()  # any of them, beside import.run; none: import.run alone
    judge: Callable[["Chunk"], Sequence[tuple[int, str, Wrong]]] | None = None
    write: Callable[["Chunk"], None] | None = None
    finish: Callable[["Chunk"], None] | None = None  # once, when all chunks of a run are in
    event: str = ""
    touches: tuple[type[Model], ...] = ()  # other tables that `write` fills
    whole: bool = False  # judged and written as one chunk, because its rows build a tree
    messages: Mapping[str, Any] = field(default_factory=dict)

    def column(self, name: str) -> Column:
        """The column of this name; KeyError without one."""
        return next(c for c in self.columns if c.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


_kinds: dict[str, Kind] = {}
_OTHER_NAMES = {"contract-expenses": "expenses"}


def register(*kinds: Kind) -> None:
    """Make kinds importable; called in the `ready` of their app."""
    for kind in kinds:
        _kinds[kind.name] = kind
        add_messages(kind.messages)


def kind_of(name: str) -> Kind:
    """The kind of this name; KeyError for an unknown one."""
    return _kinds[_OTHER_NAMES.get(name, name)]


def all_kinds() -> list[Kind]:
    """Every registered kind, in the order of registration."""
    return list(_kinds.values())
