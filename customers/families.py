"""Groups of companies: who stands above whom, never in a circle, and what a group is worth to us."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.db.models import DecimalField, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from crm.accounts.access import Viewer, reach
from crm.tenancy.context import current
from customers.models import ContractYear, Customer

MONEY = DecimalField(max_digits=15, decimal_places=2)
TURN = "SELECT pg_advisory_xact_lock(hashtextextended('customers.families', %s))"
ABOVE = """
WITH RECURSIVE above AS (
  SELECT id, parent_id FROM customers_customer WHERE tenant_id = %(tenant)s AND id = %(start)s
  UNION
  SELECT c.id, c.parent_id FROM above a
  JOIN customers_customer c ON c.tenant_id = %(tenant)s AND c.id = a.parent_id)
SELECT EXISTS (SELECT FROM above WHERE id = %(customer)s)"""
# Level by level downwards from the companies at the top; a member of a circle has no top above it.
GROUP = """
WITH RECURSIVE kin AS (
  SELECT id, parent_id FROM customers_customer WHERE tenant_id = %(tenant)s AND id = %(customer)s
  UNION
  SELECT c.id, c.parent_id FROM kin k
  JOIN customers_customer c ON c.tenant_id = %(tenant)s AND (c.id = k.parent_id OR c.parent_id = k.id)),
down AS (
  SELECT id, 0 AS level FROM kin WHERE parent_id IS NULL
  UNION ALL
  SELECT k.id, d.level + 1 FROM down d JOIN kin k ON k.parent_id = d.id)
SELECT id, level FROM down"""


def take_turn() -> None:
    """Let nobody else of the company move a customer in its group until the transaction ends.

    To be called before any row is locked: two moves at once would each not see the other's, and close a
    circle together.
    """
    with connection.cursor() as cursor:
        cursor.execute(TURN, [current()])


def is_above(customer: Customer, other: Customer | None) -> bool:
    """Whether a customer is another one, or stands above it, over any number of steps."""
    if other is None:
        return False
    with connection.cursor() as cursor:
        cursor.execute(ABOVE, {"tenant": current(), "start": other.pk, "customer": customer.pk})
        return bool(cursor.fetchone()[0])


@dataclass(frozen=True)
class Relative:
    """A company of a group: how far it stands below the top, and what its own contracts are worth a year."""

    customer: Customer
    level: int
    annual_amount: Decimal

    @property
    def steps(self) -> range:
        """As many as it stands below the top."""
        return range(self.level)


@dataclass(frozen=True)
class Family:
    """The companies of a group that a viewer reaches, each below the one above it."""

    members: Sequence[Relative]

    @property
    def annual_amount(self) -> Decimal:
        return sum((one.annual_amount for one in self.members), Decimal("0.00"))

    @property
    def open_amount(self) -> Decimal:
        return sum((one.customer.standing.open_amount for one in self.members), Decimal("0.00"))

    @property
    def contracts_in_force(self) -> int:
        return sum(one.customer.standing.contracts_in_force for one in self.members)


def family(customer: Customer, viewer: Viewer, on: date) -> Family:
    """The group of a customer as a viewer may see it; the customer alone where it has none. Two queries."""
    with connection.cursor() as cursor:
        cursor.execute(GROUP, {"tenant": current(), "customer": customer.pk})
        levels: dict[UUID, int] = dict(cursor.fetchall()) or {customer.pk: 0}
    rows = reach(viewer, Customer.objects.filter(pk__in=levels))
    rows = _worth(rows, on).select_related("standing", "owner", "responsible_dept").order_by("name", "id")
    found = {row.pk: row for row in rows}
    ordered = _in_order(list(found.values()), found)
    worth = {row.pk: row.own_amount for row in ordered}  # type: ignore[attr-defined]
    return Family([Relative(row, levels[row.pk], worth[row.pk]) for row in ordered])


def _worth(rows: QuerySet, on: date) -> QuerySet:
    years = ContractYear.objects.filter(
        customer=OuterRef("pk"), counts_from__lte=on, counts_until__gt=on
    ).order_by()
    total = years.values("customer").annotate(sum=Sum("annual_amount")).values("sum")
    own = Coalesce(Subquery(total, output_field=MONEY), Value(Decimal("0.00"), output_field=MONEY))
    return rows.annotate(own_amount=own)


def _in_order(rows: Sequence[Customer], found: dict[UUID, Customer]) -> list[Customer]:
    """Every company after the one above it; below one that is out of reach, at the begin."""
    below: dict[UUID | None, list[Customer]] = {}
    for row in rows:
        below.setdefault(row.parent_id if row.parent_id in found else None, []).append(row)
    ordered: list[Customer] = []
    waiting = list(reversed(below.get(None, [])))
    while waiting:
        row = waiting.pop()
        ordered.append(row)
        waiting += reversed(below.get(row.pk, []))
    return ordered
