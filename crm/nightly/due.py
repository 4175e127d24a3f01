"""When a tenant's night comes: at 02:10 of its own clock; the business day is the day that has begun."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from crm.integrations import health
from crm.nightly.models import NightRun
from crm.tenancy.context import tenant
from crm.tenancy.models import Tenant

NIGHT = time(2, 10)
LATE = timedelta(hours=26)


def due_day(at: datetime, zone: str) -> date:
    """The latest business day whose night has come at a moment, in a time zone.

    The run of local day D works as of D and starts at 02:10 on D.
    """
    local = at.astimezone(ZoneInfo(zone))
    return local.date() if local.time() >= NIGHT else local.date() - timedelta(days=1)


def due(at: datetime) -> Iterator[tuple[Tenant, date]]:
    """Every active tenant whose latest night has come and is not done, with the business day."""
    for company in Tenant.objects.filter(is_active=True).order_by("id"):
        day = due_day(at, company.time_zone)
        with tenant(company.id), transaction.atomic():
            done = NightRun.objects.filter(business_day__gte=day, state=NightRun.State.DONE).exists()
        if not done:
            yield company, day


def last_run_age(at: datetime) -> timedelta:
    """How long ago the active tenant that waits longest had its last finished night (or was founded)."""
    ages = [timedelta(0)]
    with transaction.atomic():
        for company in Tenant.objects.filter(is_active=True):
            with tenant(company.id):
                done = NightRun.objects.filter(state=NightRun.State.DONE)
                last = done.values_list("finished_at", flat=True).order_by("-finished_at").first()
            ages.append(at - (last or company.created_at))
    return max(ages)


def check() -> health.Finding:
    """For /readyz and /metrics: whether every tenant had its night, and the age of the oldest in seconds."""
    age = last_run_age(timezone.now())
    return health.Finding(age < LATE, f"last finished {age // timedelta(hours=1)} h ago", age.total_seconds())
