"""Follow-ups 跟进记录: what was said to a customer, and when we spoke last."""

from collections.abc import Collection
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Member
from crm.events.models import Event
from crm.events.record import Actor, event, record
from crm.refusal import Fault, Refused
from crm.tenancy.context import current
from crm.tenancy.models import Tenant
from customers import once
from customers.faults import of_fields
from customers.models import Contact, Customer, Interaction

SAME = ("customer_id", "kind", "note", "on", "is_effective")
NOON = time(12)


def log(
    customer: Customer,
    *,
    kind: str,
    note: str,
    happened_on: date,
    by: Actor | None,
    at: datetime,
    on: date,
    member: Member | None = None,
    contact: Contact | None = None,
    is_effective: bool = True,
    next_on: date | None = None,
    next_note: str = "",
    number: str = "",
) -> Interaction:
    """Record a follow-up; an effective one (the customer was reached) moves the day of last contact.

    `member` is who spoke, by default the actor. `number` is the key of the system it comes from: the same
    again with the same content returns the first. The agreed next step travels in the event.
    Refused: kind; happened_on in_future; next_on in_past; contact other_customer; number duplicate_number.
    """
    row = Interaction(
        customer=customer,
        contact=contact,
        number=number.strip(),
        member_id=member.pk if member else (by.id if by else None),
        kind=kind,
        on=happened_on,
        at=at,
        note=note.strip(),
        is_effective=is_effective,
    )
    _judge(row, on, next_on)
    row.at = at if row.on == on else _noon(row.on)
    row, new = once.put(row, SAME)
    if new:
        refresh([customer.pk])
        record(_told(row, next_on, next_note, by=by, at=at, on=on))
    return row


def _told(
    row: Interaction, next_on: date | None, next_note: str, *, by: Actor | None, at: datetime, on: date
) -> Event:
    step = {"next_on": next_on.isoformat(), "next_note": next_note.strip()} if next_on else {}
    data = {"kind": row.kind, "note": row.note, "is_effective": row.is_effective, "on": row.on.isoformat()}
    about: dict[str, Any] = {"subject": row.pk, "customer": row.customer_id, "data": data | step}
    return event("interaction.logged", at=at, on=on, by=by, **about)


def _judge(row: Interaction, on: date, next_on: date | None) -> None:
    faults = [
        Fault("happened_on" if fault.field == "on" else fault.field, fault.code, fault.message)
        for fault in of_fields(row, "number", "kind", "note", "on")
    ]
    if not faults and row.on > on:
        faults.append(Fault("happened_on", "in_future", _("This day is still to come.")))
    if next_on is not None and next_on < on:
        faults.append(Fault("next_on", "in_past", _("The next step lies ahead.")))
    if row.contact is not None and row.contact.customer_id != row.customer_id:
        words = _("This person belongs to another customer.")
        faults.append(Fault("contact", "other_customer", words))
    if faults:
        raise Refused(*faults)


def _noon(day: date) -> datetime:
    """A follow-up entered later is put at midday of its day, in the tenant's zone."""
    zone = Tenant.objects.only("time_zone").get(pk=current()).time_zone
    return datetime.combine(day, NOON, ZoneInfo(zone))


LAST_CONTACT = """
UPDATE customers_standing s SET last_contact_on = last.on
FROM (
  SELECT customer_id, max("on") AS on FROM customers_interaction
  WHERE tenant_id = %(tenant)s AND is_effective {some} GROUP BY customer_id
) last
WHERE s.tenant_id = %(tenant)s AND s.customer_id = last.customer_id
  AND s.last_contact_on IS DISTINCT FROM last.on {only}
"""


def refresh(customer_ids: Collection[UUID] | None) -> int:
    """Bring last_contact_on of some customers, or of all (None), to their last effective follow-up."""
    parts = {"some": "AND customer_id = ANY(%(ids)s)", "only": "AND s.customer_id = ANY(%(ids)s)"}
    sql = LAST_CONTACT.format(**(dict.fromkeys(parts, "") if customer_ids is None else parts))
    with connection.cursor() as cursor:
        cursor.execute(sql, {"tenant": current(), "ids": list(customer_ids or ())})
        return cursor.rowcount
