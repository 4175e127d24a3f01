"""Scoring customers by the policy in force: one statement a tenant that writes only what differs."""

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import Max

from crm.events.models import Event
from crm.events.record import event
from lifecycle.churn import policy
from lifecycle.churn.features import features
from lifecycle.churn.score import compile_settings
from lifecycle.judging import customers_of, judge, only, tell
from lifecycle.models import Band, RiskPolicy, RiskScore

# Many customers share the same points, so what follows from points is worked out once a pattern.
# A customer without a contract in force has no row of features: its score becomes null.
CALCULATION = """
WITH {features}, points AS MATERIALIZED (
  SELECT f.*, {points} AS points FROM features f
), patterns AS MATERIALIZED (
  {judgement}
), scores AS (
  SELECT p.*, t.score, t.band, t.reasons FROM points p JOIN patterns t ON t.points = p.points
), judged AS MATERIALIZED (
  SELECT s.customer_id AS standing_id, s.risk_band AS band_before, p.*
  FROM customers_standing s LEFT JOIN scores p ON p.customer_id = s.customer_id
  WHERE s.tenant_id = %(tenant)s {only}
    AND (s.risk_score, s.risk_band, s.risk_reasons)
      IS DISTINCT FROM (p.score, coalesce(p.band, ''), coalesce(p.reasons, '[]'))
)"""

SCORE = f"""{CALCULATION}, written AS (
  UPDATE customers_standing s
  SET risk_score = p.score, risk_band = coalesce(p.band, ''), risk_reasons = coalesce(p.reasons, '[]')
  FROM judged p WHERE s.tenant_id = %(tenant)s AND s.customer_id = p.standing_id
    AND s.risk_band = p.band_before {{only}}
  RETURNING p.*
)
INSERT INTO lifecycle_riskscore
  (tenant_id, customer_id, score, band, band_before, signals, reasons, policy_id, "on", at)
SELECT %(tenant)s, standing_id, score, coalesce(band, ''), band_before,
       CASE WHEN score IS NULL THEN '[]' ELSE {{signals}} END, coalesce(reasons, '[]'),
       %(policy)s, %(on)s, %(at)s
FROM written p RETURNING customer_id, score, band, band_before, reasons
"""


def score_all(on: date, at: datetime) -> int:
    """Night step: score every customer as of the day; returns how many scores, bands or reasons changed."""
    return _score(None, on, at)


def rescore(customer_ids: Collection[UUID], on: date, at: datetime) -> int:
    """Score these customers as of the day; returns how many scores, bands or reasons changed."""
    return _score(list(customer_ids), on, at) if customer_ids else 0


def rescore_for(events: Sequence[Event]) -> None:
    """Follows what may change a score: the customers are scored, and what no longer holds is closed.

    A follower that comes late, as after an outage of the queue, judges no day before the last judgement.
    """
    latest = max(events, key=lambda each: each.at)
    customers = customers_of(events)
    judged = RiskScore.objects.filter(customer__in=customers).aggregate(on=Max("on"), at=Max("at"))
    rescore(customers, max(latest.on, judged["on"] or latest.on), max(latest.at, judged["at"] or latest.at))


def statement(rules: RiskPolicy, *, some: bool) -> str:
    """The scoring statement of a policy; parameters: tenant, on, at, policy and with `some` customers."""
    sql = compile_settings(policy.read(rules.settings))
    return SCORE.format(
        features=features(some=some),
        points=sql.points,
        judgement=sql.judgement("(SELECT DISTINCT points FROM points)"),
        signals=sql.signals,
        only=only("s.customer_id", some),
    )


def _score(customer_ids: list[UUID] | None, on: date, at: datetime) -> int:
    rules = policy.in_force(on)
    sql = statement(rules, some=customer_ids is not None)
    changed = judge(sql, {"on": on, "at": at, "policy": rules.id}, customer_ids)
    tell(_crossings(changed, on, at))
    return len(changed)


def _crossings(changed: list[tuple], on: date, at: datetime) -> Iterator[Event]:
    for customer_id, score, band, before, reasons in changed:
        if (band == Band.RED) != (before == Band.RED):
            name = "risk.flagged" if band == Band.RED else "risk.cleared"
            data = {"score": score, "band": band, "before": before, "reasons": json.loads(reasons)}
            yield event(name, at=at, on=on, subject=customer_id, customer=customer_id, data=data)
