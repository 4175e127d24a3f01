"""Follow-ups 跟进任务: what has to be done for a customer by a day, by whom, and how it ended.

People open them by hand; a risk that becomes high and a next step agreed in a contact open them by
themselves. Standing.next_on is written here alone: the first day on which something open is due.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Member
from crm.events.record import Actor, event, record
from crm.refusal import Conflict, Fault, Refused
from customers.models import Customer
from lifecycle.judging import run
from lifecycle.models import FollowUp

TITLE_LENGTH = 200


def open(
    customer: Customer,
    *,
    title: str,
    due_on: date,
    by: Member | None,
    at: datetime,
    on: date,
    owner: Member | None = None,
) -> FollowUp:
    """Something to do by hand; without `owner` it is for whoever is responsible for the customer.

    Refused: title required or too_long; due_on in_past; owner not_active.
    """
    title, owner = title.strip(), owner or customer.owner
    _refuse([*_title_faults(title), *_due_faults(due_on, on), *_owner_faults(owner)])
    opened = FollowUp.objects.create(
        customer=customer, title=title, due_on=due_on, owner=owner, opened_by=by, opened_on=on
    )
    refresh_next([customer.id])
    _tell("follow_up.opened", opened, _opening(opened), by=by, at=at, on=on)
    return opened


def assign(
    follow_up: FollowUp, *, to: Member, by: Actor | None, at: datetime, on: date, version: int | None = None
) -> FollowUp:
    """Hand a follow-up to another person. Refused: to not_active; Conflict closed or stale."""
    held = _held(follow_up, version)
    _refuse(_owner_faults(to, "to"))
    if held.owner_id != to.id:
        before = held.owner.name if held.owner else ""
        held.owner = to
        _save(held, "owner")
        data = {"title": held.title, "kind": held.kind, "from": before, "to": to.name, "to_id": str(to.id)}
        _tell("follow_up.assigned", held, data, by=by, at=at, on=on)
    return held


def reschedule(
    follow_up: FollowUp,
    *,
    due_on: date,
    by: Actor | None,
    at: datetime,
    on: date,
    version: int | None = None,
) -> FollowUp:
    """Move a follow-up to another day. Refused: due_on in_past; Conflict closed or stale."""
    held = _held(follow_up, version)
    _refuse(_due_faults(due_on, on))
    if held.due_on != due_on:
        data = {"title": held.title, "kind": held.kind, "due_on": [str(held.due_on), str(due_on)]}
        held.due_on = due_on
        _save(held, "due_on")
        _tell("follow_up.rescheduled", held, data, by=by, at=at, on=on)
    return held


def done(
    follow_up: FollowUp,
    *,
    by: Member | None,
    at: datetime,
    on: date,
    outcome: str = "",
    version: int | None = None,
) -> FollowUp:
    """It has been done, with what came of it. Conflict closed or stale."""
    return _close(follow_up, FollowUp.State.DONE, outcome, version, by=by, at=at, on=on)


def cancel(
    follow_up: FollowUp,
    *,
    reason: str,
    by: Member | None,
    at: datetime,
    on: date,
    version: int | None = None,
) -> FollowUp:
    """It need not be done any more. Refused: reason required; Conflict closed or stale."""
    if not reason.strip():
        raise Refused(Fault("reason", "required", _("Say why this need not be done any more.")))
    return _close(follow_up, FollowUp.State.CANCELLED, reason, version, by=by, at=at, on=on)


def refresh_next(customer_ids: Collection[UUID]) -> None:
    """Write Standing.next_on of these customers where it differs; one statement."""
    run(NEXT, {"customers": list(customer_ids)})


NEXT = """
UPDATE customers_standing s SET next_on = n.next_on
FROM (
  SELECT u.id, min(f.due_on) AS next_on
  FROM unnest(%(customers)s::uuid[]) AS u (id)
  LEFT JOIN lifecycle_followup f ON f.tenant_id = %(tenant)s AND f.customer_id = u.id
    AND f.customer_id = ANY (%(customers)s) AND f.state = 'OPEN'
  GROUP BY u.id
) n
WHERE s.tenant_id = %(tenant)s AND s.customer_id = n.id AND s.customer_id = ANY (%(customers)s)
  AND s.next_on IS DISTINCT FROM n.next_on
"""


def _held(follow_up: FollowUp, version: int | None) -> FollowUp:
    rows = FollowUp.objects.select_for_update(of=("self",)).select_related("owner", "customer")
    held = rows.get(pk=follow_up.pk)
    if held.state != FollowUp.State.OPEN:
        raise Conflict(Fault("", "closed", _("This follow-up is closed already.")))
    held.refuse_stale(version)
    return held


def _save(held: FollowUp, *fields: str) -> None:
    held.touch().save(update_fields=[*fields, "version", "updated_at"])
    refresh_next([held.customer_id])


def _close(
    follow_up: FollowUp, state: str, outcome: str, version: int | None, *, by: Any, at: datetime, on: date
) -> FollowUp:
    held = _held(follow_up, version)
    held.state, held.outcome = state, outcome.strip()
    held.closed_by_id, held.closed_at = by.id if by else None, at
    _save(held, "state", "outcome", "closed_by", "closed_at")
    data = {"title": held.title, "kind": held.kind, "state": state, "note": held.outcome}
    _tell("follow_up.closed", held, data, by=by, at=at, on=on)
    return held


def _title_faults(title: str) -> list[Fault]:
    if not title:
        return [Fault("title", "required", _("Say what is to be done."))]
    if len(title) > TITLE_LENGTH:
        words = _("Keep it to %(length)s characters.") % {"length": TITLE_LENGTH}
        return [Fault("title", "too_long", words)]
    return []


def _due_faults(due_on: date, on: date) -> list[Fault]:
    if due_on < on:
        return [Fault("due_on", "in_past", _("This day has passed: choose today or later."))]
    return []


def _owner_faults(owner: Member | None, field: str = "owner") -> list[Fault]:
    if owner is not None and owner.status == Member.Status.LEFT:
        return [Fault(field, "not_active", _("This person has left the company."))]
    return []


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise Refused(*faults)


def _opening(opened: FollowUp) -> dict[str, Any]:
    owner = opened.owner
    return {
        "title": opened.title,
        "kind": opened.kind,
        "due_on": str(opened.due_on),
        "owner": owner.name if owner else "",
        "owner_id": str(owner.id) if owner else None,
    }


def _tell(
    name: str, follow_up: FollowUp, data: dict[str, Any], *, by: Actor | None, at: datetime, on: date
) -> None:
    record(event(name, at=at, on=on, by=by, subject=follow_up.id, customer=follow_up.customer_id, data=data))
