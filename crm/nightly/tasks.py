from datetime import date

from celery import Task, shared_task
from django.utils import timezone

from crm.nightly.due import due
from crm.nightly.run import run
from crm.tenancy.models import Tenant


@shared_task(base=Task)
def start_due() -> None:
    """Send one job for every tenant whose night has come and is not done."""
    for company, day in due(timezone.now()):
        run_night.delay(company.id, day.isoformat())


@shared_task(base=Task)
def run_night(tenant_id: int, business_day: str) -> None:
    """The night of one tenant; what fails is tried again at the next tick."""
    run(Tenant.objects.get(id=tenant_id), date.fromisoformat(business_day), timezone.now())
