from celery import Task, shared_task
from django.db import transaction

from crm.events.models import Pending
from crm.events.record import follow_up_pending
from crm.tenancy.context import tenant
from crm.tenancy.models import Tenant


@shared_task
def follow_later() -> None:
    """What follows the events of one tenant after their commit."""
    if follow_up_pending():
        transaction.on_commit(follow_later.delay, robust=True)


@shared_task(base=Task)
def sweep() -> None:
    """Send what a lost message left in the outbox of any tenant."""
    for number in Tenant.objects.filter(is_active=True).values_list("id", flat=True):
        with tenant(number), transaction.atomic():
            if Pending.objects.exists():
                follow_later.delay()
