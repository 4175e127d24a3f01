"""A file and what was asked of it → the answer; BadFile for all that cannot be answered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

import numpy as np

from lifecycle.churn.backtest import contracts
from lifecycle.churn.backtest.reading import NEVER, BadFile, Table, read, read_day
from lifecycle.churn.backtest.report import JSON, Origin, Settings, report
from lifecycle.churn.prediction import duration, repeat, snapshot
from lifecycle.churn.prediction.arrays import Anything, Flags, day_number, day_of, months_later
from lifecycle.churn.prediction.ladder import Rung, champion
from lifecycle.churn.prediction.orders import Orders, one_row_a_day
from lifecycle.churn.prediction.refusals import CannotFit
from lifecycle.churn.prediction.snapshot import Decisions
from lifecycle.churn.prediction.trials import Trial

LATE = 0.1  # of a horizon: so much of it may lack the last rows of a file, which thin data end before
MOST = {"horizon_days": 3660, "horizon_months": 120, "replicates": 100_000}
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Run:
    """A file, its options and where progress is told."""

    table: Table
    options: Mapping[str, Any]
    progress: Progress

    @property
    def seed(self) -> int:
        return self.options["seed"]

    def told(self, origins: Sequence[Origin], customers: int, **more: Any) -> JSON:
        setting = self.options["setting"]
        asked = Settings(setting, self.seed, self.options["replicates"], pooled=setting == "snapshot")
        return report(origins, asked, rows=self.table.rows, customers=customers) | more


def answer(options: Mapping[str, Any], progress: Progress) -> JSON:
    """The answer to the options of the command; BadFile for all that cannot be answered."""
    settings = {"repeat": repeat_orders, "duration": durations, "snapshot": snapshots}
    for name, most in MOST.items():
        if not 1 <= options[name] <= most:
            raise BadFile(f"--{name.replace('_', '-')}", f"needs a number from 1 to {most:,}")
    run = Run(read(options["file"], options["columns"]), options, progress)
    try:
        return settings[options["setting"]](run)
    except CannotFit as why:
        raise BadFile(options["file"], f"a method cannot be fitted: {why}") from why


def repeat_orders(run: Run) -> JSON:
    """Rows are customer-days; with amounts only days above 0 are orders."""
    table, horizon = run.table, run.options["horizon_days"]
    orders = _orders(table)
    made = repeat.RepeatOrders(orders, horizon, run.seed)
    span = int(orders.day.min()), int(orders.day.max())
    found = []
    for origin in parse_origins(run.options["origins"]):
        run.progress(f"origin {origin}")
        number = day_number(origin)
        _inside(table, origin, span, number + horizon)
        past = made.past(number)
        judged = _origin(table, "date", str(origin), made.trial(number), past, repeat.RUNGS)
        before = past[0] if past else None
        found.append(replace(judged, before=before, last_year=partial(made.last_year, number)))
    return run.told(found, int(np.unique(orders.customer).size))


def durations(run: Run) -> JSON:
    """Rows are contracts."""
    table, months = run.table, run.options["horizon_months"]
    words = [each.strip() for each in (run.options["event_values"] or "").split(",") if each.strip()]
    origins = parse_origins(run.options["origins"])
    held, ignored = contracts.contracts(table, words, run.seed)
    made = duration.ContractsInForce(held, months, run.seed)
    ends = held.end[held.end < NEVER]
    span = int(held.start.min()), int(max(ends.max(initial=0), held.start.max()))
    found = []
    for origin in origins:
        run.progress(f"origin {origin}")
        number = day_number(origin)
        _inside(table, origin, span, months_later(number, months))
        past = made.past(number)
        judged = _origin(table, "start", str(origin), made.trial(number), past, duration.RUNGS)
        found.append(replace(judged, before=past[0] if past else None))
    return run.told(found, table.rows, ignored=ignored)


def snapshots(run: Run) -> JSON:
    """Rows are decisions without dates."""
    options, table = run.options, run.table
    if sum(options[name] is not None for name in ("test", "fold", "folds")) != 1:
        raise BadFile("--setting", "snapshot needs one of --test FILE2, --fold COLUMN and --folds N")
    if not options["target"]:
        raise BadFile("--target", "names the column of outcomes")
    judged = None
    if options["test"]:
        table, judged = _with_test(run)
    target, fold = options["target"], options["fold"]
    made, ignored = contracts.decisions(table, target, {table.called(fold)} if fold else set(), run.seed)
    folds = judged if judged is not None else _folds(table, made, options, run.seed)
    found = [_held_out(run, made, folds)] if folds.dtype == bool else _each_fold(run, made, folds)
    told = run.told(found, made.lost.size, ignored=ignored)
    return told | {"rows": table.rows}


def parse_origins(text: str | None) -> list[date]:
    """Days parted by commas, each once, in order; BadFile."""
    if not text:
        raise BadFile("--origins", "names the days to predict as of")
    try:
        found = sorted({read_day(each.strip()) for each in text.split(",")})
    except ValueError:
        raise BadFile("--origins", f"{text[:60]} are no dates (YYYY-MM-DD,YYYY-MM-DD)") from None
    return found


def _orders(table: Table) -> Orders:
    customer, day = table.ids("id"), table.days("date")
    if not table.has("amount"):
        return one_row_a_day(customer, day, None)
    amount = table.numbers("amount")
    bought = amount > 0
    if not bought.any():
        raise BadFile(table.file, "no row has an amount above 0", column=table.called("amount"))
    return one_row_a_day(customer[bought], day[bought], amount[bought])


def _origin(
    table: Table, role: str, name: str, trial: Trial, past: list[Trial], rungs: Sequence[Rung]
) -> Origin:
    _both_outcomes(table, role, trial.lost, f"origin {name}")
    return Origin(name, trial, champion(rungs, trial, past))


def _inside(table: Table, origin: date, span: tuple[int, int], until: int) -> None:
    first, last = span
    if day_number(origin) <= first:
        raise BadFile(table.file, f"origin {origin} is not after the first day, {day_of(first)}")
    if until - LATE * (until - day_number(origin)) > last:
        raise BadFile(
            table.file, f"origin {origin} needs rows until {day_of(until)}, the last is of {day_of(last)}"
        )


def _both_outcomes(table: Table, role: str, lost: Flags, where: str) -> None:
    column = table.called(role)
    if not lost.size:
        raise BadFile(table.file, f"{where} finds nobody of the population", column=column)
    if lost.all() or not lost.any():
        what = "everybody" if lost.all() else "nobody"
        raise BadFile(table.file, f"{where}: {what} of {lost.size:,} was lost", column=column)


def _with_test(run: Run) -> tuple[Table, Flags]:
    """Both files as one table, and which rows are of the second."""
    first, second = run.table, read(run.options["test"], run.options["columns"])
    if set(first.columns) != set(second.columns):
        differ = sorted(set(first.columns) ^ set(second.columns))
        raise BadFile(second.file, f"only one of the two files has {', '.join(differ)}")
    for table in (first, second):
        table.outcomes(run.options["target"])
    if first.has("id"):
        seen = set(first.texts("id"))
        for row, text in enumerate(second.filled("id")):
            if text in seen:
                raise second.bad("id", row, f"{text} stands in {first.file} already")
    joined = {name: [*texts, *second.columns[name]] for name, texts in first.columns.items()}
    whole = Table(first.file, joined, first.rows + second.rows, first.names)
    return whole, np.arange(whole.rows) >= first.rows


def _folds(table: Table, made: Decisions, options: Mapping[str, Any], seed: int) -> Anything:
    """Flags of the judged rows, where one column says train and test, else a fold for each row."""
    if options["fold"]:
        texts = np.array(table.filled(options["fold"]))
        names = {str(each).lower() for each in np.unique(texts)}
        if names == {"train", "test"}:
            return np.char.lower(texts) == "test"
        if len(names) < 2:
            raise BadFile(table.file, "has one value only", column=table.called(options["fold"]))
        return texts
    if not 2 <= options["folds"] <= min(made.lost.sum(), (~made.lost).sum()):
        raise BadFile("--folds", "needs a number from 2 to the rarer outcome's rows")
    return snapshot.random_folds(made.lost, options["folds"], seed)


def _held_out(run: Run, made: Decisions, judged: Flags) -> Origin:
    """The champion is chosen inside the rows that are not judged."""
    past = made.kept(~judged)
    _both_outcomes(run.table, run.options["target"], past.lost, "the training part")
    folds = snapshot.random_folds(past.lost, snapshot.INNER, run.seed)
    run.progress("folds of the training part")
    inner = list(snapshot.trials(past, folds, run.seed))
    run.progress("test part")
    trial = snapshot.trial(made, judged, 0, run.seed)
    return _origin(run.table, run.options["target"], "test", trial, inner, snapshot.RUNGS)


def _each_fold(run: Run, made: Decisions, folds: Anything) -> list[Origin]:
    """The champion of a fold is chosen by the others."""
    names, held = np.unique(folds), []
    for number, name in enumerate(names):
        run.progress(f"fold {name}")
        held.append(snapshot.trial(made, folds == name, number, run.seed))
    return [
        _origin(
            run.table,
            run.options["target"],
            f"fold {name}",
            trial,
            [each for each in held if each is not trial],
            snapshot.RUNGS,
        )
        for name, trial in zip(names, held, strict=True)
    ]
