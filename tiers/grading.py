"""Grading 客户分级: the tier of every customer on a day, written where it differs, with its why.

The rule is class_history of spec/what-if.md §4; the SQL of it stands in tiers.sweep.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Prefetch

from crm.events.models import Event
from crm.events.record import event, record
from crm.tenancy.context import current
from customers.models import Customer
from tiers import policies
from tiers.models import Grade, Scope, TierBand, TierPolicy, Trigger
from tiers.sweep import ONLY, RELATIVES, calculation

TRIGGERS = {
    "contract.signed": Trigger.SIGNATURE,
    "contract.amended": Trigger.AMENDMENT,
    "contract.cancelled": Trigger.CANCELLATION,
    "contracts.imported": Trigger.IMPORT,
    "customer.registered": Trigger.REGISTRATION,
    "customers.imported": Trigger.IMPORT,
}
EVENTS_AT_ONCE = 5000
MANY = 5000
LOCK = """
SELECT customer_id FROM customers_standing
WHERE tenant_id = %(tenant)s AND customer_id = ANY (%(ids)s) ORDER BY customer_id FOR UPDATE"""
OWNERS = """
SELECT DISTINCT customer_id FROM customers_contract
WHERE tenant_id = %(tenant)s AND id = ANY (%(ids)s)"""

# A row that another transaction graded since this statement began is left as it is: that grade is
# the fresher one.
WRITE = """,
changed AS MATERIALIZED (
  SELECT * FROM calculated c
  WHERE (previous, previous_amount, previous_in_force, previous_ends_on)
    IS DISTINCT FROM (tier, annual_amount, contracts_in_force, first_ends_on) OR {wanted}
    OR below_since IS NOT NULL AND below_since IS DISTINCT FROM (
      SELECT g.below_since FROM tiers_grade g
      WHERE g.tenant_id = %(tenant)s AND g.customer_id = c.customer_id ORDER BY g.id DESC LIMIT 1)),
written AS (
  UPDATE customers_standing t
  SET tier = c.tier, annual_amount = c.annual_amount, contracts_in_force = c.contracts_in_force,
      first_ends_on = c.first_ends_on
  FROM changed c
  WHERE t.tenant_id = %(tenant)s {only} AND t.customer_id = c.customer_id
    AND (t.tier, t.annual_amount, t.contracts_in_force, t.first_ends_on) IS NOT DISTINCT FROM
        (c.previous, c.previous_amount, c.previous_in_force, c.previous_ends_on)
  RETURNING c.*),
counted AS (
  SELECT unit, jsonb_agg(jsonb_build_object('contract', s.contract_id, 'amount', s.amount::text,
                                            'since', s.since, 'until', s.until)) AS contracts
  FROM spans s JOIN (SELECT DISTINCT unit FROM written) AS w USING (unit)
  WHERE since < until GROUP BY unit),
graded AS (
  INSERT INTO tiers_grade (tenant_id, customer_id, tier, previous, computed_tier, annual_amount,
    contracts_in_force, first_ends_on, below_since, "on", at, trigger, policy_id, inputs)
  SELECT %(tenant)s, w.customer_id, w.tier, w.previous, w.computed_tier, w.annual_amount,
    w.contracts_in_force, w.first_ends_on, w.below_since, %(on)s, %(at)s, %(trigger)s, %(policy)s,
    jsonb_build_object('highest', w.highest::text, 'decision', w.decision,
                       'contracts', coalesce(c.contracts, '[]'))
  FROM written w LEFT JOIN counted c USING (unit)
  RETURNING customer_id, tier, previous, annual_amount)
SELECT total, customer_id, tier, previous, annual_amount
FROM (SELECT count(*) AS total FROM graded) AS t
LEFT JOIN (SELECT * FROM graded WHERE previous <> '' AND previous <> tier) AS moves ON true
"""
NEW_TO_POLICY = """
    NOT EXISTS (SELECT FROM tiers_grade g WHERE g.tenant_id = %(tenant)s
                AND g.customer_id = {customer_id} AND g.policy_id = %(policy)s)"""


def grade_all(on: date, at: datetime) -> int:
    """Grade every customer of the tenant as of a day; returns how many judgements were written.

    The first night of a policy version writes one for every customer, so that the record names the
    version that holds. Running it again writes nothing. Raises NoPolicy.
    """
    policy = policies.in_force(on)
    rows = _grade(policy, on, at, Trigger.NIGHT)
    if policy.applied_on is None:
        TierPolicy.objects.filter(pk=policy.pk).update(applied_on=on)
    return rows


def regrade(customer_ids: Iterable[UUID], *, on: date, at: datetime, trigger: str) -> int:
    """Grade some customers at once (and their groups, where groups count); returns how many changed.

    For many customers, as after an import, it looks at everybody, which is cheaper.
    """
    policy = policies.in_force(on)
    ids = sorted(set(customer_ids))
    if policy.class_scope == Scope.GROUP:
        ids = sorted(_ids(RELATIVES, ids))
    # In one order, and before the statement takes its snapshot: two signatures at once add up.
    _ids(LOCK, ids)
    return _grade(policy, on, at, trigger, ids if len(ids) <= MANY else None)


def regrade_for(events: Sequence[Event]) -> None:
    """Follows signatures, cancellations, registrations and imports: their customers are graded at once."""
    for name in {each.name for each in events}:
        batch = [each for each in events if each.name == name]
        regrade(_customers(batch), on=batch[-1].on, at=batch[-1].at, trigger=TRIGGERS[name])


def regrade_families(events: Sequence[Event]) -> None:
    """Follows edits: where groups count, a company that moves changes the group it leaves and its new one."""
    moved = [each for each in events if "parent" in each.data and each.customer_id]
    if not moved or policies.in_force(moved[-1].on).class_scope != Scope.GROUP:
        return
    ids = {each.customer_id for each in moved if each.customer_id}
    ids |= {UUID(each.data["parent_was"]) for each in moved if "parent_was" in each.data}
    regrade(ids, on=moved[-1].on, at=moved[-1].at, trigger=Trigger.GROUP)


def explain(customer: Customer) -> Grade | None:
    """The stored judgement behind what Standing says today, with its policy and bands; never recomputed."""
    bands = Prefetch("policy__bands", TierBand.objects.order_by("rank"))
    return Grade.objects.filter(customer=customer).select_related("policy").prefetch_related(bands).first()


def parameters(
    policy: TierPolicy, on: date, bands: Iterable[TierBand | policies.Band] | None = None
) -> dict[str, Any]:
    """What tiers.sweep asks for: the tenant in scope, the day, the grace window and the bands.

    `bands` are those of a policy that is not stored.
    """
    bands = sorted(bands or policy.bands.all(), key=lambda band: band.lower)
    return {
        "tenant": current(),
        "on": on,
        "window": on - timedelta(days=policy.downgrade_grace_days),
        "lowers": [band.lower for band in bands],
        "tiers": [band.tier for band in bands],
    }


def _grade(
    policy: TierPolicy, on: date, at: datetime, trigger: str, ids: Sequence[UUID] | None = None
) -> int:
    some = ids is not None
    first_night = trigger == Trigger.NIGHT and policy.applied_on is None
    wanted = NEW_TO_POLICY if first_night else "false"
    statement = calculation(
        policy, some=some, wanted=wanted.format(customer_id="t.customer_id")
    ) + WRITE.format(
        wanted=wanted.format(customer_id="c.customer_id"),
        only=ONLY.format(customer_id="t.customer_id") if some else "",
    )
    values = {"at": at, "trigger": trigger, "policy": policy.id, "customers": ids}
    with connection.cursor() as cursor:
        # For the same reason as in tiers.sweep: loops over rows that were not expected cost hours.
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(statement, parameters(policy, on) | values)
        rows = cursor.fetchall()
        cursor.execute("SET LOCAL enable_nestloop = DEFAULT")
    moves = (row[1:] for row in rows if row[1] is not None)
    while batch := list(islice(moves, EVENTS_AT_ONCE)):
        record(*_events(batch, policy, on, at))
    return int(rows[0][0])


def _events(moves: Sequence[tuple], policy: TierPolicy, on: date, at: datetime) -> Iterator[Event]:
    for customer, tier, previous, amount in moves:
        data = {"tier": tier, "previous": previous, "annual_amount": str(amount), "policy": policy.code}
        yield event("customer.graded", at=at, on=on, subject=customer, customer=customer, data=data)


def _customers(batch: Sequence[Event]) -> set[UUID]:
    """Whom the events speak of; an event of an import names its rows in `ids`."""
    if not batch[0].name.endswith("s.imported"):
        return {each.customer_id for each in batch if each.customer_id}
    ids = {UUID(number) for each in batch for number in each.data["ids"]}
    return ids if batch[0].name == "customers.imported" else _ids(OWNERS, ids)


def _ids(query: str, ids: Iterable[UUID]) -> set[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"tenant": current(), "ids": list(ids)})
        return {row[0] for row in cursor.fetchall()}
