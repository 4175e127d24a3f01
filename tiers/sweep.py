"""Every customer's tier on a day, as SQL: class_history of spec/what-if.md §4 for a whole tenant at once.

Stateless: it reads spans and remembers nothing, so a night that was missed changes nothing. A tier is
the highest band of any day in [on − grace, on] (D7). Bands rise with the amount, so that is the band
of the highest amount. As long as nothing ends after something has started, as in a renewal, no day of
the window stands above both its first and its last one; only the other customers' days are swept.
"""

from tiers.models import Scope, TierPolicy
from tiers.spans import spans

# Every join is one of whole sets, and none asks an index for each row: a new tenant that the statistics do
# not know yet looks like one row, and then the planner takes any index that begins with the tenant.
# Parameters: tenant, on, window (the first day, on − grace), lowers and tiers (arrays, lowest band first).
CALCULATION = """
WITH RECURSIVE {family}
spans AS NOT MATERIALIZED (
  SELECT {unit_of_span} AS unit, s.* FROM ({spans}) AS s {family_of_span}
  WHERE since <= %(on)s AND until > %(window)s),
suspects AS MATERIALIZED (
  SELECT t.customer_id, {unit} AS unit, t.tier AS previous, t.annual_amount AS previous_amount,
         t.contracts_in_force AS previous_in_force, t.first_ends_on AS previous_ends_on,
         coalesce(a.amount, 0.00) AS annual_amount, coalesce(a.band, 1) AS band, a.is_doubtful,
         a.begins, a.ends, a.parts,
         coalesce(l.contracts_in_force, 0) AS contracts_in_force, l.first_ends_on,
         o.tier AS decided_tier, CASE WHEN o.id IS NOT NULL THEN jsonb_build_object(
           'from', o.valid_from, 'until', o.valid_to, 'reason', o.reason) END AS decision
  FROM customers_standing t {family_of_customer}
  LEFT JOIN (
    SELECT *, has_risen OR former > amount
              AND width_bucket(former, %(lowers)s::numeric[]) > band AS is_doubtful
    FROM (SELECT *, width_bucket(amount, %(lowers)s::numeric[]) AS band
          FROM (SELECT unit,
                  coalesce(sum(amount) FILTER (WHERE until > %(on)s), 0.00) AS amount,
                  coalesce(sum(amount) FILTER (WHERE since <= %(window)s), 0) AS former,
                  coalesce(max(until) FILTER (WHERE until <= %(on)s)
                           > min(since) FILTER (WHERE since > %(window)s), false) AS has_risen,
                  array_agg(since) FILTER (WHERE since > %(window)s OR until <= %(on)s) AS begins,
                  array_agg(until) FILTER (WHERE since > %(window)s OR until <= %(on)s) AS ends,
                  array_agg(amount) FILTER (WHERE since > %(window)s OR until <= %(on)s) AS parts
                FROM spans GROUP BY unit) AS summed) AS banded) AS a ON a.unit = {unit}
  LEFT JOIN (
    SELECT c.customer_id, count(*)::int AS contracts_in_force,
           min(least(c.ends_on, c.cancelled_on)) AS first_ends_on
    FROM customers_contract c
    WHERE c.tenant_id = %(tenant)s {only_contract} AND c.ends_on > %(on)s
      AND c.starts_on <= %(on)s AND c.signed_on <= %(on)s
      AND (c.cancelled_on IS NULL OR c.cancelled_on > %(on)s)
    GROUP BY c.customer_id) AS l ON l.customer_id = t.customer_id
  LEFT JOIN tiers_tieroverride o ON o.tenant_id = %(tenant)s AND o.customer_id = t.customer_id
    {only_override} AND o.valid_from <= %(on)s AND (o.valid_to IS NULL OR o.valid_to > %(on)s)
  WHERE t.tenant_id = %(tenant)s {only_standing} AND (a.is_doubtful OR {wanted} OR (
    t.tier, t.annual_amount, t.contracts_in_force, t.first_ends_on) IS DISTINCT FROM (
    coalesce(o.tier, (%(tiers)s::text[])[coalesce(a.band, 1)]), coalesce(a.amount, 0.00),
    coalesce(l.contracts_in_force, 0), l.first_ends_on))),
doubtful AS (SELECT DISTINCT ON (unit) * FROM suspects WHERE is_doubtful),
changes AS (
  SELECT unit, day, sum(change) AS change
  FROM (SELECT unit, %(window)s::date AS day, annual_amount AS change FROM doubtful
        UNION ALL
        SELECT unit, c.day, c.change
        FROM doubtful
        CROSS JOIN LATERAL unnest(begins, ends, parts) AS p (since, until, amount)
        CROSS JOIN LATERAL (VALUES
          (greatest(since, %(window)s), amount),
          (CASE WHEN until <= %(on)s THEN until ELSE %(window)s END, -amount)) AS c (day, change)
        WHERE since < until) AS all_changes
  GROUP BY unit, day),
levels AS (
  SELECT unit, sum(change) OVER days AS amount, lead(day) OVER days AS next_day
  FROM changes WINDOW days AS (PARTITION BY unit ORDER BY day)),
peaks AS (
  SELECT DISTINCT ON (unit) unit, width_bucket(amount, %(lowers)s::numeric[]) AS band,
         max(amount) AS highest, max(next_day) AS below_since
  FROM levels GROUP BY unit, band ORDER BY unit, band DESC),
calculated AS (
  SELECT s.*, (%(tiers)s::text[])[s.band] AS computed_tier,
         coalesce(s.decided_tier, (%(tiers)s::text[])[coalesce(p.band, s.band)]) AS tier,
         coalesce(p.highest, s.annual_amount) AS highest,
         CASE WHEN p.band > s.band THEN p.below_since END AS below_since
  FROM suspects s LEFT JOIN peaks p USING (unit))
"""

# The group of a customer is everything below the root of its parents; a circle of parents has no root,
# and each of its members stands alone.
FAMILY = """
family AS (
  SELECT c.id AS member, c.id AS root FROM customers_customer c
  WHERE c.tenant_id = %(tenant)s AND c.parent_id IS NULL {only_customer}
  UNION ALL
  SELECT c.id, f.root FROM family f
  JOIN customers_customer c ON c.tenant_id = %(tenant)s AND c.parent_id = f.member),"""

# All whom a parent links to one of the customers, over any number of steps.
RELATIVES = """
WITH RECURSIVE kin AS (
  SELECT id, parent_id FROM customers_customer
  WHERE tenant_id = %(tenant)s AND id = ANY (%(ids)s)
  UNION
  SELECT c.id, c.parent_id FROM kin k
  JOIN customers_customer c ON c.tenant_id = %(tenant)s AND (c.id = k.parent_id OR c.parent_id = k.id))
SELECT id FROM kin"""


ONLY = "AND {customer_id} = ANY (%(customers)s)"


def calculation(policy: TierPolicy, *, some: bool, wanted: str = "false") -> str:
    """The statement's beginning, up to the CTE `calculated`: a row for every customer that may differ from
    what Standing says, and for whom `wanted` (a condition on `t`) asks for besides.

    With `some` it is kept to the customers of the parameter `customers` (whole groups, if groups count).
    """
    grouped = policy.class_scope == Scope.GROUP
    only = ONLY if some else ""
    family = FAMILY.format(only_customer=only.format(customer_id="c.id")) if grouped else ""
    joined = "LEFT JOIN family f ON f.member = {}.customer_id" if grouped else ""
    return CALCULATION.format(
        family=family,
        wanted=wanted,
        spans=spans(policy, only),
        unit_of_span="coalesce(f.root, s.customer_id)" if grouped else "s.customer_id",
        family_of_span=joined.format("s"),
        unit="coalesce(f.root, t.customer_id)" if grouped else "t.customer_id",
        family_of_customer=joined.format("t"),
        only_contract=only.format(customer_id="c.customer_id"),
        only_override=only.format(customer_id="o.customer_id"),
        only_standing=only.format(customer_id="t.customer_id"),
    )
