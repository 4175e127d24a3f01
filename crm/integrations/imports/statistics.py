"""Telling the planner what an import has brought in (see migration 0003)."""

from django.db.models import Model

from crm.integrations.imports.staging import Chunk, Job

FEW = 2_000  # rows that no plan can go wrong over
GROWTH = 4  # times as many rows as the planner knew of


def begin(job: Job) -> None:
    """Analyze those tables of the kind of which the tenant has far more rows than the planner knows."""
    if job.run.rows_total > FEW:
        chunk = Chunk(job)
        for table in _tables(job):
            of_tenant = f"FROM {table} WHERE tenant_id = %(tenant)s"
            (plan,) = chunk.rows(f"EXPLAIN (FORMAT JSON) SELECT {of_tenant}")[0]
            beyond = GROWTH * plan[0]["Plan"]["Plan Rows"] + FEW
            if chunk.rows(f"SELECT {of_tenant} OFFSET %(beyond)s LIMIT 1", beyond=beyond):
                chunk.rows("SELECT crm_analyze(%(table)s)", table=table)


def due(job: Job, rows: int) -> bool:
    """Whether with these rows a pass has written many more than when it last analyzed."""
    written = job.notes.get("written", 0) + rows
    job.notes["written"] = written
    if written < max(FEW, GROWTH * job.notes.get("analyzed", 0)):
        return False
    job.notes["analyzed"] = written
    return True


def analyze(chunk: Chunk, *models: type[Model]) -> None:
    """Let the planner count the rows of these tables anew."""
    for model in models:
        chunk.rows("SELECT crm_analyze(%(table)s)", table=model._meta.db_table)


def _tables(job: Job) -> list[str]:
    return [model._meta.db_table for model in (job.kind.target.model, *job.kind.touches)]
