"""Who is responsible changes: the one statement that ends a manager's credit, begins the next, and tells
the customer's row. A stretch in a pool is such a credit too, so that no day of a customer is nobody's.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from psycopg.types.json import Jsonb

from crm.accounts.models import Department, Member
from crm.events.record import Actor
from crm.tenancy import statements
from crm.tenancy.context import current
from customers.models import AssignmentPolicy, CustomerPool

# The rows that move: where a customer goes (`department` with or without `member`, or `pool`), by what
# rule, why, and what that rested on. Another source than these arrays gives the same columns.
GIVEN = """
SELECT * FROM unnest(%(ids)s::uuid[], %(members)s::uuid[], %(departments)s::uuid[], %(pools)s::uuid[],
    %(inputs)s::jsonb[]) AS u (id, member, department, pool, inputs)
"""
# A credit that began today is changed in place: it would be empty if it ended today. `begun` reads `ended`
# row by row, so that a credit has ended before the next one begins and the two never overlap.
MOVE = """
WITH {before}moved AS MATERIALIZED ({source}), replaced AS (
  UPDATE customers_ownershipcredit c
  SET member_id = m.member, department_id = m.department, pool_id = m.pool, rule = %(rule)s,
    policy_id = %(policy)s::uuid, reason = %(reason)s, decided_by_id = %(by)s::uuid,
    inputs = m.inputs || jsonb_build_object('replaced', jsonb_build_object('rule', c.rule,
      'member', c.member_id, 'department', c.department_id, 'pool', c.pool_id, 'inputs', c.inputs))
  FROM moved m
  WHERE c.tenant_id = %(tenant)s AND c.customer_id = m.id AND c.role = 'MANAGER'
    AND c.valid_to IS NULL AND c.valid_from = %(on)s
  RETURNING c.customer_id
), ended AS (
  UPDATE customers_ownershipcredit c SET valid_to = %(on)s FROM moved m
  WHERE c.tenant_id = %(tenant)s AND c.customer_id = m.id AND c.role = 'MANAGER'
    AND c.valid_to IS NULL AND c.valid_from < %(on)s
  RETURNING c.customer_id
), begun AS (
  INSERT INTO customers_ownershipcredit (tenant_id, customer_id, role, department_id, member_id, pool_id,
    basis_points, valid_from, rule, policy_id, reason, inputs, decided_by_id)
  SELECT %(tenant)s, m.id, 'MANAGER', m.department, m.member, m.pool, 10000, %(on)s, %(rule)s,
    %(policy)s::uuid, %(reason)s, m.inputs, %(by)s::uuid
  FROM moved m
  LEFT JOIN replaced r ON r.customer_id = m.id LEFT JOIN ended e ON e.customer_id = m.id
  WHERE r.customer_id IS NULL
), told AS (
  UPDATE customers_customer c SET owner_id = m.member, responsible_dept_id = m.department,
    pool_id = m.pool, version = c.version + 1, updated_at = %(at)s
  FROM moved m WHERE c.tenant_id = %(tenant)s AND c.id = m.id
)
SELECT m.* FROM moved m
"""
# A part of a statement about credits `m`: since when and by what rule a customer is held. What was handed
# over and comes back goes on where it stopped.
HELD = """CROSS JOIN LATERAL (SELECT
    coalesce((m.inputs -> 'resumes' ->> 'since')::date, m.valid_from) AS since,
    coalesce(m.inputs -> 'resumes' ->> 'rule', m.rule) AS rule) held"""
CARRY = """
UPDATE customers_customer c
SET owner_id = m.member_id, responsible_dept_id = m.department_id, pool_id = m.pool_id
FROM unnest(%(ids)s::uuid[]) AS i(id)
LEFT JOIN customers_ownershipcredit m ON m.tenant_id = %(tenant)s AND m.customer_id = i.id
  AND m.role = 'MANAGER' AND m.valid_to IS NULL
WHERE c.tenant_id = %(tenant)s AND c.id = i.id
  AND (c.owner_id, c.responsible_dept_id, c.pool_id)
    IS DISTINCT FROM (m.member_id, m.department_id, m.pool_id)
"""


class Place(NamedTuple):
    """Where a customer goes: to a person, into a pool, or to a department that has nobody for it.

    `inputs` are what the decision rested on.
    """

    member: Member | None
    pool: CustomerPool | None
    inputs: Mapping[str, Any]
    department: Department | None = None

    @property
    def department_id(self) -> UUID | None:
        """The responsible department: his, if it goes to a person."""
        if self.member is not None:
            return self.member.department_id
        return self.department.pk if self.department else None


def move(
    places: Mapping[UUID, Place],
    *,
    rule: str,
    policy: AssignmentPolicy | None = None,
    reason: str,
    by: Actor | None,
    at: datetime,
    on: date,
) -> None:
    """Let customers change hands on a day by one rule; the caller holds their rows and tells the event.

    `policy` is the version of the decision table, when the rule is a row of it.
    """
    values = {
        "ids": list(places),
        "members": [place.member and place.member.pk for place in places.values()],
        "departments": [place.department_id for place in places.values()],
        "pools": [place.pool and place.pool.pk for place in places.values()],
        "inputs": [Jsonb(dict(place.inputs)) for place in places.values()],
    }
    run(GIVEN, values, rule=rule, policy=policy, reason=reason, by=by, at=at, on=on)


def run(
    source: str,
    params: Mapping[str, Any],
    *,
    before: str = "",
    rule: str,
    policy: AssignmentPolicy | None = None,
    reason: str = "",
    by: Actor | None,
    at: datetime,
    on: date,
) -> list[tuple]:
    """The same for the rows of a query with the columns of GIVEN; returns them. `before` are its WITHs."""
    told: dict[str, Any] = {"rule": rule, "policy": policy and policy.pk, "reason": reason}
    told |= {"by": by.id if by else None, "at": at, "on": on}
    return statements.run(MOVE.format(before=before, source=source), {**params, **told})


def carry(customer_ids: Sequence[UUID]) -> int:
    """Set the customers' owner, department and pool to the credit in force; returns how many changed.

    For who writes the credits of new customers himself.
    """
    with connection.cursor() as cursor:
        cursor.execute(CARRY, {"tenant": current(), "ids": list(customer_ids)})
        return cursor.rowcount
