"""Stages of a customer's life (domain.md §4): one rule table, judged in the database.

`RULES` is the only definition: in order of precedence, the first line whose condition holds gives
stage and reason. `move_all` and `restage` are one statement a tenant that writes only what differs.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from crm.events.models import Event
from crm.events.record import event
from lifecycle.judging import customers_of, judge, only, tell
from lifecycle.models import Stage, StageReason

VERSION = "STAGE-1"
RENEWAL_DAYS = 90  # before the end
OVERDUE_DAYS = 90  # after the end
SILENT_DAYS = 180
CALM_DAYS = 30  # since the band left RED


@dataclass(frozen=True)
class Rule:
    """One line of the table: a condition over the facts `f`, and the stage and reason it gives."""

    stage: Stage
    reason: StageReason
    condition: str


STARTED = "f.first_starts_on <= f.as_of"
RULES = (
    Rule(Stage.BLOCKED, StageReason.BLOCKED, "f.is_blocked"),
    Rule(Stage.CHURNED, StageReason.TERMINATED, "f.ends_on <= f.as_of AND f.terminated"),
    Rule(Stage.CHURNED, StageReason.LAPSED, f"f.ends_on + {OVERDUE_DAYS} < f.as_of"),
    Rule(Stage.OVERDUE, StageReason.ENDED, "f.ends_on <= f.as_of"),
    Rule(Stage.RENEWAL_DUE, StageReason.ENDS_SOON, f"{STARTED} AND f.ends_on - f.as_of <= {RENEWAL_DAYS}"),
    Rule(Stage.AT_RISK, StageReason.RED, "f.risk_band = 'RED'"),
    Rule(Stage.AT_RISK, StageReason.RED_LATELY, f"{STARTED} AND f.as_of - f.left_red_on < {CALM_DAYS}"),
    Rule(Stage.WON_BACK, StageReason.WON_BACK, "f.as_of < f.won_back_on + interval '12 months'"),
    Rule(
        Stage.NEW,
        StageReason.FIRST_YEAR,
        f"{STARTED} AND NOT f.renewed AND f.as_of < f.first_starts_on + interval '12 months'",
    ),
    Rule(Stage.ACTIVE, StageReason.RENEWED, f"{STARTED} AND f.renewed"),
    Rule(Stage.ACTIVE, StageReason.AFTER_FIRST_YEAR, STARTED),
    Rule(Stage.PROSPECT, StageReason.NOT_STARTED, "f.ends_on IS NOT NULL"),
    Rule(
        Stage.DORMANT,
        StageReason.SILENT,
        f"f.as_of - coalesce(f.last_contact_on, f.registered_on) >= {SILENT_DAYS}",
    ),
    Rule(Stage.PROSPECT, StageReason.CONTACTED, "f.last_contact_on IS NOT NULL"),
    Rule(Stage.LEAD, StageReason.REGISTERED, "true"),
)


def first_that_holds(column: str) -> str:
    """The rule table as an SQL expression over facts `f`; `column` is "stage" or "reason"."""
    lines = (f"WHEN {rule.condition} THEN '{getattr(rule, column)}'" for rule in RULES)
    return f"CASE {' '.join(lines)} END"


# A contract that was cancelled before it began never was one. `gone_on` is the last day on which the
# customer had not yet churned, as told by the contracts signed earlier.
FACTS = f"""
terms AS (
  SELECT customer_id, signed_on, starts_on, least(ends_on, cancelled_on) AS ends_on,
         coalesce(cancelled_on < ends_on, false) AS cut, renewal_of_id IS NOT NULL AS renews
  FROM customers_contract
  WHERE tenant_id = %(tenant)s AND signed_on <= %(on)s AND least(ends_on, cancelled_on) > starts_on {{of}}
), dated AS (
  SELECT *, max(ends_on) FILTER (WHERE cut) OVER earlier AS cut_on,
         max(ends_on) FILTER (WHERE NOT cut) OVER earlier AS ran_out_on
  FROM terms
  WINDOW earlier AS (PARTITION BY customer_id ORDER BY signed_on, starts_on
                     ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), covered AS (
  SELECT customer_id, min(starts_on) AS first_starts_on, max(ends_on) AS ends_on, bool_or(renews) AS renewed,
         coalesce(max(ends_on) FILTER (WHERE cut), '-infinity')
           > coalesce(max(ends_on) FILTER (WHERE NOT cut), '-infinity') AS terminated,
         max(signed_on) FILTER (WHERE signed_on > CASE WHEN cut_on > coalesce(ran_out_on, '-infinity')
           THEN cut_on ELSE ran_out_on + {OVERDUE_DAYS} END) AS won_back_on
  FROM dated GROUP BY customer_id
), calmed AS (
  SELECT customer_id, max("on") AS left_red_on FROM lifecycle_riskscore
  WHERE tenant_id = %(tenant)s AND band_before = 'RED' AND band <> 'RED'
    AND "on" <= %(on)s AND "on" > %(on)s::date - {CALM_DAYS} {{of}}
  GROUP BY customer_id
), facts AS (
  SELECT s.customer_id, s.stage AS from_stage, s.risk_band, %(on)s::date AS as_of,
         c.is_blocked, c.registered_on, s.last_contact_on, r.left_red_on,
         v.first_starts_on, v.ends_on, v.renewed, v.terminated, v.won_back_on
  FROM customers_standing s
  JOIN customers_customer c ON c.tenant_id = %(tenant)s AND c.id = s.customer_id {{of_customer}}
  LEFT JOIN covered v ON v.customer_id = s.customer_id
  LEFT JOIN calmed r ON r.customer_id = s.customer_id
  WHERE s.tenant_id = %(tenant)s {{of_standing}}
)"""

MOVE = f"""
WITH {FACTS}, judged AS MATERIALIZED (
  SELECT f.*, {first_that_holds("reason")} AS reason
  FROM (SELECT *, {first_that_holds("stage")} AS to_stage FROM facts f) f WHERE to_stage <> from_stage
), moved AS (
  UPDATE customers_standing s SET stage = j.to_stage FROM judged j
  WHERE s.tenant_id = %(tenant)s AND s.customer_id = j.customer_id
    AND s.stage = j.from_stage {{of_standing}}
  RETURNING j.*
)
INSERT INTO lifecycle_stagemove (tenant_id, customer_id, from_stage, to_stage, reason, inputs, "on", at)
SELECT %(tenant)s, customer_id, from_stage, to_stage, reason, jsonb_strip_nulls(jsonb_build_object(
    'first_starts_on', first_starts_on, 'ends_on', ends_on, 'renewed', renewed, 'terminated', terminated,
    'won_back_on', won_back_on, 'risk_band', nullif(risk_band, ''), 'left_red_on', left_red_on,
    'last_contact_on', last_contact_on, 'registered_on', registered_on, 'version', '{VERSION}')),
  as_of, %(at)s
FROM moved RETURNING customer_id, from_stage, to_stage, reason
"""


def move_all(on: date, at: datetime) -> int:
    """Night step: put every customer of the tenant into its stage as of the day; returns how many moved."""
    return _move(None, on, at)


def restage(customer_ids: Collection[UUID], on: date, at: datetime) -> int:
    """Put these customers into their stage as of the day; returns how many moved."""
    return _move(list(customer_ids), on, at) if customer_ids else 0


def _move(customer_ids: list[UUID] | None, on: date, at: datetime) -> int:
    some = customer_ids is not None
    sql = MOVE.format(
        of=only("customer_id", some),
        of_customer=only("c.id", some),
        of_standing=only("s.customer_id", some),
    )
    moved = judge(sql, {"on": on, "at": at}, customer_ids)
    tell(_moved(*row, on=on, at=at) for row in moved)
    return len(moved)


def _moved(customer_id: UUID, before: str, after: str, reason: str, *, on: date, at: datetime) -> Event:
    data = {"from": before, "to": after, "reason": reason}
    return event("stage.moved", at=at, on=on, subject=customer_id, customer=customer_id, data=data)


def restage_for(events: Sequence[Event]) -> None:
    """Follows what may move a customer: its stage is judged at once. Of edits only a block does."""
    telling = [each for each in events if each.name != "customer.edited" or "is_blocked" in each.data]
    if telling:
        latest = max(telling, key=lambda each: each.at)
        restage(customers_of(telling), latest.on, latest.at)
