"""What the night does with disputes: a missed ruling goes to a senior manager, an unappealed one is final."""

from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from crm.accounts.rights import Role
from crm.events.record import event, record
from crm.tenancy import statements

ESCALATE = """
UPDATE customers_ownershipdispute q
SET judge_id = coalesce(h.head_id, q.judge_id), escalated_on = %(on)s, version = q.version + 1,
  updated_at = %(at)s
FROM (
  SELECT q.id, q.judge_id, top.id AS head_id
  FROM customers_ownershipdispute q
  LEFT JOIN LATERAL (
    SELECT m.id FROM accounts_member m WHERE m.tenant_id = %(tenant)s
      AND m.status = 'ACTIVE' AND m.roles @> ARRAY[%(top)s]::varchar[]
      AND m.id NOT IN (q.claimant_id, q.respondent_id, q.judge_id)
      AND NOT EXISTS (SELECT 1 FROM customers_disputeruling r
        WHERE r.tenant_id = %(tenant)s AND r.dispute_id = q.id AND r.by_id = m.id)
    ORDER BY m.code LIMIT 1
  ) top ON true
  WHERE q.tenant_id = %(tenant)s AND q.state IN ('OPEN', 'APPEALED') AND q.escalated_on IS NULL
    AND q.due_on < %(on)s
) h
JOIN accounts_member was ON was.tenant_id = %(tenant)s AND was.id = h.judge_id
JOIN accounts_member now ON now.tenant_id = %(tenant)s AND now.id = coalesce(h.head_id, h.judge_id)
WHERE q.tenant_id = %(tenant)s AND q.id = h.id
RETURNING q.id, q.customer_id, q.judge_id, was.id, was.name, q.due_on, now.name
"""
CLOSE = """
UPDATE customers_ownershipdispute q
SET state = 'FINAL', closed_on = %(on)s, version = q.version + 1, updated_at = %(at)s
WHERE q.tenant_id = %(tenant)s AND q.state = 'RULED' AND q.appeal_until < %(on)s
RETURNING q.id, q.customer_id
"""


def move_on(on: date, at: datetime) -> int:
    """A step of the night: disputes whose ruling is late go to a senior manager, those that nobody has
    appealed in time are closed; returns how many of both."""
    values: dict[str, Any] = {"on": on, "at": at, "top": Role.EXECUTIVE.value}
    late, settled = statements.run(ESCALATE, values), statements.run(CLOSE, values)
    tell = partial(event, at=at, on=on)
    told = [
        tell("ownership_dispute.escalated", subject=key, customer=customer, data=_late(*more))
        for key, customer, *more in late
    ]
    told += [tell("ownership_dispute.closed", subject=key, customer=customer) for key, customer in settled]
    record(*told)
    return len(told)


def _late(judge: UUID, was_id: UUID, was: str, due_on: date, to: str) -> dict[str, Any]:
    """Whose ruling is late, and to whom it goes."""
    who = {"from": was, "from_id": str(was_id), "to": to, "to_id": str(judge)}
    return who | {"due_on": str(due_on)}
