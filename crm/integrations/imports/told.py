"""An import as others read it: the same words for page, API and command."""

from typing import Any

from crm.integrations.imports.faults import tell
from crm.integrations.models import Import, ImportFault

ERRORS = 100  # told with the import itself; the others have their own list


def seconds(run: Import) -> float | None:
    """How long the job has run or ran; None before it began."""
    until = run.finished_at or run.beat_at
    return (until - run.started_at).total_seconds() if run.started_at and until else None


def problem(run: Import) -> str:
    """Why the file as a whole was refused or stopped, in the language in force; "" when it was not."""
    return tell(run.fault, run.fault_params) if run.fault else ""


def error(fault: ImportFault) -> dict[str, Any]:
    """One thing wrong in one row."""
    return {
        "row": fault.row,
        "column": fault.column,
        "code": fault.code,
        "message": tell(fault.code, fault.params),
        "value": fault.params.get("value"),
    }


def errors(run: Import, limit: int = ERRORS) -> list[dict[str, Any]]:
    """The first things wrong, in the order of the rows."""
    return [error(fault) for fault in ImportFault.objects.filter(run=run).order_by("row", "id")[:limit]]


def refused_name(run: Import) -> str:
    """What the file of refused rows is called when it is fetched."""
    return f"{run.file_name.rpartition('.')[0] or run.file_name}-refused.{run.refused_as.rpartition('.')[2]}"


def told(run: Import) -> dict[str, Any]:
    """The import with its first errors, as JSON takes it."""
    plain = ("kind", "mode", "key", "atomic", "state", "file_name", "format", "encoding", "size")
    return {
        "id": str(run.id),
        **{name: getattr(run, name) for name in plain},
        "mapping": {ours: run.header[at] for ours, at in run.mapping.items()},
        "rows_total": run.rows_total,
        "rows_read": max(run.rows_read - run.header_row, 0),
        **run.counts,
        "seconds": seconds(run),
        "problem": {"code": run.fault, "message": problem(run)} if run.fault else None,
        "errors": errors(run),
    }
