"""What becomes of registrations 报备: they take effect by the first follow-up, or lapse in the night."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from crm.accounts.models import Member
from crm.events.models import Event
from crm.events.record import event, record
from crm.tenancy import statements
from customers import ownership
from customers.assignment.candidates import Newcomer
from customers.models import Customer, Registration
from customers.pools import clocks

# The first follow-up of the registrant or his department that reached the customer in time. A contact and
# the night both hold the customer's standing before its registration, so that neither waits for the other.
EFFECT = """
WITH held AS MATERIALIZED (
  SELECT s.customer_id FROM customers_standing s
  WHERE s.tenant_id = %(tenant)s AND s.customer_id = ANY (%(customers)s) AND s.customer_id IN (
    SELECT w.customer_id FROM customers_registration w WHERE w.tenant_id = %(tenant)s
      AND w.customer_id = ANY (%(customers)s) AND w.effective_on IS NULL AND w.lapsed_on IS NULL)
  ORDER BY s.customer_id FOR UPDATE
)
UPDATE customers_registration r
SET effective_on = f."on", effective_at = greatest(f.at, r.registered_at), follow_up_id = f.follow_up,
  fixes_developer = NOT EXISTS (
    SELECT FROM customers_ownershipcredit c WHERE c.tenant_id = %(tenant)s AND c.customer_id = r.customer_id
      AND c.role = 'DEVELOPER' AND c.valid_to IS NULL),
  version = r.version + 1, updated_at = %(at)s
FROM (
  SELECT DISTINCT ON (o.id) o.id, i.id AS follow_up, i."on", i.at
  FROM customers_registration o
  JOIN customers_interaction i ON i.tenant_id = %(tenant)s AND i.customer_id = o.customer_id
    AND i.is_effective AND i."on" BETWEEN o.registered_on AND o.due_on
    AND i.customer_id = ANY (%(customers)s)
  JOIN accounts_member m ON m.tenant_id = %(tenant)s AND m.id = i.member_id
    AND (m.id = o.member_id OR m.department_id = o.department_id)
  WHERE o.tenant_id = %(tenant)s AND o.effective_on IS NULL AND o.lapsed_on IS NULL
    AND o.customer_id = ANY (%(customers)s)
  ORDER BY o.id, i."on", i.at, i.id
) f, held
WHERE held.customer_id = r.customer_id AND r.tenant_id = %(tenant)s AND r.id = f.id
  AND r.effective_on IS NULL AND r.lapsed_on IS NULL
RETURNING r.id
"""


def take_effect_for(events: Sequence[Event]) -> None:
    """Follows interaction.logged, interactions.imported: who was reached in time is developed."""
    latest = max(events, key=lambda each: each.at)
    customers = {each.customer_id for each in events if each.data.get("is_effective")}
    if imported := [number for each in events for number in each.data.get("ids", ())]:
        waiting = Registration.objects.filter(effective_on=None, lapsed_on=None)
        reached = waiting.filter(customer__interactions__in=imported)
        customers |= set(reached.values_list("customer_id", flat=True))
    if customers:
        ids = [row[0] for row in statements.run(EFFECT, {"customers": list(customers), "at": latest.at})]
        _take_effect(ids, at=latest.at, on=latest.on)


def _take_effect(ids: Sequence[UUID], *, at: datetime, on: date) -> None:
    if not ids:
        return
    rows = list(_told_of(ids))
    firsts = [row for row in rows if row.fixes_developer]
    newcomers = [
        Newcomer(
            row.customer,
            developer=row.member,
            product_kind=row.product_kind,
            line=row.line,
            expected_annual=row.expected_annual,
        )
        for row in firsts
    ]
    rules = dict(zip(firsts, ownership.develop(newcomers, by=None, at=at, on=on), strict=True))
    after = {one.pk: one for one in Customer.objects.filter(pk__in=[r.customer_id for r in rows])}
    names = dict(Member.objects.filter(customers__in=after).values_list("pk", "name"))
    record(*(_effect(row, rules.get(row), after[row.customer_id], names, at=at, on=on) for row in rows))


def _told_of(ids: Sequence[UUID]) -> "QuerySet[Registration]":
    rows = Registration.objects.filter(pk__in=ids).order_by("effective_at", "id")
    return rows.select_related("customer__owner", "member", "department")


def _effect(
    row: Registration,
    rule: str | None,
    after: Customer,
    names: dict[UUID, str],
    *,
    at: datetime,
    on: date,
) -> Event:
    """Took effect; from_id and to_id are who was responsible before and is now."""
    was = row.customer.owner
    data = {
        "developer": row.department.name if row.fixes_developer else None,
        "rule": rule,
        "from": was and was.name,
        "from_id": was and str(was.pk),
        "to": after.owner_id and names[after.owner_id],
        "to_id": after.owner_id and str(after.owner_id),
    }
    about: dict[str, Any] = {"subject": row.pk, "customer": row.customer_id, "data": data}
    return event("registration.effective", at=at, on=on, **about)


LAPSE = """
WITH due AS (
  SELECT r.id, r.customer_id FROM customers_registration r
  JOIN customers_customer c ON c.tenant_id = %(tenant)s AND c.id = r.customer_id
  WHERE r.tenant_id = %(tenant)s AND r.effective_on IS NULL AND r.lapsed_on IS NULL
    AND r.registered_on < %(on)s AND (r.due_on < %(on)s OR c.pool_id IS NOT NULL)
), held AS MATERIALIZED (
  SELECT s.customer_id FROM customers_standing s
  WHERE s.tenant_id = %(tenant)s AND s.customer_id IN (SELECT customer_id FROM due)
  ORDER BY s.customer_id FOR UPDATE
)
UPDATE customers_registration r
SET lapsed_on = %(on)s, version = r.version + 1, updated_at = %(at)s
FROM due JOIN held ON held.customer_id = due.customer_id
WHERE r.tenant_id = %(tenant)s AND r.id = due.id AND r.effective_on IS NULL AND r.lapsed_on IS NULL
RETURNING r.id
"""


def lapse_due(on: date, at: datetime) -> int:
    """A step of the night: who was not reached in time, or has dropped into a pool, is free again."""
    ids = [row[0] for row in statements.run(LAPSE, {"on": on, "at": at})]
    rows = list(_told_of(ids)) if ids else []
    owned = Customer.objects.filter(registrations__in=ids, owner=F("registrations__member"))
    drops = {clock.customer_id: clock.on for clock in clocks.of(owned, on) if clock.by == "registered"}
    record(
        *(
            event(
                "registration.lapsed",
                at=at,
                on=on,
                subject=row.pk,
                customer=row.customer_id,
                data=_lapse(row, drops.get(row.customer_id)),
            )
            for row in rows
        )
    )
    return len(rows)


def _lapse(row: Registration, drops_on: date | None) -> dict[str, Any]:
    who = {"member": row.member.name, "member_id": str(row.member_id), "department": row.department.name}
    return who | {"drops_on": drops_on and str(drops_on)}
