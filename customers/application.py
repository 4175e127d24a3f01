"""核销: which receipt settles which instalment, and what stays open, worked out by sets in SQL.

Contract currency, oldest instalment first; what is written off of an instalment is no longer owed, and
where the plan no longer has the instalment it is owed no more anyway. A refund takes from the receipts
before it, the newest first; what is left over of the receipts is an advance and settles nothing.
"""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db import connection

from crm.tenancy.context import current
from crm.tenancy.statements import run

# A refund takes back the last money. Seen as a level that rises and falls, a receipt fills the levels
# between the balance before it and after it, and keeps those that no later balance falls below.
# FULL JOIN where an inner one would do: it is never a nested loop, which the planner takes for rows that
# were imported a moment ago and that it does not know of yet.
APPLY = """
WITH flow AS (
  SELECT contract_id, id, kind, amount, received_on, number,
    sum(CASE kind WHEN 'RECEIPT' THEN amount ELSE -amount END) OVER (
      PARTITION BY contract_id ORDER BY received_on, kind, number COLLATE "C", id) AS balance
  FROM customers_payment WHERE tenant_id = %(tenant)s {some}
), lowest AS (
  SELECT *, min(balance) OVER (
    PARTITION BY contract_id ORDER BY received_on, kind, number COLLATE "C", id
    ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS falls_to
  FROM flow
), receipts AS (
  SELECT contract_id, id, received_on, number,
    greatest(0, falls_to - greatest(0, balance - amount)) AS net
  FROM lowest WHERE kind = 'RECEIPT'
), laid AS (
  SELECT contract_id, id, net, sum(net) OVER (
    PARTITION BY contract_id ORDER BY received_on, number COLLATE "C", id) AS upto
  FROM receipts
), given_up AS (
  SELECT contract_id, instalment,
    sum(CASE kind WHEN 'WRITE_OFF' THEN amount ELSE -amount END) AS amount
  FROM customers_writeoff WHERE tenant_id = %(tenant)s AND state = 'APPROVED' {some}
  GROUP BY contract_id, instalment
), owed AS (
  SELECT r.*, least(r.left_over, coalesce(g.amount, 0)) AS off FROM (
    SELECT contract_id, id, due_on, contract_year, number, applied, written_off, amount - waived AS left_over
    FROM customers_receivable WHERE tenant_id = %(tenant)s {some}
  ) r FULL JOIN given_up g ON g.contract_id = r.contract_id AND g.instalment = r.number OFFSET 0
), items AS (
  SELECT contract_id, id, applied, written_off, off, left_over - off AS due, sum(left_over - off) OVER (
    PARTITION BY contract_id ORDER BY due_on, contract_year, number COLLATE "C", id) AS upto
  FROM owed
), pairs AS (
  SELECT p.id AS payment_id, p.net, p.upto AS paid, r.id AS receivable_id, r.due, r.upto AS owed
  FROM laid p FULL JOIN items r ON r.contract_id = p.contract_id OFFSET 0
), wanted AS MATERIALIZED (
  SELECT payment_id, receivable_id, least(paid, owed) - greatest(paid - net, owed - due) AS amount
  FROM pairs WHERE paid - net < owed AND owed - due < paid AND net > 0 AND due > 0
), had AS (
  SELECT a.id, a.payment_id, a.receivable_id, a.amount FROM customers_cashapplication a
  JOIN flow ON flow.id = a.payment_id WHERE a.tenant_id = %(tenant)s {had}
), differing AS MATERIALIZED (
  SELECT had.id, payment_id, receivable_id, w.amount FROM wanted w
  FULL JOIN had USING (payment_id, receivable_id) WHERE w.amount IS DISTINCT FROM had.amount
), gone AS (
  DELETE FROM customers_cashapplication a USING differing d
  WHERE a.tenant_id = %(tenant)s AND a.id = d.id AND d.amount IS NULL
), changed AS (
  UPDATE customers_cashapplication a SET amount = d.amount FROM differing d
  WHERE a.tenant_id = %(tenant)s AND a.id = d.id AND d.amount IS NOT NULL
), added AS (
  INSERT INTO customers_cashapplication (tenant_id, payment_id, receivable_id, amount)
  SELECT %(tenant)s, payment_id, receivable_id, amount FROM differing WHERE id IS NULL
), sums AS (
  SELECT receivable_id, sum(amount) AS applied FROM wanted GROUP BY receivable_id
)
UPDATE customers_receivable r SET applied = now.applied, written_off = now.off
FROM (
  SELECT items.id, items.off, coalesce(sums.applied, 0) AS applied
  FROM items FULL JOIN sums ON sums.receivable_id = items.id
  WHERE (items.applied, items.written_off) IS DISTINCT FROM (coalesce(sums.applied, 0), items.off) OFFSET 0
) now
WHERE r.tenant_id = %(tenant)s AND r.id = now.id {only}
"""


# Some contracts or customers: each table of the statement is kept to them, whatever the planner joins first.
OF_CONTRACTS = {
    "some": "AND contract_id = ANY(%(ids)s)",
    "had": "AND a.payment_id = ANY(ARRAY(SELECT id FROM flow))",
    "only": "AND r.contract_id = ANY(%(ids)s)",
}
OF_CUSTOMERS = {
    "some": "AND customer_id = ANY(%(ids)s)",
    "of_contract": "AND k.customer_id = ANY(%(ids)s)",
    "only": "AND s.customer_id = ANY(%(ids)s)",
}


def _parts(of: dict[str, str], ids: Collection[UUID] | None) -> dict[str, str]:
    return dict.fromkeys(of, "") if ids is None else of


def apply(contract_ids: Collection[UUID] | None = None) -> int:
    """Settle the instalments of some contracts, or of all, from their receipts again.

    Writes only what differs, so that it may run twice; returns how many instalments changed. The caller
    has locked the contracts or is the only one who writes to them.
    """
    sql = APPLY.format(**_parts(OF_CONTRACTS, contract_ids))
    with connection.cursor() as cursor:
        cursor.execute(sql, {"tenant": current(), "ids": list(contract_ids or ())})
        return cursor.rowcount


OPEN = """
UPDATE customers_standing s SET open_amount = now.open, overdue_amount = now.overdue
FROM (
  SELECT i.id, coalesce(o.open, 0) AS open, coalesce(o.overdue, 0) AS overdue
  FROM {customers} i
  LEFT JOIN (
    SELECT c.customer_id, sum(round(c.open * k.book_rate, 2)) AS open,
      sum(round(c.overdue * k.book_rate, 2)) AS overdue
    FROM (
      SELECT customer_id, contract_id, sum(open) AS open,
        coalesce(sum(open) FILTER (WHERE due_on < %(on)s), 0) AS overdue
      FROM customers_receivable WHERE tenant_id = %(tenant)s AND open > 0 {some}
      GROUP BY customer_id, contract_id
    ) c JOIN customers_contract k ON k.tenant_id = %(tenant)s AND k.id = c.contract_id {of_contract}
    GROUP BY c.customer_id
  ) o ON o.customer_id = i.id
) now
WHERE s.tenant_id = %(tenant)s AND s.customer_id = now.id
  AND (s.open_amount, s.overdue_amount) IS DISTINCT FROM (now.open, now.overdue) {only}
RETURNING s.customer_id
"""
EVERYBODY = "(SELECT customer_id AS id FROM customers_standing WHERE tenant_id = %(tenant)s)"


def refresh(customer_ids: Collection[UUID] | None, *, on: date) -> int:
    """Bring open_amount and overdue_amount of some customers, or of all (None), to the day `on`.

    In the tenant's currency at the contracts' book rates, rounded once a contract. An instalment is
    overdue from the day after it was due; an advance lowers nothing. Returns how many standings changed.
    """
    customers = EVERYBODY if customer_ids is None else "(SELECT unnest(%(ids)s::uuid[]) AS id)"
    sql = OPEN.format(customers=customers, **_parts(OF_CUSTOMERS, customer_ids))
    return len(run(sql, {"on": on, "ids": list(customer_ids or ())}))
