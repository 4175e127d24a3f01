from uuid import UUID

from celery import Task, shared_task
from django.utils import timezone

from commissions import replays
from crm.tenancy.context import tenant


@shared_task(base=Task)
def work_out_replay(tenant_id: int, replay_id: str) -> None:
    """A long replay; it tells its progress, so it opens its own transactions."""
    with tenant(tenant_id):
        replays.work(UUID(replay_id), timezone.now())
