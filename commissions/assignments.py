"""Whom a plan pays: assigned to a department or a person from a day on, and ended."""

from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commissions.approvals import of_start
from commissions.models import Plan, PlanAssignment, PlanVersion
from commissions.plans import open_since
from crm.accounts.models import Department, Member
from crm.events.record import Actor, event, record
from crm.refusal import Conflict, Fault, Refused

Subject = Department | Member
ONE_SUBJECT = _("Name either a department or a person.")


def assign(
    plan: Plan,
    *,
    subject: Subject,
    valid_from: date,
    valid_to: date | None = None,
    by: Actor,
    at: datetime,
    on: date,
) -> PlanAssignment:
    """Let a plan pay a department, with all below that has none of its own, or rule a person's statements.

    Refused: valid_from closed_month, no_plan_version, plan_overlap (rule PLAN-02); valid_to
    end_before_start; subject own_plan (nobody gives himself a plan).
    """
    type(subject)._default_manager.select_for_update().get(pk=subject.pk)  # type: ignore[attr-defined]
    faults = [*of_start(valid_from), *_of_plan(plan, valid_from), *_of_subject(subject, by)]
    if valid_to is not None and valid_to <= valid_from:
        faults.append(Fault("valid_to", "end_before_start", _("The end must be after the start.")))
    else:
        faults += _of_others(subject, valid_from, valid_to)
    if faults:
        raise Refused(*faults)
    row = PlanAssignment.objects.create(
        plan=plan, **_named(subject), valid_from=valid_from, valid_to=valid_to, assigned_by_id=by.id
    )
    data = _told(row) | {"since": valid_from.isoformat()}
    record(event("plan.assigned", at=at, on=on, by=by, subject=row.pk, data=data))
    return row


def end(
    row: PlanAssignment, *, valid_to: date, version: int | None = None, by: Actor, at: datetime, on: date
) -> bool:
    """Let an assignment end; one that would end before it begins was never there: then False.

    Refused: valid_to closed_month. Conflict ended, stale.
    """
    held = PlanAssignment.objects.select_for_update().get(pk=row.pk)
    held.refuse_stale(version)
    if held.valid_to is not None and held.valid_to <= on:
        raise Conflict(Fault("", "ended", _("This assignment has ended already.")))
    if valid_to < open_since() and held.valid_from < valid_to:
        (fault,) = of_start(valid_to)
        raise Refused(Fault("valid_to", fault.code, fault.message, fault.about))
    if valid_to <= held.valid_from and held.valid_from < open_since():
        words = _("It has paid since %(day)s: end it later than that.") % {"day": held.valid_from.isoformat()}
        raise Refused(Fault("valid_to", "end_before_start", words))
    since = max(valid_to, held.valid_from)
    data = _told(held) | {"valid_to": valid_to.isoformat(), "since": since.isoformat()}
    record(event("plan.assignment_ended", at=at, on=on, by=by, subject=held.pk, data=data))
    if valid_to <= held.valid_from:
        held.delete()
        return False
    held.valid_to = valid_to
    held.touch().save()
    return True


def _named(subject: Subject) -> dict[str, Any]:
    return {"department": subject} if isinstance(subject, Department) else {"member": subject}


def _of_plan(plan: Plan, day: date) -> list[Fault]:
    approved = plan.versions.filter(state=PlanVersion.State.APPROVED)
    if approved.filter(Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day).exists():
        return []
    words = _("No approved version of the plan is in force on that day: approve one first.")
    return [Fault("valid_from", "no_plan_version", words)]


def _of_subject(subject: Subject, by: Actor) -> list[Fault]:
    if subject.pk != by.id:
        return []
    return [Fault("subject", "own_plan", _("Nobody gives himself a plan: let another do it."))]


def _of_others(subject: Subject, valid_from: date, valid_to: date | None) -> list[Fault]:
    """The assignments of the same subject that hold on one of these days."""
    same = PlanAssignment.objects.filter(**_named(subject)).select_related("plan")
    running = same.filter(Q(valid_to=None) | Q(valid_to__gt=valid_from))
    found = (running.filter(valid_from__lt=valid_to) if valid_to else running).order_by("valid_from").first()
    if found is None:
        return []
    words = _("PLAN-02: %(subject)s is paid by %(plan)s from %(day)s%(until)s. End that first.") % {
        "subject": subject,
        "plan": found.plan.name,
        "day": found.valid_from.isoformat(),
        "until": f" – {found.valid_to.isoformat()}" if found.valid_to else "",
    }
    return [Fault("valid_from", "plan_overlap", words, {"rule": "PLAN-02", "assignment": str(found.pk)})]


def _told(row: PlanAssignment) -> dict[str, Any]:
    whose = row.department or row.member
    return {
        "plan": row.plan.code,
        "subject": str(whose),
        "valid_from": row.valid_from.isoformat(),
        "valid_to": row.valid_to.isoformat() if row.valid_to else None,
    }
