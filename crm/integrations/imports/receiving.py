"""The verbs of an import: take a file, choose how it is read, ask for the check or the run."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import PurePath
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer, reach
from crm.events.record import event, record
from crm.integrations.imports import files, reading
from crm.integrations.imports.faults import Unreadable, tell
from crm.integrations.imports.inspection import XLSX, Inspected, inspect
from crm.integrations.imports.kinds import Kind, kind_of
from crm.integrations.imports.mapping import best_key, guess, missing, signature
from crm.integrations.imports.reading import Opening
from crm.integrations.models import Import, ImportFault, ImportMapping
from crm.refusal import Conflict, Fault, Refused

State = Import.State
SILENT = timedelta(minutes=2)  # without a sign of life for so long, a job is taken for dead


def receive(
    file: BinaryIO,
    *,
    name: str,
    kind: Kind,
    by: Viewer | None,
    at: datetime,
    encoding: str = "",
    ndjson: bool = False,
) -> Import:
    """Take in a file: look at it once, keep it, guess its mapping. Raises Refused for what is no table."""
    inspected, opening = _looked_at(file, encoding, ndjson=ndjson)
    layout = opening.layout
    run = Import(
        kind=kind.name,
        key=next(iter(kind.keys)),
        member=by.member if by else None,
        language=get_language() or "en",
        file_name=PurePath(name.replace("\\", "/")).name[:200] or "import",
        size=inspected.size,
        sha256=inspected.sha256,
        format=layout.format,
        encoding=layout.encoding,
        delimiter=layout.delimiter,
        header=list(map(_storable, layout.header)),
        header_row=layout.header_row,
        sample=[list(map(_storable, row)) for row in opening.sample],
        rows_total=opening.rows,
        created_at=at,
    )
    run.mapping = _first_mapping(run, kind)
    run.key = best_key(kind, run.mapping, run.sample)
    file.seek(0)
    run.stored_as = files.keep(run, file, f"source.{'xlsx' if layout.format == XLSX else 'txt'}")
    run.save()
    return run


def _looked_at(file: BinaryIO, encoding: str, *, ndjson: bool) -> tuple[Inspected, Opening]:
    try:
        inspected = inspect(file, limit=settings.IMPORT_MAX_BYTES, encoding=encoding, ndjson=ndjson)
        file.seek(0)
        return inspected, reading.open_file(file, inspected)
    except Unreadable as problem:
        raise Refused(Fault("file", problem.code, tell(problem.code, problem.params))) from problem


def _storable(cell: str) -> str:
    return cell.encode("utf-8", "replace").decode().replace("\x00", "")


def _first_mapping(run: Import, kind: Kind) -> dict[str, int]:
    saved = ImportMapping.objects.filter(kind=kind.name, signature=signature(run.header)).first()
    known = set(kind.names)
    if saved and set(saved.mapping) <= known:
        return dict(saved.mapping)
    return guess(kind, run.header, run.sample).mapping


def earlier(run: Import, by: Viewer | None) -> Import | None:
    """The import that brought in the same file as the same kind, as far as the viewer sees it."""
    rows = Import.objects.filter(sha256=run.sha256, kind=run.kind, state=State.DONE).exclude(id=run.id)
    return (reach(by, rows) if by else rows).order_by("-finished_at").first()


def same_job(run: Import, by: Viewer | None) -> Import | None:
    """The import of the same file with the same options that is done or under way."""
    rows = Import.objects.filter(
        sha256=run.sha256,
        kind=run.kind,
        mode=run.mode,
        key=run.key,
        atomic=run.atomic,
        mapping=run.mapping,
        state__in=[State.DONE, State.RUNNING],
    ).exclude(id=run.id)
    return (reach(by, rows) if by else rows).order_by("-created_at").first()


def choose(
    run: Import,
    *,
    mapping: Mapping[str, int] | None = None,
    mode: str = Import.Mode.UPSERT,
    key: str = "",
    atomic: bool = False,
) -> Import:
    """Say how the file is read; `mapping` None keeps the guess. Raises Refused, or Conflict once it runs."""
    kind = kind_of(run.kind)
    if run.state not in (State.UPLOADED, State.CHECKED, State.REFUSED):
        raise Conflict(Fault("", "started", _("This import has started already.")))
    if mapping is not None:
        run.mapping = dict(mapping)
    else:
        _refuse_ambiguous(run, kind)
    run.key, run.mode, run.atomic = _key(kind, run, key), mode, atomic
    _refuse_unusable(run, kind)
    run.state = State.UPLOADED
    run.save()
    if mapping is not None:
        ImportMapping.objects.update_or_create(
            kind=run.kind, signature=signature(run.header), defaults={"mapping": run.mapping}
        )
    return run


def _key(kind: Kind, run: Import, key: str) -> str:
    if key in kind.keys:
        return key
    if key and len(kind.keys) > 1:
        choices = ", ".join(kind.keys)
        raise Refused(Fault("key", "choice", tell("choice", {"value": key, "choices": choices})))
    return best_key(kind, run.mapping, run.sample)


def _refuse_ambiguous(run: Import, kind: Kind) -> None:
    ambiguous = guess(kind, run.header, run.sample).ambiguous
    faults = [
        Fault("mapping", "duplicate_header", tell("duplicate_header", {"header": header}))
        for name, header in ambiguous.items()
        if name not in run.mapping
    ]
    if faults:
        raise Refused(*faults)


def _refuse_unusable(run: Import, kind: Kind) -> None:
    if not run.mapping:
        raise Refused(Fault("mapping", "nothing_mapped", tell("nothing_mapped", {})))
    lacking = missing(kind, run.mapping, run.key, run.mode == Import.Mode.CREATE)
    faults = [
        Fault("mapping", "column_missing", tell("column_missing", {"label": str(kind.column(name).label)}))
        for name in lacking
    ]
    if faults:
        raise Refused(*faults)


def discard(run: Import) -> None:
    """Forget a file that was just received, because it is not needed."""
    name = run.stored_as
    run.delete()
    transaction.on_commit(lambda: default_storage.delete(name), robust=True)


def request(run: Import, *, write: bool, by: Viewer | None, at: datetime, on: date) -> Import:
    """Ask for the check (`write` False) or the run; the job starts after commit. May raise Conflict."""
    run = begin(run, write=write, at=at)
    _ask(run, by=by, at=at, on=on)
    return run


def begin(run: Import, *, write: bool, at: datetime) -> Import:
    """Make an import ready for its check or run by the caller himself. Raises Conflict once it runs."""
    run = Import.objects.select_for_update().get(id=run.id)
    if run.state not in (State.UPLOADED, State.CHECKED, State.REFUSED):
        raise Conflict(Fault("", "started", _("This import has started already.")))
    ImportFault.objects.filter(run=run).delete()
    run.state = State.RUNNING if write else State.CHECKING
    run.started_at = run.finished_at = None
    run.beat_at = at
    run.rows_read = run.created = run.updated = run.unchanged = run.refused = 0
    run.fault, run.fault_params, run.refused_as = "", {}, ""
    run.save()
    return run


def is_dead(run: Import, at: datetime) -> bool:
    """Whether the job of a busy import has given no sign of life for too long."""
    return run.is_busy and run.beat_at is not None and at - run.beat_at > SILENT


def resume(run: Import, *, by: Viewer | None, at: datetime, on: date) -> bool:
    """Go on with an import that stopped or whose job has died; returns whether there was need to."""
    run = Import.objects.select_for_update().get(id=run.id)
    if not is_dead(run, at) and run.state != State.FAILED:
        return False
    if run.state == State.FAILED:
        run.state = State(run.fault_params.get("was", State.RUNNING))
    run.beat_at, run.finished_at, run.fault, run.fault_params = at, None, "", {}
    run.save()
    _ask(run, by=by, at=at, on=on)
    return True


def _ask(run: Import, *, by: Viewer | None, at: datetime, on: date) -> None:
    data: dict[str, Any] = {"file": run.file_name, "kind": run.kind, "state": run.state}
    record(event("import.requested", at=at, on=on, by=by, subject=run.id, data=data))
