"""The limits of the night: what has to be read and added up to know the figures, and nothing else."""

GRADE = """
SELECT count(*), count(tier), sum(annual_amount), sum(amount), sum(contracts), min(first_ends_on) FROM (
  SELECT t.tier, t.annual_amount, y.amount, c.contracts, c.first_ends_on
  FROM customers_standing t
  LEFT JOIN (
    SELECT customer_id, sum(annual_amount) FILTER (WHERE counts_until > %(on)s) AS amount
    FROM customers_contractyear
    WHERE tenant_id = %(tenant)s AND counts_from <= %(on)s AND counts_until > %(window)s
    GROUP BY customer_id) AS y USING (customer_id)
  LEFT JOIN (
    SELECT customer_id, count(*) AS contracts, min(least(ends_on, cancelled_on)) AS first_ends_on
    FROM customers_contract
    WHERE tenant_id = %(tenant)s AND ends_on > %(on)s AND starts_on <= %(on)s AND signed_on <= %(on)s
      AND (cancelled_on IS NULL OR cancelled_on > %(on)s)
    GROUP BY customer_id) AS c USING (customer_id)
  WHERE t.tenant_id = %(tenant)s) AS figures"""

STAGES = """
SELECT count(*), count(stage), count(risk_band), min(last_contact_on), count(*) FILTER (WHERE is_blocked),
  min(registered_on), min(first_starts_on), max(ends_on), max(last_signed_on), count(*) FILTER (WHERE renewed)
FROM (
  SELECT s.stage, s.risk_band, s.last_contact_on, c.is_blocked, c.registered_on, k.*
  FROM customers_standing s
  JOIN customers_customer c ON c.tenant_id = %(tenant)s AND c.id = s.customer_id
  LEFT JOIN (
    SELECT customer_id, min(starts_on) AS first_starts_on, max(least(ends_on, cancelled_on)) AS ends_on,
      max(signed_on) AS last_signed_on, bool_or(renewal_of_id IS NOT NULL) AS renewed
    FROM customers_contract WHERE tenant_id = %(tenant)s AND signed_on <= %(on)s
    GROUP BY customer_id) AS k ON k.customer_id = s.customer_id
  WHERE s.tenant_id = %(tenant)s) AS facts"""

CASH = """
SELECT count(*), sum(open_amount), sum(overdue_amount), sum(open), sum(overdue) FROM (
  SELECT s.open_amount, s.overdue_amount, o.open, o.overdue
  FROM customers_standing s
  LEFT JOIN (
    SELECT r.customer_id, sum(r.open * k.book_rate) AS open,
      sum(r.open * k.book_rate) FILTER (WHERE r.due_on < %(on)s) AS overdue
    FROM customers_receivable r JOIN customers_contract k ON k.tenant_id = %(tenant)s AND k.id = r.contract_id
    WHERE r.tenant_id = %(tenant)s AND r.open > 0
    GROUP BY r.customer_id) AS o ON o.customer_id = s.customer_id
  WHERE s.tenant_id = %(tenant)s) AS figures"""

VALUE = """
SELECT count(*), count(rfm_segment), sum(rfm_value), max(signed_on), sum(contracts), max(received_on),
  sum(cash), sum(scores)
FROM (
  SELECT t.rfm_segment, t.rfm_value, k.signed_on, k.contracts, p.received_on, p.cash, l.scores
  FROM customers_standing t
  LEFT JOIN (SELECT customer_id, max(signed_on) AS signed_on,
      count(*) FILTER (WHERE signed_on > %(on)s - 1096) AS contracts
    FROM customers_contract
    WHERE tenant_id = %(tenant)s AND signed_on <= %(on)s AND least(ends_on, cancelled_on) > starts_on
    GROUP BY customer_id) AS k ON k.customer_id = t.customer_id
  LEFT JOIN (SELECT r.customer_id, max(r.received_on) AS received_on,
      sum(r.amount * c.book_rate) FILTER (WHERE r.received_on > %(on)s - 366) AS cash
    FROM customers_payment r JOIN customers_contract c ON c.tenant_id = %(tenant)s AND c.id = r.contract_id
    WHERE r.tenant_id = %(tenant)s AND r.received_on <= %(on)s
    GROUP BY r.customer_id) AS p ON p.customer_id = t.customer_id
  LEFT JOIN (SELECT customer_id, sum(value) AS scores FROM tiers_rfmscore
    WHERE tenant_id = %(tenant)s GROUP BY customer_id) AS l ON l.customer_id = t.customer_id
  WHERE t.tenant_id = %(tenant)s) AS facts"""

ACCRUE = """
SELECT count(*), max(k.updated_at), max(a.updated_at), min(a.next_on), max(p.last_at), max(e.last_at)
FROM customers_contract k
LEFT JOIN commissions_accrualstate a ON a.tenant_id = %(tenant)s AND a.contract_id = k.id
LEFT JOIN (SELECT contract_id, max(updated_at) AS last_at FROM customers_payment
  WHERE tenant_id = %(tenant)s GROUP BY contract_id) AS p ON p.contract_id = k.id
LEFT JOIN (SELECT contract_id, max(updated_at) AS last_at FROM customers_contractexpense
  WHERE tenant_id = %(tenant)s GROUP BY contract_id) AS e ON e.contract_id = k.id
WHERE k.tenant_id = %(tenant)s AND k.signed_on <= %(on)s"""

STRATEGIES = """
SELECT count(*), min(contact_due_on), min(last_contact_on), min(registered_on), count(tier), count(stage),
  count(*) FILTER (WHERE is_blocked)
FROM (
  SELECT s.contact_due_on, s.last_contact_on, s.tier, s.stage, c.registered_on, c.is_blocked
  FROM customers_standing s JOIN customers_customer c ON c.tenant_id = %(tenant)s AND c.id = s.customer_id
  WHERE s.tenant_id = %(tenant)s) AS facts"""

FEATURES = "WITH {features} SELECT count(*), sum(length(f::text)) FROM features f"
