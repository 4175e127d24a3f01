"""Which staged rows are refused, and why: rules of the kind, known keys, doubles inside the file."""

from collections.abc import Sequence
from typing import Any

from crm.integrations.imports.faults import Wrong
from crm.integrations.imports.kinds import Kind, Rule
from crm.integrations.imports.staging import Chunk, Fault, Job, Read
from crm.integrations.imports.values import NULL
from crm.integrations.models import Import


def judge(chunk: Chunk, read: Read) -> list[Fault]:
    """Find the known rows, apply every rule, and leave only good rows in `stage`; returns all faults."""
    find = chunk.kind.find(chunk)
    chunk.sql(
        "CREATE TEMP TABLE stage ON COMMIT DROP AS "
        f"SELECT found.*, coalesce(target, crm_uuid7()) AS id FROM ({find}) found"
    )
    faults = [*read.faults]
    told = {(row, column) for row, column, _wrong in faults}
    faults += [fault for fault in _by_rules(chunk) if (fault[0], fault[1]) not in told]
    _leave(chunk, faults)
    if chunk.kind.judge:
        more = list(chunk.kind.judge(chunk))
        _leave(chunk, more)
        faults += more
    for doubles in (_earlier(chunk.job, read, faults), _inside(chunk)):
        _leave(chunk, doubles)
        faults += doubles
    return faults


def _leave(chunk: Chunk, faults: Sequence[Fault]) -> None:
    if faults:
        refused = list({row for row, _column, _wrong in faults})
        chunk.sql("DELETE FROM stage WHERE row = ANY(%(refused)s)", refused=refused)


def _by_rules(chunk: Chunk) -> list[Fault]:
    kind, key = chunk.kind, chunk.kind.keys[chunk.job.run.key]
    rules = [*kind.rules(chunk), *_needed(kind, key)]
    values = [f"('{r.column}', '{r.code}', ({r.value or f's.{r.column}'})::text, {r.when})" for r in rules]
    if chunk.job.run.mode == Import.Mode.CREATE:
        values.append(f"('{key[0]}', 'exists', s.{key[0]}::text, s.target IS NOT NULL)")
    found = chunk.rows(
        "SELECT s.row, wrong.at, wrong.code, wrong.value FROM stage s CROSS JOIN LATERAL "
        f"(VALUES {', '.join(values)}) AS wrong (at, code, value, holds) WHERE wrong.holds ORDER BY s.row"
    )
    return [(row, at, Wrong(code, {"value": (value or "")[:200]})) for row, at, code, value in found]


def _needed(kind: Kind, key: Sequence[str]) -> list[Rule]:
    """The key must be told in every row, what is required in every new one."""
    new = [c.name for c in kind.columns if c.required and c.name not in key]
    return [Rule(name, "required", f"s.{name} IS NULL") for name in key] + [
        Rule(name, "required", f"s.{name} IS NULL AND s.target IS NULL") for name in new
    ]


def link(chunk: Chunk, column: str, into: str, keys: Sequence[str], code: str) -> list[Fault]:
    """Point rows at other rows of their chunk: `column` names one by any of `keys`, `into` gets its id.

    For the `judge` of a kind; what points nowhere is refused with `code`.
    """
    for key in keys:
        chunk.sql(
            f"UPDATE stage s SET {into} = other.id FROM stage other "
            f"WHERE s.{into} IS NULL AND other.{key} = s.{column}"
        )
    lost = chunk.rows(
        f"SELECT row, {column} FROM stage WHERE {column} IS NOT NULL AND {into} IS NULL ORDER BY row"
    )
    return [
        (row, column, Wrong(code, {"value": value[:200]}))
        for row, value in lost
        if not _promised(chunk.job, value)
    ]


def _promised(job: Job, value: str) -> bool:
    """Whether an earlier row of a file that is only checked would have made the row this one refers to."""
    return any(seen.known([fingerprint(value)]) for seen in job.promised.values())


def _inside(chunk: Chunk) -> list[Fault]:
    """Rows that repeat a key of a row above them in this chunk."""
    faults: list[Fault] = []
    for group in chunk.job.seen:
        if not set(group) & chunk.job.mapped:
            continue
        keys = ", ".join(f's."{name}"' for name in group)
        told = f's."{group[-1] if len(group) == 1 else group[0]}"'
        found = chunk.rows(
            f"SELECT row, told, first FROM (SELECT s.row, {told}::text AS told, "
            f"min(s.row) OVER (PARTITION BY {keys}) AS first FROM stage s "
            f'WHERE s."{group[0]}" IS NOT NULL) doubles WHERE row > first ORDER BY row'
        )
        faults += [
            (row, group[0], Wrong("duplicate_in_file", {"value": (value or "")[:200], "first": first}))
            for row, value, first in found
        ]
    return faults


def _earlier(job: Job, read: Read, faults: Sequence[Fault]) -> list[Fault]:
    """Rows that repeat a key of an earlier chunk."""
    refused = {row for row, _column, _wrong in faults}
    found: list[Fault] = []
    for group, seen in job.seen.items():
        prints = fingerprints(read, group)
        known = seen.known([p for p in prints if p is not None])
        if known:
            values = read.columns[group[0]]
            found += [
                (number, group[0], Wrong("duplicate_earlier", {"value": values[i][:200]}))
                for i, (number, p) in enumerate(zip(read.numbers, prints, strict=True))
                if p in known and number not in refused
            ]
    return found


def remember(job: Job, read: Read, refused: set[int]) -> None:
    """Note the keys that the good rows of a chunk have taken, and the names they may be called by."""
    by_name = {(name,): seen for name, seen in job.promised.items()}
    for group, seen in [*job.seen.items(), *by_name.items()]:
        prints = fingerprints(read, group)
        pairs = zip(read.numbers, prints, strict=True)
        seen.add([p for number, p in pairs if p is not None and number not in refused])


def fingerprint(*values: Any) -> int:
    """A 64-bit number for a key, the same within one process."""
    return hash(values)


def fingerprints(read: Read, group: tuple[str, ...]) -> list[int | None]:
    """The fingerprint of each row's key, None where it has none."""
    if group[0] not in read.columns:
        return [None] * len(read.numbers)
    empty = [NULL] * len(read.numbers)
    keys = zip(*(read.columns.get(name, empty) for name in group), strict=True)
    return [None if key[0] == NULL else hash(key) for key in keys]
