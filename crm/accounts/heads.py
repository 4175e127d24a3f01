"""Who is asked above a person: the head of a department, of the next one above that has one, an executive."""

from collections.abc import Collection
from uuid import UUID

from crm.accounts.models import Member
from crm.accounts.rights import Role
from crm.tenancy import statements

# A part of a statement: for every department those who are asked, the nearest first. Whoever must not judge
# his own case is left out by `(array_remove(h.ids, him))[1]`.
HEADS = f"""
heads AS MATERIALIZED (
  SELECT d.id AS department, array_agg(m.id ORDER BY n.near DESC,
    CASE WHEN n.near THEN array_position(d.ancestors, m.department_id) END DESC NULLS LAST, m.code) AS ids
  FROM accounts_department d
  JOIN accounts_member m ON m.tenant_id = %(tenant)s AND m.status <> 'LEFT'
  CROSS JOIN LATERAL (SELECT m.roles @> ARRAY['{Role.DEPT_HEAD}']::varchar[]
    AND m.department_id = ANY (d.ancestors) AS near) n
  WHERE d.tenant_id = %(tenant)s AND (n.near OR m.roles @> ARRAY['{Role.EXECUTIVE}']::varchar[])
  GROUP BY d.id
)
"""
ONE = f"""
WITH {HEADS} SELECT (array_remove(ids, %(but)s::uuid))[1] FROM heads WHERE department = %(department)s
"""

MANY = f"WITH {HEADS} SELECT department, ids FROM heads WHERE department = ANY (%(departments)s)"


def head_of(department_id: UUID, *, but: UUID) -> Member | None:
    """Who is asked about the people of a department, other than the person himself; None for nobody."""
    found = statements.run(ONE, {"department": department_id, "but": but})
    return Member.objects.filter(pk=found[0][0]).first() if found else None


def lines(department_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Who is asked about the people of each department, the nearest first; [] where there is nobody."""
    found = dict(statements.run(MANY, {"departments": list(department_ids)})) if department_ids else {}
    return {key: found.get(key, []) for key in department_ids}
