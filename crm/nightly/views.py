"""The nights of the company: what each did, what failed, and starting a failed one again."""

import logging
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from crm.accounts.rights import Right
from crm.nightly.models import NightRun, NightStep
from crm.nightly.steps import STEPS
from crm.nightly.tasks import run_night
from crm.refusal import Conflict, Fault
from crm.web.access import PageRequest, page
from crm.web.fragments import done

logger = logging.getLogger(__name__)

LATEST = 60
NAMES = {
    "grade": gettext_lazy("Tiers"),
    "accrue": gettext_lazy("Commission that falls due"),
    "pools": gettext_lazy("Department pools that nobody distributed"),
    "cash": gettext_lazy("Receivables"),
    "dunning": gettext_lazy("Dunning"),
    "registrations": gettext_lazy("Registrations that lapse"),
    "release": gettext_lazy("Drops into the pool"),
    "warn": gettext_lazy("Warnings before a drop"),
    "neglect": gettext_lazy("Missed follow-ups"),
    "value": gettext_lazy("Customer value"),
    "news": gettext_lazy("News that nobody answered"),
    "handovers": gettext_lazy("Customers of leavers to be handed over"),
    "disputes": gettext_lazy("Disputes to rule and to close"),
    "stages": gettext_lazy("Stages"),
    "scores": gettext_lazy("Churn scores"),
    "strategies": gettext_lazy("Contacts due by strategy"),
    "segments": gettext_lazy("Customers in segments"),
}
COLUMNS = [
    {"key": "day", "label": gettext_lazy("Business day"), "classes": "w-l"},
    {"key": "state", "label": gettext_lazy("State"), "classes": "w-m"},
    {"key": "steps", "label": gettext_lazy("Steps"), "classes": "r w-m"},
    {"key": "rows", "label": gettext_lazy("Rows changed"), "classes": "r w-l p2"},
    {"key": "seconds", "label": gettext_lazy("Seconds"), "classes": "r w-m p2"},
    {"key": "started", "label": gettext_lazy("Started"), "classes": "w-l p2"},
    {"key": "error", "label": gettext_lazy("Error"), "classes": "p3"},
    {"key": "act", "label": "", "classes": "r w-l"},
]
STEP_COLUMNS = [
    {"key": "step", "label": gettext_lazy("Step")},
    {"key": "rows", "label": gettext_lazy("Rows changed"), "classes": "r w-l"},
    {"key": "seconds", "label": gettext_lazy("Seconds"), "classes": "r w-l"},
]


def step_name(name: str) -> str:
    return str(NAMES.get(name, name))


@require_safe
@page(Right.NIGHT_VIEW)
def runs(request: PageRequest) -> HttpResponse:
    """The last nights, newest first."""
    found = NightRun.objects.annotate(
        done=Count("steps"), changed=Sum("steps__rows"), seconds=Sum("steps__seconds")
    )
    context = {
        "runs": found.order_by("-business_day")[:LATEST],
        "columns": COLUMNS,
        "steps": len(STEPS),
        "on": request.today,
        "may_run": request.viewer.may(Right.TENANT_EDIT),
    }
    return render(request, "nightly/runs.html", context)


@require_safe
@page(Right.NIGHT_VIEW)
def run(request: PageRequest, run_id: UUID) -> HttpResponse:
    """One night, step by step."""
    night = get_object_or_404(NightRun, pk=run_id)
    steps = list(night.steps.order_by("id"))
    took = night.finished_at - night.started_at if night.finished_at else None
    context: dict[str, Any] = {
        "run": night,
        "steps": [(step_name(step.step), step) for step in steps],
        "missing": [step_name(each.name) for each in STEPS if each.name not in {s.step for s in steps}],
        "seconds": took / timedelta(seconds=1) if took else None,
        "columns": STEP_COLUMNS,
        "on": request.today,
        "may_run": request.viewer.may(Right.TENANT_EDIT),
        "crumbs": [{"label": _("Night run"), "url": reverse("nightly:runs")}],
    }
    return render(request, "nightly/run.html", context)


@require_POST
@page(Right.NIGHT_VIEW, Right.TENANT_EDIT)
def again(request: PageRequest, run_id: UUID) -> HttpResponse:
    """Start a failed night again; it goes on with the step that failed."""
    night = get_object_or_404(NightRun, pk=run_id)
    if night.state != NightRun.State.FAILED:
        raise Conflict(Fault("", "not_failed", gettext_lazy("This night has not failed.")))
    if NightStep.objects.filter(business_day__gt=night.business_day).exists():
        raise Conflict(Fault("", "overtaken", gettext_lazy("A later night has run already.")))
    transaction.on_commit(partial(_send, request.tenant.id, night.business_day.isoformat()))
    return done(request, reverse("nightly:run", args=[night.pk]), _("The night has been started again."))


def _send(tenant_id: int, business_day: str) -> None:
    try:
        run_night.delay(tenant_id, business_day)
    except Exception as problem:  # the broker is away: the next tick starts every night that is not done
        logger.warning("night not sent now, left to the next tick: %s", problem)
