"""The settings `duration` and `snapshot`: a table as contracts or decisions, and what of it is ignored."""

from collections.abc import Mapping, Sequence

import numpy as np

from lifecycle.churn.backtest.reading import NEVER, BadFile, Table, read_day, values
from lifecycle.churn.prediction import leaks
from lifecycle.churn.prediction.arrays import Anything, Flags, Floats, Ints, day_number
from lifecycle.churn.prediction.duration import YEAR, Contracts
from lifecycle.churn.prediction.snapshot import Decisions

DISTINCT = 0.95  # a text that differs in more rows is a name, no feature
QUARTER = YEAR / 4
ROLES = ("id", "start", "end", "duration_quarters", "cause")
Ignored = dict[str, str]


def contracts(table: Table, event_values: Sequence[str], seed: int) -> tuple[Contracts, Ignored]:
    """The contracts of a file, and the columns left out with their reason; BadFile."""
    table.unique_ids("id")
    start = table.days("start")
    end, ended = _ends(table, start)
    event = ended & _counts(table, event_values, ended)
    last_seen = float(end[end < NEVER].max(initial=start.max()))
    own = {table.called(role) for role in ROLES}
    known, ignored = features(table, own)
    lasted = np.minimum(end, last_seen) - start.astype(np.float64)
    found = _dates_after(table, known, start)
    found |= leaks.of_outcome(known, event, seed)
    found |= leaks.of_age(known, start, lasted, event)
    kept = {name: column for name, column in known.items() if name not in found}
    return Contracts(start, end, event, kept), ignored | found


def decisions(table: Table, target: str, other_roles: set[str], seed: int) -> tuple[Decisions, Ignored]:
    """The decisions of a file, and the columns left out with their reason; BadFile."""
    lost = table.outcomes(target)
    if table.has("id"):
        table.unique_ids("id")
    own = {table.called(target), table.called("id")} | other_roles
    known, ignored = features(table, own)
    found = leaks.of_outcome(known, lost, seed)
    kept = {name: column for name, column in known.items() if name not in found}
    if not kept:
        raise BadFile(table.file, f"no feature is left beside {table.called(target)}")
    return Decisions(kept, lost), ignored | found


def features(table: Table, own: set[str]) -> tuple[dict[str, Anything], Ignored]:
    """All other columns as numbers or words; names of things and constants are left out."""
    known: dict[str, Anything] = {}
    ignored = {}
    for name, texts in table.columns.items():
        if name in own:
            continue
        column, distinct = values(texts), len(set(texts))
        if distinct == 1:
            ignored[name] = "is the same in every row"
        elif column.dtype.kind != "f" and distinct > DISTINCT * table.rows:
            ignored[name] = f"{distinct:,} different texts in {table.rows:,} rows"
        else:
            known[name] = column
    return known, ignored


def _ends(table: Table, start: Ints) -> tuple[Floats, Flags]:
    if table.has("duration_quarters"):
        quarters = table.numbers("duration_quarters", optional=True)
        for row in np.flatnonzero(quarters < 0):
            raise table.bad("duration_quarters", int(row), f"{quarters[row]:g} is below 0")
        ended = ~np.isnan(quarters)
        return np.where(ended, start + np.nan_to_num(quarters) * QUARTER, NEVER), ended
    days = table.days("end", open_ended=True)
    for row in np.flatnonzero(days < start):
        raise table.bad("end", int(row), f"{table.texts('end')[row]} is before {table.called('start')}")
    return days.astype(float), days < NEVER


def _counts(table: Table, event_values: Sequence[str], ended: Flags) -> Flags:
    """Which ends are events: those of the causes asked for, or all where the file knows no cause."""
    if not table.has("cause"):
        if event_values:
            raise BadFile("--event-values", "needs a column of causes: --columns '{\"cause\": …}'")
        return ended
    causes = np.array(table.texts("cause"))
    seen = sorted(set(causes.tolist()))
    if not event_values:
        raise BadFile("--event-values", f"says which of {', '.join(seen)[:200]} count as lost")
    for value in event_values:
        if value not in seen:
            raise BadFile(
                table.file, f"no row says {value}, only {', '.join(seen)[:200]}", column=table.called("cause")
            )
    return np.isin(causes, event_values)


def _dates_after(table: Table, known: Mapping[str, Anything], start: Ints) -> Ignored:
    """Columns of dates: what is not known at the start is dated after it."""
    found = {}
    for name, column in known.items():
        if column.dtype.kind == "f":
            continue
        try:
            days = [(row, day_number(read_day(text))) for row, text in enumerate(column.tolist()) if text]
        except ValueError:
            continue
        after = sum(day > start[row] for row, day in days)
        found[name] = "dated after the start: not known then" if after else "a column of dates"
    return found
