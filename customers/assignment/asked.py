"""What the decision table was asked in a period, or would have been, as one statement.

Customers that no table tells apart are one group of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer, reach
from crm.refusal import Fault, Refused
from crm.tenancy.context import current
from customers.models import Customer

REGISTERED, SIGNED = "REGISTERED", "SIGNED"
MOST_DAYS = 1096

# What the table was or would have been asked: by customers registered, with the amount that was expected,
# or by contracts signed, with the amount of their first year.
_REGISTERED = """
SELECT c.id AS customer, c.name, '' AS contract, c.registered_on AS day, d.department_id AS developer,
  f.department_id AS before, f.inputs, c.province, c.city, f.inputs->>'product_kind' AS kind,
  f.inputs->>'line' AS line, coalesce((f.inputs->>'annual_amount')::numeric, 0) AS amount
FROM customers_customer c
JOIN (SELECT DISTINCT ON (customer_id) customer_id, department_id, inputs FROM customers_ownershipcredit
  WHERE tenant_id = %(tenant)s AND role = 'MANAGER'
  ORDER BY customer_id, rule NOT LIKE 'ASSIGN-%%', valid_from) f ON f.customer_id = c.id
LEFT JOIN developers d ON d.customer_id = c.id
WHERE c.tenant_id = %(tenant)s AND c.registered_on >= %(since)s AND c.registered_on < %(until)s
"""
_SIGNED = """
SELECT c.id AS customer, c.name, k.number AS contract, k.signed_on AS day, d.department_id AS developer,
  coalesce(k.responsible_dept_id, c.responsible_dept_id) AS before, f.inputs, c.province, c.city,
  k.product_kind AS kind, k.line, y.annual_amount AS amount
FROM customers_contract k
JOIN customers_customer c ON c.tenant_id = %(tenant)s AND c.id = k.customer_id
JOIN customers_contractyear y ON y.tenant_id = %(tenant)s AND y.contract_id = k.id AND y.number = 1
LEFT JOIN customers_ownershipcredit f ON f.tenant_id = %(tenant)s AND f.customer_id = k.customer_id
  AND f.role = 'MANAGER' AND f.valid_from <= k.signed_on
  AND (f.valid_to IS NULL OR f.valid_to > k.signed_on)
LEFT JOIN developers d ON d.customer_id = k.customer_id
WHERE k.tenant_id = %(tenant)s AND k.signed_on >= %(since)s AND k.signed_on < %(until)s
"""
_ASKED = """
WITH developers AS MATERIALIZED (
  SELECT DISTINCT ON (customer_id) customer_id, department_id FROM customers_ownershipcredit
  WHERE tenant_id = %(tenant)s AND role = 'DEVELOPER' ORDER BY customer_id, valid_from
), asked AS MATERIALIZED (
  SELECT a.customer, a.name, a.contract, a.day, a.amount,
    coalesce(a.developer, '00000000-0000-0000-0000-000000000000') AS developer,
    coalesce(a.before, '00000000-0000-0000-0000-000000000000') AS before,
    coalesce(a.inputs->>'override_dept', '') AS override, coalesce(a.kind, 'STANDARD') AS kind,
    coalesce(a.line, 'DEFAULT') AS line, coalesce(a.province, '') AS province,
    coalesce(a.city, '') AS city, width_bucket(a.amount, %(bounds)s::numeric[]) AS span
  FROM ({source}) a WHERE a.customer IN ({reached})
)
"""
_KEY = "developer, before, override, kind, line, province, city, span"
GROUPS = _ASKED + f" SELECT {_KEY}, count(*), sum(amount) FROM asked GROUP BY {_KEY}"
MOVES = (
    _ASKED
    + f"""
SELECT a.customer, a.name, a.contract, a.day, a.amount, g.place
FROM asked a JOIN unnest(%(developers)s::uuid[], %(befores)s::uuid[], %(overrides)s::text[],
  %(kinds)s::text[], %(lines)s::text[], %(provinces)s::text[], %(cities)s::text[], %(spans)s::int[])
  WITH ORDINALITY AS g ({_KEY}, place) USING ({_KEY})
ORDER BY a.name, a.day, a.customer, a.contract LIMIT %(limit)s OFFSET %(offset)s
"""
)


@dataclass(frozen=True)
class History:
    """Which customers a table is tried against: those registered, or contracts signed, in [since, until)."""

    since: date
    until: date
    basis: str = REGISTERED

    def judge(self) -> None:
        """Raise Refused for a period without a day or longer than three years."""
        if self.until <= self.since:
            words = _("The period ends before it begins.")
            raise Refused(Fault("until", "empty_period", words))
        if (self.until - self.since).days > MOST_DAYS:
            words = _("A period has at most three years.")
            raise Refused(Fault("until", "period_too_long", words))


class Group(NamedTuple):
    """Customers whom no table tells apart."""

    developer: UUID
    before: UUID
    override: str
    kind: str
    line: str
    province: str
    city: str
    span: int


class Statement:
    """The history as SQL, run with what each reading of it adds."""

    def __init__(self, history: History, bounds: Sequence[Decimal], viewer: Viewer) -> None:
        reached, given = _reached(viewer)
        source = _SIGNED if history.basis == SIGNED else _REGISTERED
        self.parts = {"source": source, "reached": reached}
        self.values = given | {"since": history.since, "until": history.until, "bounds": list(bounds)}

    def rows(self, sql: str, values: Mapping[str, Any]) -> list[tuple]:
        with connection.cursor() as cursor:
            # As in tiers.preview: loops over rows that were not expected cost hours.
            cursor.execute("SET LOCAL enable_nestloop = off")
            cursor.execute(sql.format(**self.parts), {**self.values, **values})
            found = cursor.fetchall()
            cursor.execute("SET LOCAL enable_nestloop = DEFAULT")
        return found


def _reached(viewer: Viewer) -> tuple[str, dict[str, Any]]:
    """The ids of the customers within reach, as SQL with named parameters."""
    rows = reach(viewer, Customer.objects.order_by()).values("pk")
    sql, given = rows.query.sql_with_params()
    names = [f"reach_{number}" for number in range(len(given))]
    named = sql % tuple(f"%({name})s" for name in names)
    return named, dict(zip(names, given, strict=True)) | {"tenant": current()}
