"""The pass over a file: check it without writing, or bring it in, chunk by chunk, each its own transaction.

A chunk commits its rows together with the position it reached. Whoever finds another position than his own
leaves the file to the other; a killed pass goes on behind the last committed chunk, and ends the same.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import DataError, IntegrityError, transaction

from crm.accounts.access import viewer_of
from crm.accounts.rights import Right
from crm.events.record import event, record
from crm.integrations.imports import files, judging, reading, report, writing
from crm.integrations.imports.faults import Unreadable, Wrong
from crm.integrations.imports.inspection import NAMES
from crm.integrations.imports.kinds import Kind, kind_of
from crm.integrations.imports.mapping import missing
from crm.integrations.imports.staging import Chunk, Fault, Job, read_values
from crm.integrations.imports.statistics import begin
from crm.integrations.models import Import, ImportFault
from crm.tenancy.context import current
from crm.tenancy.models import Tenant

logger = logging.getLogger(__name__)
CHUNK = 20_000
State = Import.State
Clock = Callable[[], datetime]
Tell = Callable[[Import], object]


class Overtaken(Exception):
    """Another worker is at this import, or it is over."""


def work(run_id: UUID, clock: Clock, tell: Tell = lambda run: None) -> Import:
    """Do what the state of the import asks for (CHECKING or RUNNING) to its end; returns it as it stands.

    Opens its own transactions, so it must be called outside one, with a tenant in scope. `tell` hears of
    each chunk that is in.
    """
    run = _begin(run_id, clock())
    if run.state not in (State.CHECKING, State.RUNNING):
        return run
    try:
        if run.state == State.CHECKING:
            _pass(_job(run, dry=True), clock, tell)
            return _end(run, State.CHECKED, clock())
        return _bring_in(run, clock, tell)
    except Overtaken:
        return _fresh(run)
    except Unreadable as problem:
        written = run.state == State.RUNNING and run.created + run.updated > 0
        return _end(run, State.FAILED if written else State.REFUSED, clock(), problem)
    except Exception as problem:
        logger.exception("import %s stopped", run.id)
        return _end(run, State.FAILED, clock(), Unreadable("stopped", reason=type(problem).__name__))


def _begin(run_id: UUID, now: datetime) -> Import:
    with transaction.atomic():
        run = Import.objects.select_for_update().get(id=run_id)
        if run.is_busy:
            run.started_at = run.started_at or now
            run.beat_at = now
            run.save(update_fields=["started_at", "beat_at"])
        return run


def _fresh(run: Import) -> Import:
    with transaction.atomic():
        return Import.objects.get(id=run.id)


def _job(run: Import, dry: bool) -> Job:
    kind = kind_of(run.kind)
    with transaction.atomic():
        viewer = viewer_of(run.member) if run.member else None
        zone = Tenant.objects.get(id=current()).time_zone
    if viewer is not None and not allowed(viewer.rights, kind):
        raise Unreadable("no_right")
    for name in missing(kind, run.mapping, run.key, run.mode == Import.Mode.CREATE):
        raise Unreadable("column_missing", label=str(kind.column(name).label))
    started = cast(datetime, run.started_at)  # a run that has rows to read has begun
    return Job(
        run=run,
        kind=kind,
        viewer=viewer,
        at=started,
        on=started.astimezone(ZoneInfo(zone)).date(),
        dry=dry,
        columns=[(kind.column(name), position) for name, position in run.mapping.items()],
        width=len(run.header),
        encoding=NAMES.get(run.encoding, run.encoding),
    )


def allowed(rights: frozenset[Right], kind: Kind) -> bool:
    """Whether these rights suffice to import this kind."""
    return Right.IMPORT_RUN in rights and (not kind.rights or any(right in rights for right in kind.rights))


def _bring_in(run: Import, clock: Clock, tell: Tell) -> Import:
    if not run.atomic:
        _pass(_job(run, dry=False), clock, tell)
        return _end(run, State.DONE, clock())
    _pass(_job(run, dry=True), clock, tell)
    if run.refused:
        return _end(run, State.REFUSED, clock(), Unreadable("all_or_nothing", refused=run.refused))
    with transaction.atomic():
        _reset(run)
        _pass(_job(run, dry=False), clock, tell)
        if run.refused:  # what was checked a moment ago no longer holds
            transaction.set_rollback(True)
    if run.refused:
        return _end(run, State.REFUSED, clock(), Unreadable("all_or_nothing", refused=run.refused))
    return _end(run, State.DONE, clock())


def _reset(run: Import) -> None:
    """Forget the counts and faults of an earlier pass."""
    run.rows_read = run.created = run.updated = run.unchanged = run.refused = 0
    run.save(update_fields=["rows_read", "created", "updated", "unchanged", "refused"])
    ImportFault.objects.filter(run=run).delete()


def _pass(job: Job, clock: Clock, tell: Tell) -> None:
    """All chunks behind the position that the import has reached."""
    size = 1_000_000 if job.kind.whole else CHUNK
    with transaction.atomic():
        begin(job)
    with files.opened(job.run.stored_as) as file:
        for first, rows in reading.blocks(file, report.layout_of(job.run), size):
            last = first + len(rows) - 1
            if last <= job.run.rows_read:
                _skip(job, first, rows)
            else:
                _commit(job, first, rows, clock())
                tell(job.run)
    if job.kind.finish and not job.dry:
        with transaction.atomic():
            job.kind.finish(Chunk(job))


def _skip(job: Job, first: int, rows: Sequence[list[str]]) -> None:
    """Only remember the keys of a chunk that is in already."""
    with transaction.atomic():
        refused = report.refused_numbers(job.run, first, first + len(rows) - 1)
        judging.remember(job, read_values(job, first, rows), refused)


def _commit(job: Job, first: int, rows: Sequence[list[str]], now: datetime) -> None:
    run = job.run
    with transaction.atomic():
        held = Import.objects.select_for_update().only("rows_read", "state").get(id=run.id)
        if (held.rows_read, held.state) != (run.rows_read, run.state):
            raise Overtaken
        faults = _settle(job, first, rows)
        report.keep_faults(job, faults)
        run.refused += len({row for row, _column, _wrong in faults})
        run.rows_read, run.beat_at = first + len(rows) - 1, now
        run.rows_total = max(run.rows_total, run.rows_read - run.header_row)
        run.save(
            update_fields=[
                "rows_read", "rows_total", "beat_at", "created", "updated", "unchanged", "refused"
            ]
        )  # fmt: skip


def _settle(job: Job, first: int, rows: Sequence[list[str]]) -> list[Fault]:
    """Judge and write these rows; what the database itself refuses is narrowed down to its row."""
    before = (job.run.created, job.run.updated, job.run.unchanged)
    try:
        with transaction.atomic():
            return _chunk(job, first, rows)
    except (IntegrityError, DataError) as problem:
        job.run.created, job.run.updated, job.run.unchanged = before
        if len(rows) == 1:
            logger.warning("import %s: row %s refused by the database: %s", job.run.id, first, problem)
            return [(first, "", Wrong("database"))]
    half = len(rows) // 2
    return _settle(job, first, rows[:half]) + _settle(job, first + half, rows[half:])


def _chunk(job: Job, first: int, rows: Sequence[list[str]]) -> list[Fault]:
    read = read_values(job, first, rows)
    chunk = Chunk(job)
    chunk.copy_in(read)
    faults = judging.judge(chunk, read)
    counts = writing.write(chunk)
    job.run.created += counts.created
    job.run.updated += counts.updated
    job.run.unchanged += counts.unchanged
    if counts.ids:
        _tell(job, counts)
    judging.remember(job, read, {row for row, _column, _wrong in faults})
    return faults


def _tell(job: Job, counts: writing.Counts) -> None:
    data = {"ids": [str(id) for id in counts.ids], "import": str(job.run.id), "created": counts.created}
    by = job.run.member
    record(event(job.kind.event, at=job.at, on=job.on, by=by, subject=job.run.id, data=data))


def _end(run: Import, state: str, now: datetime, problem: Unreadable | None = None) -> Import:
    with transaction.atomic():
        run.refused_as = "" if state == State.CHECKED else report.write_refused(run, report.layout_of(run))
        run.fault = problem.code if problem else ""
        run.fault_params = {**problem.params, "was": run.state} if problem else {}
        run.state, run.finished_at, run.beat_at = state, now, now
        run.save(update_fields=["state", "finished_at", "beat_at", "fault", "fault_params", "refused_as"])
        if state != State.CHECKED:
            _record_end(run, now)
    return run


def _record_end(run: Import, now: datetime) -> None:
    zone = ZoneInfo(Tenant.objects.get(id=current()).time_zone)
    name = "import.done" if run.state == State.DONE else "import.stopped"
    data = {"file": run.file_name, "kind": run.kind, **run.counts}
    record(event(name, at=now, on=now.astimezone(zone).date(), by=run.member, subject=run.id, data=data))
