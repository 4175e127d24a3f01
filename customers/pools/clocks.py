"""When customers drop into the public sea 公海, for the whole book in one statement (domain.md §2.2).

The due day follows from the last follow-up, the owner's first day and the pool's rules; it is stored nowhere.
customers.pools.protection says the same in Python for one customer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from crm.events.record import event, record
from crm.tenancy import statements
from customers import crediting
from customers.models import Customer
from customers.pools.protection import REMINDERS

RELEASE = "RELEASE"
EVENTS_AT_ONCE = 5000

# `home`: the pool a department's customers drop into (the nearest one upwards, else the company's own) with
# its rules; `clock`: every customer with an owner, what shields it, and the day on which it drops.
CLOCK = f"""
home AS MATERIALIZED (
  SELECT d.id AS department, r.*
  FROM accounts_department d
  CROSS JOIN LATERAL (
    SELECT p.id FROM customers_customerpool p
    WHERE p.tenant_id = %(tenant)s AND (p.department_id IS NULL OR p.department_id = ANY (d.ancestors))
    ORDER BY array_position(d.ancestors, p.department_id) DESC NULLS LAST LIMIT 1
  ) p
  JOIN customers_poolpolicy r ON r.tenant_id = %(tenant)s AND r.pool_id = p.id
    AND r.valid_from <= %(on)s AND (r.valid_to IS NULL OR r.valid_to > %(on)s)
  WHERE d.tenant_id = %(tenant)s
), signed AS (
  SELECT k.customer_id, max(k.signed_on) AS last_on,
    max(least(k.ends_on, coalesce(k.cancelled_on, k.ends_on))) AS until
  FROM customers_contract k WHERE k.tenant_id = %(tenant)s {{only_contracts}} GROUP BY k.customer_id
), clock AS (
  SELECT c.id, c.name, c.owner_id, c.responsible_dept_id, h.pool_id, h.code AS rules, s.tier,
    held.since, s.last_contact_on, coalesce(e.days, 0) AS extended,
    term.follow_up, term.signature, term.registered, term.first_touch,
    least(term.follow_up, term.signature, term.registered, term.first_touch) + 1 AS drops_on,
    CASE WHEN c.is_locked THEN 'locked'
      WHEN g.until > %(on)s THEN 'contract_in_force'
      WHEN g.until + h.renewal_days > %(on)s THEN 'renewal_window'
      WHEN g.until + h.renewal_days + make_interval(months => h.win_back_months) > %(on)s THEN 'win_back'
      WHEN s.open_amount > 0 THEN 'open_receivable'
      WHEN q.id IS NOT NULL THEN 'open_dispute' END AS shield
  FROM customers_customer c
  JOIN home h ON h.department = c.responsible_dept_id
  JOIN customers_standing s ON s.tenant_id = %(tenant)s AND s.customer_id = c.id {{only_standings}}
  JOIN customers_ownershipcredit m ON m.tenant_id = %(tenant)s AND m.customer_id = c.id
    AND m.role = 'MANAGER' AND m.valid_to IS NULL {{only_credits}}
  {crediting.HELD}
  LEFT JOIN customers_extension e ON e.tenant_id = %(tenant)s AND e.credit_id = m.id
    AND e.member_id = m.member_id AND e.state = 'GRANTED' {{only_extensions}}
  LEFT JOIN signed g ON g.customer_id = c.id
  LEFT JOIN customers_ownershipdispute q ON q.tenant_id = %(tenant)s AND q.customer_id = c.id
    AND q.state IN ('OPEN', 'RULED', 'APPEALED') {{only_disputes}}
  CROSS JOIN LATERAL (SELECT coalesce((h.stretch ->> s.tier)::int, 1) AS factor,
    coalesce(e.days, 0) AS more) x
  CROSS JOIN LATERAL (SELECT
    greatest(s.last_contact_on, held.since) + h.follow_up_days * x.factor + x.more AS follow_up,
    CASE WHEN g.last_on >= held.since THEN NULL
      ELSE held.since + h.signature_days * x.factor + x.more END AS signature,
    CASE WHEN held.rule = 'REGISTRATION'
      THEN held.since + h.registered_days * x.factor + x.more END AS registered,
    CASE WHEN held.rule = 'CLAIM' AND (s.last_contact_on IS NULL OR s.last_contact_on < held.since)
      THEN held.since + h.first_touch_days END AS first_touch) term
  WHERE c.tenant_id = %(tenant)s AND c.owner_id IS NOT NULL {{only_customers}}
)
"""
BY = """CASE drops_on - 1 WHEN follow_up THEN 'follow_up' WHEN signature THEN 'signature'
  WHEN registered THEN 'registered' ELSE 'first_touch' END"""
INPUTS = f"""jsonb_build_object('by', {BY}, 'owner_since', since, 'last_follow_up', last_contact_on,
  'tier', tier, 'version', rules, 'extended', extended)"""
DUE = f"""
SELECT k.id, NULL::uuid AS member, NULL::uuid AS department, k.pool_id AS pool, {INPUTS} AS inputs,
  k.owner_id, o.name AS owner, p.name AS pool_name, {BY} AS by
FROM clock k
JOIN accounts_member o ON o.tenant_id = %(tenant)s AND o.id = k.owner_id
JOIN customers_customerpool p ON p.tenant_id = %(tenant)s AND p.id = k.pool_id
WHERE k.shield IS NULL AND k.drops_on <= %(on)s
"""
# Whoever transfers or returns one of these meanwhile is waited for; what then still drops is asked anew.
HOLD = """
WITH {clock} SELECT c.id FROM customers_customer c
WHERE c.tenant_id = %(tenant)s AND c.id IN (SELECT id FROM clock WHERE shield IS NULL AND drops_on <= %(on)s)
ORDER BY c.id FOR NO KEY UPDATE
"""
ANY = ("IN (%(held)s)", "= ANY (%(held)s)")
NEAR = f"""
WITH {{clock}} SELECT id, owner_id, drops_on, {BY} FROM clock
WHERE shield IS NULL AND drops_on - %(on)s = ANY (%(days)s) AND {BY} NOT IN ('first_touch', 'registered')
ORDER BY drops_on, id
"""
SEEN = f"""
WITH {{clock}} SELECT id, drops_on, CASE WHEN shield IS NULL THEN {BY} ELSE '' END, coalesce(shield, ''),
  since, last_contact_on, rules, extended
FROM clock WHERE shield IS NULL AND drops_on <= %(until)s OR %(until)s IS NULL
ORDER BY drops_on, name, id
"""
# The first to drop, with how many there are up to each bound.
SOON = f"""
WITH {{clock}}, due AS MATERIALIZED (
  SELECT *, drops_on - %(on)s AS days FROM clock WHERE shield IS NULL AND drops_on - %(on)s <= %(most)s
), counted AS (
  SELECT array_agg((SELECT count(*) FROM due WHERE days <= bound) ORDER BY bound) AS counts
  FROM unnest(%(bounds)s) AS bound
)
SELECT n.counts, d.id, d.drops_on, {BY}, '', d.since, d.last_contact_on, d.rules, d.extended
FROM due d, counted n ORDER BY d.drops_on, d.name, d.id LIMIT %(shown)s
"""
ONLY = {
    "only_customers": "AND c.id IN ({ids})",
    "only_contracts": "AND k.customer_id IN ({ids})",
    "only_standings": "AND s.customer_id IN ({ids})",
    "only_credits": "AND m.customer_id IN ({ids})",
    "only_disputes": "AND q.customer_id IN ({ids})",
    "only_extensions": "AND e.customer_id IN ({ids})",
}


def _clock(rows: "QuerySet[Customer] | None" = None) -> tuple[str, dict[str, Any]]:
    """The common part of the statements, for all customers or those of a queryset."""
    if rows is None:
        return CLOCK.format(**dict.fromkeys(ONLY, "")), {}
    ids, values = statements.within(rows)
    return CLOCK.format(**{name: only.format(ids=ids) for name, only in ONLY.items()}), values


def release_due(on: date, at: datetime) -> int:
    """A step of the night: whatever has run out and is not shielded drops into its pool; returns how many."""
    clock, _values = _clock()
    held = [row[0] for row in statements.run(HOLD.format(clock=clock), {"on": on})]
    if not held:
        return 0
    clock = CLOCK.format(**{name: only.format(ids="%(held)s").replace(*ANY) for name, only in ONLY.items()})
    freed = crediting.run(DUE, {"held": held}, before=f"{clock}, ", rule=RELEASE, by=None, at=at, on=on)
    tell = partial(event, "customer.released", at=at, on=on)
    _record(tell(subject=row[0], customer=row[0], data=_told(*row[5:])) for row in freed)
    return len(freed)


def _told(owner_id: UUID, owner: str, pool: str, by: str) -> dict[str, Any]:
    return {"from": owner, "from_id": str(owner_id), "to": None, "to_id": None, "pool": pool, "by": by}


def warn_due(on: date, at: datetime) -> int:
    """A step of the night: tell the owners whose customers drop in 7, 3 and 1 days; returns how many.

    Of a first contact that is due after a claim or a registration they were told at once.
    """
    clock, _values = _clock()
    rows = statements.run(NEAR.format(clock=clock), {"on": on, "days": list(REMINDERS)})
    tell = partial(event, "customer.release_near", at=at, on=on)
    _record(
        tell(
            subject=key,
            customer=key,
            data={"days": (day - on).days, "drops_on": str(day), "by": by, "owner_id": str(owner)},
        )
        for key, owner, day, by in rows
    )
    return len(rows)


def _record(events: Any) -> None:
    waiting = list(events)
    for start in range(0, len(waiting), EVENTS_AT_ONCE):
        record(*waiting[start : start + EVENTS_AT_ONCE])


@dataclass(frozen=True)
class Clock:
    """When a customer drops (`on`) by which term (`by`), or what shields it.

    `rules` is their version; `extended` are the days that its owner was granted.
    """

    customer_id: UUID
    on: date
    by: str
    shield: str
    since: date
    last_follow_up: date | None
    rules: str
    extended: int


def of(rows: "QuerySet[Customer]", on: date) -> list[Clock]:
    """The clocks of the customers of a queryset that have an owner, the first to drop first."""
    return _seen(rows, on, None)


def dropping(rows: "QuerySet[Customer]", on: date, until: date) -> Sequence[Clock]:
    """Those that will drop up to and with a day by the rules in force on `on`, if nothing happens."""
    return _seen(rows, on, until)


@dataclass(frozen=True)
class Preview:
    """The first customers to drop, and how many drop within each of some numbers of days."""

    clocks: Sequence[Clock]
    counts: Sequence[int]


def preview(rows: "QuerySet[Customer]", on: date, *, bounds: Sequence[int], shown: int) -> Preview:
    """Those of a queryset that drop within the largest bound: counted, and a page of them named."""
    clock, values = _clock(rows)
    limits = {"on": on, "bounds": list(bounds), "most": max(bounds), "shown": shown}
    found = statements.run(SOON.format(clock=clock), {**limits, **values})
    counts = found[0][0] if found else [0] * len(bounds)
    return Preview([Clock(*row[1:]) for row in found], counts)


def _seen(rows: "QuerySet[Customer]", on: date, until: date | None) -> list[Clock]:
    clock, values = _clock(rows)
    return [
        Clock(*row) for row in statements.run(SEEN.format(clock=clock), {"on": on, "until": until, **values})
    ]
