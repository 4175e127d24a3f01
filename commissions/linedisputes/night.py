"""What the night does with disputes of lines: one that was not answered in time goes to the superior."""

from datetime import date, datetime
from typing import Any

from crm.accounts.heads import HEADS
from crm.events.record import event, record
from crm.tenancy import statements

ESCALATE = f"""
WITH {HEADS}
UPDATE commissions_linedispute q
SET answerer_id = coalesce(l.head_id, q.answerer_id), escalated_on = %(on)s, version = q.version + 1,
  updated_at = %(at)s
FROM (
  SELECT q.id, q.answerer_id, (
    SELECT x.id FROM unnest(h.ids) WITH ORDINALITY AS x (id, place)
    WHERE x.id NOT IN (q.answerer_id, q.member_id) ORDER BY x.place LIMIT 1) AS head_id
  FROM commissions_linedispute q
  JOIN accounts_member a ON a.tenant_id = %(tenant)s AND a.id = q.answerer_id
  LEFT JOIN heads h ON h.department = a.department_id
  WHERE q.tenant_id = %(tenant)s AND q.state IN ('OPEN', 'REVIEW') AND q.escalated_on IS NULL
    AND q.due_on < %(on)s
) l
JOIN accounts_member was ON was.tenant_id = %(tenant)s AND was.id = l.answerer_id
JOIN accounts_member now ON now.tenant_id = %(tenant)s AND now.id = coalesce(l.head_id, l.answerer_id)
WHERE q.tenant_id = %(tenant)s AND q.id = l.id
RETURNING q.id, q.member_id, q.due_on, was.id, was.name, now.id, now.name
"""


def escalate(on: date, at: datetime) -> int:
    """A step of the night: disputes of lines that are late go, once, to the superior of who should have
    answered; returns how many."""
    values: dict[str, Any] = {"on": on, "at": at}
    late = statements.run(ESCALATE, values)
    told = []
    for key, member, due_on, was_id, was, to_id, to in late:
        data = {"member_id": str(member), "due_on": str(due_on), "from": was, "from_id": str(was_id)}
        data |= {"to": to, "to_id": str(to_id), "answerer_id": str(to_id)}
        told.append(event("line_dispute.escalated", subject=key, data=data, at=at, on=on))
    record(*told)
    return len(told)
