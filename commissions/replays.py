"""Asking for a replay and working it out: at once when it is small, by a worker with progress when not."""

import logging
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from commissions import classes, replay
from commissions.drafts import currency
from commissions.models import PlanVersion, Replay
from commissions.settings import judged
from crm.accounts.models import Department
from crm.events.record import Actor
from crm.refusal import Fault, Refused
from crm.tenancy.reading import only_reading

logger = logging.getLogger(__name__)
AT_ONCE = 1000  # contracts: some seconds
State = Replay.State


def ask(
    version: PlanVersion,
    *,
    since: date,
    until: date,
    department: Department | None = None,
    by: Actor,
    at: datetime,
    on: date,
) -> Replay:
    """A replay that is to be worked out by `work`. Refused: until end_before_start; since in_future;
    settings.bands tier_without_band.
    """
    if until <= since:
        raise Refused(Fault("until", "end_before_start", _("The end must be after the start.")))
    if since > on:
        raise Refused(Fault("since", "in_future", _("A replay looks back: begin on an earlier day.")))
    if unpaid := classes.faults(judged(version.settings, currency()), on):
        raise Refused(*unpaid)
    row = Replay(
        plan_version=version,
        since=since,
        until=until,
        department=department,
        asked_by_id=by.id,
        asked_at=at,
        on=on,
    )
    asked = question(row)
    with only_reading():
        row.total = len(replay.asked(asked))
    row.save()
    return row


def question(row: Replay) -> replay.Question:
    """What a kept replay asks."""
    version = PlanVersion.objects.select_related("plan").get(pk=row.plan_version_id)
    return replay.Question(version, row.since, row.until, row.on, currency(), row.department_id)


def work(replay_id: UUID, finished_at: datetime) -> None:
    """Work one out to its end. What it finds is written afterwards, by the role that may.

    Opens its own transactions for progress, so it is called outside one when it is long.
    """
    with transaction.atomic():
        asked = question(Replay.objects.get(pk=replay_id))
    try:
        with only_reading():
            ids = replay.asked(asked)
            found = replay.run(asked, ids, lambda done: _tell(replay_id, done)).written()
    except Exception:
        logger.exception("replay %s stopped", replay_id)
        _end(replay_id, State.FAILED, {}, finished_at)
        return
    _end(replay_id, State.DONE, found, finished_at)


def _tell(replay_id: UUID, done: int) -> None:
    with transaction.atomic():
        Replay.objects.using("default").filter(pk=replay_id).update(done=done)


def _end(replay_id: UUID, state: str, result: dict, at: datetime) -> None:
    with transaction.atomic():
        Replay.objects.filter(pk=replay_id).update(state=state, result=result, finished_at=at)
