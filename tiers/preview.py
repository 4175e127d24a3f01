"""What a version of the rules would change: every customer's tier before and after its first night.

The night's own calculation (tiers.sweep) stands three times in one statement: by the rules that hold
until then on the day before, by the same rules on the day, and by the proposed ones on the day.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from crm.accounts.access import Viewer, reach
from crm.tenancy.context import current
from customers.models import Customer
from tiers import policies
from tiers.grading import parameters
from tiers.models import TierPolicy
from tiers.policies import Band, Proposal
from tiers.sweep import calculation

PER_PAGE = 50
ONE_DAY = timedelta(days=1)

MOVES = """
WITH before AS MATERIALIZED ({before}), anyway AS MATERIALIZED ({anyway}), after AS MATERIALIZED ({after}),
judged AS MATERIALIZED (
  SELECT t.customer_id, coalesce(b.tier, t.tier) AS before, coalesce(a.tier, t.tier) AS after,
         coalesce(a.annual_amount, t.annual_amount) AS amount,
         coalesce(n.tier, t.tier) = coalesce(a.tier, t.tier) AS anyway
  FROM customers_standing t
  LEFT JOIN before b ON b.customer_id = t.customer_id
  LEFT JOIN anyway n ON n.customer_id = t.customer_id
  LEFT JOIN after a ON a.customer_id = t.customer_id
  WHERE t.tenant_id = %(tenant)s AND t.customer_id IN ({reached})),
flows AS (
  SELECT before, after, count(*) AS customers, sum(amount) AS amount, count(*) FILTER (WHERE anyway) AS anyway
  FROM judged GROUP BY before, after),
page AS (
  SELECT j.customer_id, c.name, j.before, j.after, j.amount, j.anyway::int AS anyway
  FROM judged j JOIN customers_customer c ON c.tenant_id = %(tenant)s AND c.id = j.customer_id
  WHERE j.before <> '' AND j.before <> j.after
    AND (%(from)s::text IS NULL OR j.before = %(from)s) AND (%(to)s::text IS NULL OR j.after = %(to)s)
  ORDER BY c.name, j.customer_id LIMIT %(limit)s OFFSET %(offset)s)
SELECT NULL::uuid AS customer_id, NULL::text AS name, before, after, amount, anyway, customers FROM flows
UNION ALL
SELECT customer_id, name, before, after, amount, anyway, 1 FROM page
ORDER BY name NULLS FIRST, customer_id
"""
JUDGED = " SELECT customer_id, tier, annual_amount FROM calculated"
OWN = re.compile(r"%\((on|window|lowers|tiers)\)s")


class Flow(NamedTuple):
    """How many customers go from one tier to another (or stay), worth how much a year.

    `anyway` of them would be in the new tier on that day by the old rules too.
    """

    before: str
    after: str
    customers: int
    amount: Decimal
    anyway: int

    @property
    def moves(self) -> bool:
        return bool(self.before) and self.before != self.after


class Move(NamedTuple):
    """One customer that goes from one tier to another; `anyway`: by the old rules too."""

    customer: UUID
    name: str
    before: str
    after: str
    amount: Decimal
    anyway: bool


@dataclass(frozen=True)
class Page:
    """Which of the moves are wanted: from a tier, to a tier, and the place in the list, from 1."""

    before: str | None = None
    after: str | None = None
    number: int = 1
    size: int = PER_PAGE


@dataclass(frozen=True)
class Preview:
    """All flows between the tiers, and one page of the customers that move."""

    flows: Sequence[Flow]
    moves: Sequence[Move]
    page: Page

    @property
    def moved(self) -> int:
        """How many customers move in all."""
        return sum(flow.customers for flow in self.flows if flow.moves)

    @property
    def anyway(self) -> int:
        """How many of them would have moved by the old rules too."""
        return sum(flow.anyway for flow in self.flows if flow.moves)

    @property
    def amount(self) -> Decimal:
        """What the customers that move are worth a year."""
        return sum((flow.amount for flow in self.flows if flow.moves), Decimal(0))

    @property
    def listed(self) -> int:
        """How many moves the page is a part of."""
        page = self.page
        return sum(
            flow.customers
            for flow in self.flows
            if flow.moves and page.before in (None, flow.before) and page.after in (None, flow.after)
        )

    @property
    def has_more(self) -> bool:
        return self.listed > self.page.number * self.page.size


def preview(proposal: Proposal, viewer: Viewer, *, on: date, page: Page | None = None) -> Preview:
    """What the first night of a proposal would change among the customers within a viewer's reach.

    Raises Refused as tiers.policies.judge does.
    """
    policies.judge(proposal, on)
    page = page or Page()
    statement, values = _statement(proposal, viewer)
    values |= {
        "from": page.before,
        "to": page.after,
        "limit": page.size,
        "offset": (page.number - 1) * page.size,
    }
    with connection.cursor() as cursor:
        # As in tiers.sweep: loops over rows that were not expected cost hours.
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(statement, values)
        rows = cursor.fetchall()
        cursor.execute("SET LOCAL enable_nestloop = DEFAULT")
    flows = [_flow(row) for row in rows if row[0] is None]
    moves = [_move(row) for row in rows if row[0] is not None]
    return Preview(flows, moves, page)


def _flow(row: Sequence[Any]) -> Flow:
    _customer, _name, before, after, amount, anyway, customers = row
    return Flow(before, after, customers, amount, anyway)


def _move(row: Sequence[Any]) -> Move:
    customer, name, before, after, amount, anyway, _customers = row
    return Move(customer, name, before, after, amount, bool(anyway))


def _statement(proposal: Proposal, viewer: Viewer) -> tuple[str, dict[str, Any]]:
    day = proposal.valid_from
    old = policies.in_force(day - ONE_DAY)
    reached, values = _reached(viewer)
    parts = {
        "before": _judged("before", old, day - ONE_DAY),
        "anyway": _judged("anyway", old, day),
        "after": _judged("after", proposal.rules(old.currency), day, proposal.bands),
    }
    for _sql, given in parts.values():
        values |= given
    return MOVES.format(reached=reached, **{name: sql for name, (sql, _given) in parts.items()}), values


def _judged(
    name: str, policy: TierPolicy, on: date, bands: Sequence[Band] | None = None
) -> tuple[str, dict[str, Any]]:
    """The night's calculation as a part of a larger statement, with parameters of its own."""
    given = parameters(policy, on, bands)
    sql = OWN.sub(rf"%({name}_\1)s", calculation(policy, some=False) + JUDGED)
    return sql, {key if key == "tenant" else f"{name}_{key}": value for key, value in given.items()}


def _reached(viewer: Viewer) -> tuple[str, dict[str, Any]]:
    """The ids of the customers within reach, as SQL with named parameters."""
    rows = reach(viewer, Customer.objects.order_by()).values("pk")
    sql, given = rows.query.sql_with_params()
    names = [f"reach_{number}" for number in range(len(given))]
    named = sql % tuple(f"%({name})s" for name in names)
    return named, dict(zip(names, given, strict=True)) | {"tenant": current()}
