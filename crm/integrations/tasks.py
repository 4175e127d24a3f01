from collections.abc import Sequence
from uuid import UUID

from celery import Task, shared_task
from django.utils import timezone

from crm.events.models import Event
from crm.integrations.imports.run import work
from crm.tenancy.context import current, tenant


def start(events: Sequence[Event]) -> None:
    """Follows import.requested: hand the file to a worker."""
    for each in events:
        bring_in.delay(current(), str(each.subject_id))


@shared_task(base=Task)
def bring_in(tenant_id: int, run_id: str) -> None:
    """Check or run one import; it commits by chunk, so it opens its own transactions."""
    with tenant(tenant_id):
        work(UUID(run_id), timezone.now)
