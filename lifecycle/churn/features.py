"""What the churn score listens to, one row for each customer with a contract in force: one SELECT.

Set-based over contracts, interactions, receivables and usage. A signal that nobody records is NULL
("no data"), never zero. Parameters: tenant, on, and with `some` the customers.

Columns: customer_id; days_to_end (of the last contract), quoted; silent_days, intervals (how many of the
last 12 are known), usual_interval (days), interval_of OWN or DEPT, silence = silent_days ÷
usual_interval; complaints (severities of 90 days); nps_answer, satisfaction_drop; overdue_days (oldest);
renewal (the latest, by its number), renewal_ratio (its annual amount ÷ that of the last year of the
contract it renews; no amount is kept, since not everybody who sees a score may see amounts);
usage_measure (the one that fell most), usage_change (mean of 30 days ÷ mean of the 90 before − 1).
"""

from lifecycle.judging import only

OWN_INTERVALS = 5  # fewer say nothing, then the department's median stands in
LAST_INTERVALS = 12
USAGE_DAYS = 30
USAGE_BEFORE_DAYS = 90

LIVE = """
  SELECT customer_id, max(least(ends_on, cancelled_on)) - %(on)s::date AS days_to_end
  FROM customers_contract
  WHERE tenant_id = %(tenant)s AND signed_on <= %(on)s AND least(ends_on, cancelled_on) > starts_on {only}
  GROUP BY customer_id
  HAVING bool_or(starts_on <= %(on)s AND least(ends_on, cancelled_on) > %(on)s)"""

# Contacts of one day are one contact, so an interval is at least a day long.
RHYTHM = f"""
  SELECT l.customer_id, l.days_to_end, c.responsible_dept_id, d.*
  FROM {{live}} l
  JOIN customers_customer c ON c.tenant_id = %(tenant)s AND c.id = l.customer_id {{of_customer}}
  CROSS JOIN LATERAL (
    SELECT %(on)s::date - max(day) AS silent_days, count(gap) AS intervals,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY gap) AS own_interval
    FROM (
      SELECT day, day - lead(day) OVER (ORDER BY day DESC) AS gap FROM (
        SELECT DISTINCT n."on" AS day FROM customers_interaction n
        WHERE n.tenant_id = %(tenant)s AND n.customer_id = l.customer_id
          AND n.is_effective AND n."on" <= %(on)s
        ORDER BY day DESC LIMIT {LAST_INTERVALS + 1}
      ) AS days
    ) AS gaps
  ) d"""

# Some customers are measured against all of their departments, as in the night.
SAME_DEPARTMENTS = f"""AND customer_id IN (
    SELECT id FROM customers_customer WHERE tenant_id = %(tenant)s AND responsible_dept_id IN (
      SELECT responsible_dept_id FROM rhythm WHERE intervals < {OWN_INTERVALS}))"""
PEERS = f"""
peer_live AS ({LIVE.format(only=SAME_DEPARTMENTS)}),
peers AS ({RHYTHM.format(live="peer_live", of_customer="")}),"""

FEATURES = f"""
live AS ({LIVE}), rhythm AS ({RHYTHM.format(live="live", of_customer="{of_customer}")}), {{peers}}
departments AS (
  SELECT responsible_dept_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY own_interval) AS dept_interval
  FROM {{peer_rows}} WHERE intervals >= {OWN_INTERVALS} GROUP BY responsible_dept_id
), late AS (
  SELECT customer_id,
         coalesce(%(on)s::date - min(due_on) FILTER (WHERE open > 0 AND due_on < %(on)s), 0) AS overdue_days
  FROM customers_receivable WHERE tenant_id = %(tenant)s {{only}} GROUP BY customer_id
), renewed AS (
  SELECT k.customer_id, k.number AS renewal,
         round(y.annual_amount / nullif(before.annual_amount, 0), 4) AS renewal_ratio
  FROM (
    SELECT DISTINCT ON (customer_id) customer_id, id, number, renewal_of_id FROM customers_contract
    WHERE tenant_id = %(tenant)s AND renewal_of_id IS NOT NULL AND signed_on <= %(on)s
      AND least(ends_on, cancelled_on) > starts_on {{only}}
    ORDER BY customer_id, signed_on DESC, starts_on DESC, id
  ) k
  JOIN customers_contractyear y ON y.tenant_id = %(tenant)s AND y.contract_id = k.id AND y.number = 1
    {{of_year}}
  JOIN LATERAL (
    SELECT annual_amount FROM customers_contractyear
    WHERE tenant_id = %(tenant)s AND contract_id = k.renewal_of_id ORDER BY number DESC LIMIT 1
  ) before ON true
), measured AS (
  SELECT customer_id, measure,
         sum(value) FILTER (WHERE day >= %(on)s::date - {USAGE_DAYS}) / {USAGE_DAYS} AS lately,
         sum(value) FILTER (WHERE day < %(on)s::date - {USAGE_DAYS}) / {USAGE_BEFORE_DAYS} AS before
  FROM customers_usage
  WHERE tenant_id = %(tenant)s {{only}}
    AND day < %(on)s AND day >= %(on)s::date - {USAGE_DAYS + USAGE_BEFORE_DAYS}
  GROUP BY customer_id, measure
), used AS (
  SELECT DISTINCT ON (customer_id) customer_id, measure AS usage_measure,
         round(lately / before - 1, 4) AS usage_change
  FROM measured WHERE lately IS NOT NULL AND before > 0 ORDER BY customer_id, lately / before, measure
), features AS (
  SELECT r.customer_id, r.days_to_end, NULL::boolean AS quoted, r.silent_days, r.intervals, i.*,
         round(r.silent_days / nullif(i.usual_interval, 0), 4) AS silence,
         NULL::text[] AS complaints, NULL::int AS nps_answer, NULL::int AS satisfaction_drop,
         late.overdue_days, renewed.renewal, renewed.renewal_ratio,
         used.usage_measure, used.usage_change
  FROM rhythm r
  LEFT JOIN departments d ON d.responsible_dept_id = r.responsible_dept_id
  LEFT JOIN late ON late.customer_id = r.customer_id
  LEFT JOIN renewed ON renewed.customer_id = r.customer_id
  LEFT JOIN used ON used.customer_id = r.customer_id
  CROSS JOIN LATERAL (
    SELECT CASE WHEN r.intervals >= {OWN_INTERVALS} THEN 'OWN' ELSE 'DEPT' END AS interval_of,
           (CASE WHEN r.intervals >= {OWN_INTERVALS} THEN r.own_interval ELSE d.dept_interval END)::numeric
             AS usual_interval
  ) i
)"""


def features(*, some: bool) -> str:
    """The feature query as CTEs that end with `features`; with `some` kept to the customers asked for."""
    return FEATURES.format(
        only=only("customer_id", some),
        of_customer=only("c.id", some),
        of_year=only("y.customer_id", some),
        peers=PEERS if some else "",
        peer_rows="peers" if some else "rhythm",
    )
