"""Customer value 客户价值 (RFM, domain.md §2.1): scores, value and segment of every customer, and why.

R = days since the last signed contract or cash receipt, F = contracts signed in 36 months, M = cash
received in 12 months, in the tenant's currency. A contract cancelled before it began never was one.
Of M nothing counts that was given back: a refund takes from the newest receipts before it, so what a
contract keeps of the window is its balance now above the lowest one since the window began. Only of a
contract that gave back inside the window has that balance to be followed receipt by receipt.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from uuid import UUID

from crm.events.models import Event
from crm.events.record import event, record
from crm.periods import add_months
from crm.tenancy.statements import run
from customers.models import Customer
from tiers import rfmrules
from tiers.models import RfmPolicy, RfmScore

F_MONTHS = 36
M_MONTHS = 12
EVENTS_AT_ONCE = 5000

# Parameters: tenant, on, f_since and m_since (the days before the windows begin), fewest, cuts_r, cuts_f,
# cuts_m, weight_r, weight_f, weight_m.
FACTS = """
signed AS (
  SELECT customer_id, max(signed_on) AS signed_on,
         count(*) FILTER (WHERE signed_on > %(f_since)s)::int AS contracts
  FROM customers_contract
  WHERE tenant_id = %(tenant)s AND signed_on <= %(on)s AND least(ends_on, cancelled_on) > starts_on
  GROUP BY customer_id
), received AS (
  SELECT customer_id, contract_id, max(received_on) FILTER (WHERE kind = 'RECEIPT') AS received_on,
         sum(amount) FILTER (WHERE kind = 'RECEIPT' AND received_on > %(m_since)s) AS amount,
         bool_or(kind <> 'RECEIPT' AND received_on > %(m_since)s) AS gave_back
  FROM customers_payment WHERE tenant_id = %(tenant)s AND received_on <= %(on)s
  GROUP BY customer_id, contract_id
), moved AS (
  SELECT p.contract_id, p.received_on > %(m_since)s AS is_recent, s.amount,
         sum(s.amount) OVER (PARTITION BY p.contract_id ORDER BY p.received_on, p.kind, p.id) AS balance
  FROM customers_payment p
  CROSS JOIN LATERAL (SELECT CASE p.kind WHEN 'RECEIPT' THEN p.amount ELSE -p.amount END AS amount) s
  WHERE p.tenant_id = %(tenant)s AND p.received_on <= %(on)s
    AND p.contract_id IN (SELECT contract_id FROM received WHERE gave_back)
), left_over AS (
  SELECT contract_id, sum(amount) - least(coalesce(sum(amount) FILTER (WHERE NOT is_recent), 0),
                                          min(balance) FILTER (WHERE is_recent)) AS amount
  FROM moved GROUP BY contract_id
), kept AS (
  SELECT r.customer_id, r.contract_id, r.received_on,
         CASE WHEN r.gave_back THEN l.amount ELSE r.amount END AS amount
  FROM received r LEFT JOIN left_over l ON r.gave_back AND l.contract_id = r.contract_id
), paid AS (
  SELECT k.customer_id, max(k.received_on) AS received_on, sum(round(k.amount * c.book_rate, 2)) AS cash
  FROM kept k JOIN customers_contract c ON c.tenant_id = %(tenant)s AND c.id = k.contract_id
  GROUP BY k.customer_id
), facts AS (
  SELECT s.customer_id, greatest(s.signed_on, p.received_on) AS last_on, s.contracts,
         coalesce(p.cash, 0.00)::numeric(15, 2) AS cash
  FROM signed s LEFT JOIN paid p ON p.customer_id = s.customer_id
)"""

# The best is rank 1 and ties share the better rank, so they share the higher score.
SCORES = """
ranked AS (
  SELECT f.*, count(*) OVER () AS customers, rank() OVER (ORDER BY last_on DESC) AS rank_r,
         rank() OVER (ORDER BY contracts DESC) AS rank_f, rank() OVER (ORDER BY cash DESC) AS rank_m
  FROM facts f
), scored AS (
  SELECT k.*, customers >= %(fewest)s AS by_fifths, CASE WHEN customers >= %(fewest)s
      THEN 5 - (rank_r - 1) * 5 / customers
      ELSE 5 - width_bucket((%(on)s::date - last_on)::numeric, %(cuts_r)s::numeric[]) END::int AS r,
    CASE WHEN customers >= %(fewest)s THEN 5 - (rank_f - 1) * 5 / customers
      ELSE 1 + width_bucket(contracts::numeric, %(cuts_f)s::numeric[]) END::int AS f,
    CASE WHEN customers >= %(fewest)s THEN 5 - (rank_m - 1) * 5 / customers
      ELSE 1 + width_bucket(cash, %(cuts_m)s::numeric[]) END::int AS m
  FROM ranked k
), summed AS (
  SELECT s.*, sum(r) OVER () AS sum_r, sum(f) OVER () AS sum_f, sum(m) OVER () AS sum_m FROM scored s
), judged AS (
  SELECT s.*, (%(weight_r)s * r + %(weight_f)s * f + %(weight_m)s * m)::numeric(3, 2) AS value,
         CASE WHEN r * customers >= sum_r THEN 'H' ELSE 'L' END
         || CASE WHEN f * customers >= sum_f THEN 'H' ELSE 'L' END
         || CASE WHEN m * customers >= sum_m THEN 'H' ELSE 'L' END AS segment
  FROM summed s
)"""

WRITE = f"""
WITH {FACTS}, {SCORES}, latest AS (
  SELECT DISTINCT ON (customer_id) customer_id, last_on, contracts, cash, r, f, m, policy_id
  FROM tiers_rfmscore WHERE tenant_id = %(tenant)s ORDER BY customer_id, id DESC
), changed AS MATERIALIZED (
  SELECT t.customer_id AS standing_id, t.rfm_segment AS segment_before, j.*
  FROM customers_standing t
  LEFT JOIN judged j ON j.customer_id = t.customer_id
  LEFT JOIN latest l ON l.customer_id = t.customer_id
  WHERE t.tenant_id = %(tenant)s AND (
    (t.rfm_value, t.rfm_segment, l.last_on, l.contracts, l.cash, l.r, l.f, l.m) IS DISTINCT FROM
    (j.value, coalesce(j.segment, ''), j.last_on, j.contracts, j.cash, j.r, j.f, j.m)
    OR j.value IS NOT NULL AND l.policy_id IS DISTINCT FROM %(policy)s)
), written AS (
  UPDATE customers_standing t SET rfm_value = c.value, rfm_segment = coalesce(c.segment, '')
  FROM changed c
  WHERE t.tenant_id = %(tenant)s AND t.customer_id = c.standing_id
    AND (t.rfm_value, t.rfm_segment) IS DISTINCT FROM (c.value, coalesce(c.segment, ''))
)
INSERT INTO tiers_rfmscore (tenant_id, customer_id, last_on, contracts, cash, r, f, m, value, segment,
  segment_before, inputs, policy_id, "on", at)
SELECT %(tenant)s, standing_id, last_on, contracts, cash, r, f, m, value, coalesce(segment, ''),
  segment_before, CASE WHEN value IS NULL THEN '{{}}' ELSE jsonb_build_object(
    'customers', customers, 'by_fifths', by_fifths,
    'ranks', jsonb_build_array(rank_r, rank_f, rank_m),
    'means', jsonb_build_array(round(sum_r::numeric / customers, 2)::text,
      round(sum_f::numeric / customers, 2)::text, round(sum_m::numeric / customers, 2)::text)) END,
  %(policy)s, %(on)s, %(at)s
FROM changed RETURNING customer_id, segment_before, segment, value
"""


def score_all(on: date, at: datetime) -> int:
    """Night step: value every customer as of the day; returns how many judgements were written.

    Running it again writes nothing. Raises NoRfmPolicy.
    """
    policy = rfmrules.in_force(on)
    rows = run(WRITE, _parameters(policy, on) | {"policy": policy.id, "at": at})
    moves = (row for row in rows if row[1] and row[1] != row[2])
    while batch := list(islice(moves, EVENTS_AT_ONCE)):
        record(*_events(batch, on, at))
    return len(rows)


def explain(customer: Customer) -> RfmScore | None:
    """The stored judgement behind what Standing says of the value; never recomputed."""
    return RfmScore.objects.filter(customer=customer).select_related("policy").first()


def _parameters(policy: RfmPolicy, on: date) -> dict[str, object]:
    rules = rfmrules.rules_of(policy)
    return {
        "on": on,
        "f_since": add_months(on, -F_MONTHS),
        "m_since": add_months(on, -M_MONTHS),
        "fewest": rules.fewest,
        "weight_r": rules.weight_r,
        "weight_f": rules.weight_f,
        "weight_m": rules.weight_m,
        **rfmrules.plain(rules),
    }


def _events(moves: Sequence[tuple[UUID, str, str, object]], on: date, at: datetime) -> Iterator[Event]:
    for customer, before, after, value in moves:
        data = {"from": before, "to": after, "value": None if value is None else str(value)}
        yield event("customer.valued", at=at, on=on, subject=customer, customer=customer, data=data)
