"""Tiers over time, read from the judgements: who moved between two days, and what each tier was worth when.

A customer without a contract in force stands outside the tiers (`OUTSIDE`), so that new and lost ones are
moves too. Only customers within the reader's reach of today count.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Case, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from crm.accounts.access import Viewer, reach
from crm.tenancy.statements import run, within
from customers.models import Customer
from tiers.models import Grade

OUTSIDE = "OUTSIDE"
STATE = f"CASE WHEN g.contracts_in_force = 0 THEN '{OUTSIDE}' ELSE g.tier END"

FLOWS = f"""
WITH was AS (
  SELECT DISTINCT ON (g.customer_id) g.customer_id, {STATE} AS tier, g.annual_amount
  FROM tiers_grade g
  WHERE g.tenant_id = %(tenant)s AND g."on" <= %(since)s AND g.customer_id IN ({{reached}})
  ORDER BY g.customer_id, g."on" DESC, g.id DESC
), now AS (
  SELECT DISTINCT ON (g.customer_id) g.customer_id, {STATE} AS tier, g.annual_amount
  FROM tiers_grade g
  WHERE g.tenant_id = %(tenant)s AND g."on" <= %(until)s AND g.customer_id IN ({{reached}})
  ORDER BY g.customer_id, g."on" DESC, g.id DESC
)
SELECT coalesce(was.tier, '{OUTSIDE}'), now.tier, count(*), sum(coalesce(was.annual_amount, 0)),
       sum(now.annual_amount)
FROM now LEFT JOIN was USING (customer_id)
GROUP BY 1, 2 HAVING coalesce(was.tier, '{OUTSIDE}') <> '{OUTSIDE}' OR now.tier <> '{OUTSIDE}'
ORDER BY 1, 2
"""

# The last judgement of a day is the one that held at its end: an earlier one lasts for no day at all.
POPULATION = f"""
WITH judged AS (
  SELECT {STATE} AS tier, g.annual_amount, g."on" AS since,
         lead(g."on", 1, 'infinity') OVER (PARTITION BY g.customer_id ORDER BY g."on", g.id) AS until
  FROM tiers_grade g
  WHERE g.tenant_id = %(tenant)s AND g."on" <= %(last)s AND g.customer_id IN ({{reached}})
)
SELECT d.day, j.tier, count(*), sum(j.annual_amount)
FROM judged j JOIN unnest(%(days)s::date[]) AS d (day) ON j.since <= d.day AND d.day < j.until
WHERE j.tier <> '{OUTSIDE}' GROUP BY 1, 2 ORDER BY 1, 2
"""


class Flow(NamedTuple):
    """How many customers went from one tier to another (or stayed), worth how much a year then and now."""

    before: str
    after: str
    customers: int
    amount_before: Decimal
    amount_after: Decimal

    @property
    def amount(self) -> Decimal:
        """What they are worth now; of those that left, what they were worth."""
        return self.amount_before if self.after == OUTSIDE else self.amount_after

    @property
    def moves(self) -> bool:
        return self.before != self.after


class Population(NamedTuple):
    """How many customers stood in a tier at the end of a day, worth how much a year."""

    day: date
    tier: str
    customers: int
    amount: Decimal


def flows(viewer: Viewer, *, since: date, until: date) -> list[Flow]:
    """Every pair of tiers at the end of both days that some customer had; those always outside left out."""
    reached, values = within(reach(viewer, Customer.objects.all()))
    rows = run(FLOWS.format(reached=reached), {"since": since, "until": until, **values})
    return [Flow(*row) for row in rows]


def population(viewer: Viewer, days: Sequence[date]) -> list[Population]:
    """The tiers at the end of each of these days, in one statement; a tier with nobody in it is absent."""
    reached, values = within(reach(viewer, Customer.objects.all()))
    rows = run(POPULATION.format(reached=reached), {"days": list(days), "last": max(days), **values})
    return [Population(*row) for row in rows]


def standing(rows: QuerySet, *, since: date, until: date) -> QuerySet:
    """Customers with `tier_before`, `tier_after`, `amount_before`, `amount_after` of the two days."""
    return rows.annotate(
        tier_before=_at_end(since, _state(), Value(OUTSIDE)),
        tier_after=_at_end(until, _state(), Value(OUTSIDE)),
        amount_before=_at_end(since, F("annual_amount"), Value(Decimal("0.00"))),
        amount_after=_at_end(until, F("annual_amount"), Value(Decimal("0.00"))),
    ).exclude(tier_before=OUTSIDE, tier_after=OUTSIDE)


def _state() -> Case:
    return Case(When(contracts_in_force=0, then=Value(OUTSIDE)), default=F("tier"))


def _at_end(day: date, what: Any, otherwise: Value) -> Coalesce:
    last = Grade.objects.filter(customer=OuterRef("pk"), on__lte=day).order_by("-on", "-id")
    return Coalesce(Subquery(last.annotate(found=what).values("found")[:1]), otherwise)
