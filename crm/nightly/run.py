"""One night of one tenant: its steps in order, each once, going on where a crash left off."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from time import monotonic
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from crm.events.record import in_night
from crm.nightly.models import NightRun, NightStep
from crm.nightly.steps import STEPS, Step
from crm.refusal import Conflict, Fault
from crm.tenancy.context import current, tenant
from crm.tenancy.models import Tenant

logger = logging.getLogger(__name__)


class NothingSeen(RuntimeError):
    """A tenant that has customers shows none: hidden by row-level security, the step would do nothing."""


class AtWork(RuntimeError):
    """Another process is doing this night just now."""


@dataclass(frozen=True)
class Done:
    """A step this call has done, in how many seconds, and how many rows it changed."""

    step: str
    rows: int
    seconds: float


@dataclass
class Report:
    """What a call of `run` found and did; `state` is that of the run when the call ended."""

    tenant: str
    business_day: date
    state: str
    steps: list[Done] = field(default_factory=list)
    error: str = ""


def run(
    company: Tenant,
    business_day: date,
    at: datetime,
    *,
    steps: Sequence[Step] = STEPS,
    tell: Callable[[Done], object] = lambda done: None,
) -> Report:
    """Do the night of one tenant as of a business day, or the rest of it; `tell` hears of each step done.

    Opens its own transactions, one a step. A step that fails ends the run as FAILED and is told in
    the report; the next call begins with it. Raises Conflict if a later day has been begun already,
    because its facts would be put back.
    """
    began = monotonic()
    with tenant(company.id):
        night = _begin(business_day, at)
        report = Report(company.slug, business_day, night.state)
        if night.state == NightRun.State.DONE:
            return report
        try:
            for step in steps:
                done = _do(step, night, at)
                if done:
                    report.steps.append(done)
                    tell(done)
        except AtWork as other:
            report.error = str(other)
        except Exception as problem:
            logger.exception("night of %s, %s: step %s failed", company.slug, business_day, step.name)
            report.error = f"{step.name}: {type(problem).__name__}: {problem}"
            report.state = _end(night, NightRun.State.FAILED, at, began, report.error)
        else:
            report.state = _end(night, NightRun.State.DONE, at, began)
    return report


@transaction.atomic
def _begin(business_day: date, at: datetime) -> NightRun:
    NightRun.objects.bulk_create(
        [NightRun(business_day=business_day, started_at=at, customers=_customers())], ignore_conflicts=True
    )
    night = NightRun.objects.get(business_day=business_day)
    if night.state == NightRun.State.DONE:
        return night
    if NightStep.objects.filter(business_day__gt=business_day).exists():
        raise Conflict(Fault("on", "overtaken", _("A later night has run already.")))
    if night.state == NightRun.State.FAILED:
        night.state, night.error = NightRun.State.RUNNING, ""
        night.save(update_fields=["state", "error"])
    return night


@transaction.atomic
def _do(step: Step, night: NightRun, at: datetime) -> Done | None:
    """Do one step, or None when it has been done. The lock on the run ends with the transaction."""
    free = NightRun.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=night.pk)
    if not free:
        raise AtWork("another process is doing this night")
    began = monotonic()
    if NightStep.objects.filter(business_day=night.business_day, step=step.name).exists():
        return None
    _look()
    with in_night():
        rows = step.do(night.business_day, at)
    seconds = round(monotonic() - began, 3)
    about: dict[str, Any] = {"run": night, "business_day": night.business_day, "step": step.name}
    NightStep.objects.create(**about, rows=rows, seconds=Decimal(str(seconds)))
    return Done(step.name, rows, seconds)


def _end(night: NightRun, state: NightRun.State, at: datetime, began: float, error: str = "") -> str:
    seconds = timedelta(seconds=monotonic() - began)
    with transaction.atomic():
        open_runs = NightRun.objects.filter(pk=night.pk).exclude(state=NightRun.State.DONE)
        open_runs.update(state=state, finished_at=at + seconds, error=error[:2000])
    return state


def _look() -> None:
    """Raise NothingSeen if the last night that saw customers saw some and this transaction sees none."""
    if not _customers(at_most=1) and NightRun.objects.filter(customers__gt=0).exists():
        raise NothingSeen(f"tenant {current()} had customers and shows none")


def _customers(at_most: int | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT FROM customers_customer WHERE tenant_id = %s LIMIT %s) AS seen",
            [current(), at_most],
        )
        return int(cursor.fetchone()[0])
