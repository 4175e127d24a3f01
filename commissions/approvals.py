"""From draft to force: submit, take back, approve, refuse, withdraw. A writer never approves his version."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from commissions import classes, plans
from commissions import settings as rules
from commissions.calculation.checks.plan import version_faults
from commissions.calculation.reading.request import read_plan
from commissions.drafts import held
from commissions.models import Entitlement, LedgerEntry, PlanVersion
from crm.accounts.access import Viewer
from crm.events.models import Event
from crm.events.record import Actor, event, record
from crm.refusal import Conflict, Fault, Refused
from crm.versions import OVERLAP

REASON_LENGTH = 500
WRITING = ("plan_version.drafted", "plan_version.edited", "plan_version.submitted")
State = PlanVersion.State


def wrote(member: Viewer | Actor, row: PlanVersion) -> bool:
    """Whether a member had a hand in a version: then he does not approve it."""
    if member.id in (row.drafted_by_id, row.submitted_by_id):
        return True
    return Event.objects.filter(subject_id=row.pk, actor_id=member.id, name__in=WRITING).exists()


def submit(row: PlanVersion, *, version: int | None = None, by: Actor, at: datetime, on: date) -> PlanVersion:
    """Ask for the approval of a draft. Refused: valid_from closed_month, version_overlap; settings;
    settings.bands tier_without_band.

    Conflict state: it is no draft; stale.
    """
    found = _in_state(row, version, State.DRAFT)
    judge(found)
    found.state, found.submitted_by_id, found.submitted_at, found.reason = State.SUBMITTED, by.id, at, ""
    return _moved(found, "plan_version.submitted", by, at, on)


def recall(row: PlanVersion, *, version: int | None = None, by: Actor, at: datetime, on: date) -> PlanVersion:
    """Take a submitted version back, to change it. Conflict state, stale."""
    found = _in_state(row, version, State.SUBMITTED)
    found.state = State.DRAFT
    return _moved(found, "plan_version.recalled", by, at, on)


def approve(
    row: PlanVersion, *, version: int | None = None, by: Actor, at: datetime, on: date
) -> PlanVersion:
    """Let a submitted version hold from its day on; the one that held until then ends there.

    Refused: "" own_version (PLAN-01: its writer is not its approver); as `submit`. Conflict state, stale.
    """
    found = _in_state(row, version, State.SUBMITTED)
    if wrote(by, found):
        words = _("PLAN-01: whoever wrote a version does not approve it. Let another executive do it.")
        raise Refused(Fault("", "own_version", words, {"rule": "PLAN-01"}))
    judge(found)
    before = _approved(found).filter(valid_to=None).first()
    if before is not None:
        before.valid_to = found.valid_from
        before.touch().save()
    found.state, found.decided_by_id, found.decided_at = State.APPROVED, by.id, at
    more = {"before": before.code if before else None, "since": found.valid_from.isoformat()}
    return _moved(found, "plan_version.approved", by, at, on, **more)


def refuse(
    row: PlanVersion, *, reason: str, version: int | None = None, by: Actor, at: datetime, on: date
) -> PlanVersion:
    """Say no to a submitted version, and why. Refused: reason required, max_length. Conflict state, stale."""
    found = _in_state(row, version, State.SUBMITTED)
    reason = reason.strip()
    if not reason:
        raise Refused(Fault("reason", "required", _("Say why.")))
    if len(reason) > REASON_LENGTH:
        words = _("The reason has at most %(most)s characters.") % {"most": REASON_LENGTH}
        raise Refused(Fault("reason", "max_length", words))
    found.state, found.decided_by_id, found.decided_at, found.reason = State.REFUSED, by.id, at, reason
    return _moved(found, "plan_version.refused", by, at, on, reason=reason)


def withdraw(
    row: PlanVersion, *, version: int | None = None, by: Actor, at: datetime, on: date
) -> PlanVersion:
    """Make an approved version that has not begun a draft again; the one before it goes on in its place.

    Conflict begun, used, state, stale.
    """
    found = _in_state(row, version, State.APPROVED)
    if found.valid_from <= on:
        raise Conflict(Fault("", "begun", _("This version has begun: make a new one instead.")))
    if is_used(found):
        raise Conflict(Fault("", "used", _("This version has paid: make a new one instead.")))
    found.state = State.DRAFT
    ended, found.valid_to = found.valid_to, None
    moved = _moved(found, "plan_version.withdrawn", by, at, on)
    for before in _approved(found).filter(valid_to=found.valid_from):
        before.valid_to = ended
        before.touch().save()
    return moved


def is_used(row: PlanVersion) -> bool:
    """Whether something was paid, or is expected to be, by this version."""
    return any(model.objects.filter(plan_version=row).exists() for model in (LedgerEntry, Entitlement))


def judge(row: PlanVersion) -> None:
    """Raise Refused with what stands against a version as one that pays from its day on."""
    faults = of_start(row.valid_from)
    if _approved(row).filter(valid_from__gte=row.valid_from).exists():
        faults.append(Fault("valid_from", "version_overlap", OVERLAP))
    if faults:
        raise Refused(*faults)
    held_now = _approved(row).order_by("valid_from")
    versions = [plans.as_settings(other) | {"valid_to": None} for other in held_now]
    together = _in_turn([*versions, plans.as_settings(row)])
    own = rules.judged(row.settings, versions[0]["currency"] if versions else row.settings["currency"])
    for fault in version_faults(read_plan({"versions": together}), row.valid_from):
        raise Refused(Fault("settings", fault.code, fault.message))
    if unpaid := classes.faults(own, row.valid_from):
        raise Refused(*unpaid)


def of_start(day: date) -> list[Fault]:
    """What stands against a first day: a month that is closed is paid as it was."""
    earliest = plans.open_since()
    if day >= earliest:
        return []
    words = _("PLAN-04: months before %(day)s are closed. Begin on that day or later.")
    found = words % {"day": earliest.isoformat()}
    return [Fault("valid_from", "closed_month", found, {"rule": "PLAN-04"})]


def _in_turn(versions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Versions in the order of their first days, each ending where the next begins."""
    ends = [each["valid_from"] for each in versions[1:]]
    return [each | {"valid_to": end} for each, end in zip(versions, [*ends, None], strict=True)]


def _approved(row: PlanVersion) -> Any:
    return PlanVersion.objects.filter(plan_id=row.plan_id, state=State.APPROVED).exclude(pk=row.pk)


def _in_state(row: PlanVersion, version: int | None, state: str) -> PlanVersion:
    found = held(row, version)
    if found.state != state:
        words = _("This version is %(state)s now.") % {"state": found.get_state_display()}
        raise Conflict(Fault("", "state", words))
    return found


def _moved(row: PlanVersion, name: str, by: Actor, at: datetime, on: date, **more: Any) -> PlanVersion:
    row.touch().save()
    data = {"plan": row.plan.code, "code": row.code, "valid_from": row.valid_from.isoformat(), **more}
    record(event(name, at=at, on=on, by=by, subject=row.pk, data=data))
    return row
