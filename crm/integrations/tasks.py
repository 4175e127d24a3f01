from collections.abc import Sequence
from uuid import UUID

from celery import Task, shared_task
from django.utils import timezone

from crm.events.models import Event
from crm.integrations.imports.run import work
from crm.integrations.models import Import
from crm.tenancy.context import current, tenant

RETRY_SECONDS = 5


def start(events: Sequence[Event]) -> None:
    """Follows import.requested: hand the file to a worker."""
    for each in events:
        bring_in.delay(current(), str(each.subject_id))


@shared_task(base=Task, bind=True, max_retries=60)
def bring_in(self: Task, tenant_id: int, run_id: str) -> None:
    """Check or run one import; it commits by chunk, so it opens its own transactions.

    An import that is not there yet, because whoever asked for it has not committed, is tried again.
    """
    try:
        with tenant(tenant_id):
            work(UUID(run_id), timezone.now)
    except Import.DoesNotExist as missing:
        raise self.retry(exc=missing, countdown=RETRY_SECONDS) from missing
