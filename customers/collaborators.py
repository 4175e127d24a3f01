"""Collaborators 协作人: who helps with a customer of somebody else, and whether he may write there.

Whoever has the customer adds and removes them, and sees all that they write: it is written on it.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Member
from crm.events.models import Event
from crm.events.record import Actor, event, record
from crm.refusal import Conflict, Fault, Refused
from customers.models import Collaboration, Customer


def add(
    customer: Customer,
    *,
    member: Member,
    role: str = Collaboration.Role.JOINT,
    rights: str = Collaboration.Rights.READ,
    by: Actor | None,
    at: datetime,
    on: date,
) -> Collaboration:
    """Let somebody help with a customer from the day `on`.

    Refused: member not_active, owner (he has it), role invalid, rights invalid; "" no_owner (it waits in
    a pool). Conflict: member collaborates.
    """
    held = Customer.objects.select_for_update(no_key=True, of=("self",)).get(pk=customer.pk)
    faults = _faults(held, member, role, rights)
    if faults:
        raise Refused(*faults)
    if Collaboration.objects.filter(customer=held, member=member, valid_to=None).exists():
        words = _("This person helps with the customer already; remove him first to change his rights.")
        raise Conflict(Fault("member", "collaborates", words))
    about: dict[str, Any] = {"customer": held, "member": member, "role": role, "rights": rights}
    row = Collaboration.objects.create(**about, valid_from=on, added_by_id=by.id if by else None)
    record(_told("collaboration.begun", row, by=by, at=at, on=on))
    return row


def _faults(customer: Customer, member: Member, role: str, rights: str) -> list[Fault]:
    faults = []
    if member.status != Member.Status.ACTIVE:
        faults.append(Fault("member", "not_active", _("This person is leaving or has left.")))
    if customer.owner_id is None:
        faults.append(Fault("", "no_owner", _("Nobody is responsible for this customer yet.")))
    elif customer.owner_id == member.pk:
        faults.append(Fault("member", "owner", _("This person is responsible for the customer already.")))
    if role not in Collaboration.Role.values:
        faults.append(Fault("role", "invalid", _("There is no such part.")))
    if rights not in Collaboration.Rights.values:
        faults.append(Fault("rights", "invalid", _("Either READ or WRITE.")))
    return faults


def remove(row: Collaboration, *, by: Actor | None, at: datetime, on: date) -> Collaboration:
    """Let somebody help no longer from the day `on`; what he wrote stays. Conflict: ended."""
    rows = Collaboration.objects.select_for_update(no_key=True, of=("self",))
    held = rows.select_related("member").get(pk=row.pk)
    if held.valid_to is not None:
        raise Conflict(Fault("", "ended", _("This person helps no longer.")))
    _end([held], by=by, at=at, on=on)
    return held


def in_force(customer: Customer) -> "QuerySet[Collaboration]":
    """Who helps with a customer now, the first to begin first."""
    rows = Collaboration.objects.filter(customer=customer, valid_to=None).select_related("member__department")
    return rows.order_by("valid_from", "id")


def end_for_leave(events: Sequence[Event]) -> None:
    """Follows customer.released, customer.returned: in a pool nobody sees more than the others."""
    latest = max(events, key=lambda each: each.at)
    customers = [each.customer_id for each in events if each.customer_id]
    rows = Collaboration.objects.filter(customer__in=customers, valid_to=None)
    _end(_held(rows), by=None, at=latest.at, on=latest.on)


def end_for_leavers(events: Sequence[Event]) -> None:
    """Follows member.edited: who has left helps nobody any more."""
    changed = [each for each in events if "status" in each.data.get("changes", {})]
    if not changed:
        return
    latest = max(changed, key=lambda each: each.at)
    gone = {"member__in": [each.subject_id for each in changed], "member__status": Member.Status.LEFT}
    rows = Collaboration.objects.filter(**gone, valid_to=None)
    _end(_held(rows), by=None, at=latest.at, on=latest.on)


def _held(rows: "QuerySet[Collaboration]") -> list[Collaboration]:
    locked = rows.select_for_update(no_key=True, of=("self",))
    return list(locked.select_related("member").order_by("pk"))


def _end(rows: Sequence[Collaboration], *, by: Actor | None, at: datetime, on: date) -> None:
    for row in rows:
        row.valid_to, row.ended_by_id, row.updated_at = max(on, row.valid_from), by.id if by else None, at
        row.touch()
    Collaboration.objects.bulk_update(rows, ["valid_to", "ended_by", "version", "updated_at"])
    tell = partial(_told, "collaboration.ended", by=by, at=at, on=on)
    record(*(tell(row) for row in rows))


def _told(name: str, row: Collaboration, *, by: Actor | None, at: datetime, on: date) -> Event:
    data = {"name": row.member.name, "member_id": str(row.member_id), "role": row.role, "rights": row.rights}
    return event(name, subject=row.pk, customer=row.customer_id, data=data, by=by, at=at, on=on)
