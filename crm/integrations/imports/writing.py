"""The good rows of a chunk into their table: new ones inserted, known ones changed only where they differ."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from crm.integrations.imports import statistics
from crm.integrations.imports.kinds import Target, known
from crm.integrations.imports.staging import Chunk


@dataclass
class Counts:
    """What became of the good rows; `ids` are those written (none when only checked)."""

    created: int
    updated: int
    unchanged: int
    ids: list[UUID]


def write(chunk: Chunk) -> Counts:
    """Write what stands in `stage`, or only count it when the file is just checked."""
    target = chunk.kind.target
    _find_changed(chunk, target)
    ((good, new),) = chunk.rows("SELECT count(*), count(*) FILTER (WHERE target IS NULL) FROM stage")
    changed = chunk.rows("SELECT count(*) FROM changed")[0][0]
    counts = Counts(created=new, updated=changed, unchanged=good - new - changed, ids=[])
    if chunk.job.dry or not (new or changed):
        return counts
    grown = statistics.due(chunk.job, new)
    if new:
        _insert(chunk, target)
    if grown:
        statistics.analyze(chunk, target.model)
    if changed:
        _update(chunk, target)
    if chunk.kind.write:
        chunk.kind.write(chunk)
    if grown:
        statistics.analyze(chunk, *chunk.kind.touches)
    counts.ids = chunk.ids("SELECT id FROM stage WHERE target IS NULL UNION ALL SELECT id FROM changed")
    return counts


def _table(target: Target) -> str:
    return connection.ops.quote_name(target.model._meta.db_table)


def _changing(chunk: Chunk, target: Target) -> dict[str, str]:
    """The fields that a known row may get from this file."""
    hidden = {column.name for column in chunk.kind.columns if not chunk.job.sees(column)}
    return {name: value for name, value in target.fields.items() if name not in hidden}


def _find_changed(chunk: Chunk, target: Target) -> None:
    fields = _changing(chunk, target)
    told = ", ".join(f"coalesce({value}, t.{name})" for name, value in fields.items())
    kept = ", ".join(f"t.{name}" for name in fields)
    differs = f"({kept}) IS DISTINCT FROM ({told})" if fields else "false"
    chunk.sql(
        "CREATE TEMP TABLE changed ON COMMIT DROP AS SELECT s.row, s.id FROM stage s "
        f"{known(_table(target), 't.id = s.target', join='CROSS JOIN')} "
        f"WHERE {differs} OR ({chunk.kind.differs})"
    )


def _insert(chunk: Chunk, target: Target) -> None:
    fields = {"tenant_id": "%(tenant)s", "id": "s.id"}
    if target.versioned:
        fields |= {"version": "1", "created_at": "%(at)s", "updated_at": "%(at)s"}
    for name, value in target.fields.items():
        default = target.defaults.get(name)
        fields[name] = f"coalesce({value}, {default})" if default else value
    fields |= target.fixed
    chunk.sql(
        f"INSERT INTO {_table(target)} ({', '.join(fields)}) SELECT {', '.join(fields.values())} "
        "FROM stage s WHERE s.target IS NULL ORDER BY s.row"
    )


def _update(chunk: Chunk, target: Target) -> None:
    pairs = [f"{name} = coalesce({value}, t.{name})" for name, value in _changing(chunk, target).items()]
    pairs += [f"{name} = {value}" for name, value in target.known.items()]
    if target.versioned:
        pairs += ["version = t.version + 1", "updated_at = %(at)s"]
    # A tenant the statistics do not know yet counts as one row, and a loop over its rows never ends.
    chunk.sql("SET LOCAL enable_nestloop = off")
    chunk.sql(
        f"UPDATE {_table(target)} t SET {', '.join(pairs)} FROM stage s JOIN changed USING (row) "
        "WHERE t.tenant_id = %(tenant)s AND t.id = s.target"
    )
    chunk.sql("SET LOCAL enable_nestloop TO DEFAULT")
