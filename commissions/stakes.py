"""What falling rates cost on the tenant's own contracts: one statement over the steps kept with them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from commissions.calculation.plan import Band, PlanVersion
from crm.money import from_fen, quantise
from crm.periods import add_months
from crm.tenancy.context import current

# The steps are those of the calculation that pays: base N, rate class and factor of each contract year.
STAKES = """
WITH bands (rank, class, upper, rate) AS (VALUES {bands}),
years AS MATERIALIZED (
  SELECT DISTINCT ON (e.contract_id, e.contract_year)
         e.contract_id, (s.step #>> '{{inputs,n}}')::numeric AS n,
         s.step #>> '{{inputs,rate_class}}' AS class, (s.step #>> '{{inputs,factor}}')::numeric AS factor
  FROM commissions_entitlement e
  JOIN customers_contract c ON c.tenant_id = e.tenant_id AND c.id = e.contract_id
  CROSS JOIN LATERAL (SELECT jsonb_path_query_first(e.trace, '$[*] ? (@.rule == "POOL-DEPT")') AS step) s
  WHERE e.tenant_id = %(tenant)s AND c.signed_on > %(since)s AND c.signed_on <= %(on)s
  ORDER BY e.contract_id, e.contract_year, e.id),
lost AS (
  SELECT y.contract_id, b.class, b.rank, y.factor *
         greatest(0, (SELECT max(least(y.n, l.upper) * l.rate) FROM bands l WHERE l.rank < b.rank)
                     - y.n * b.rate) AS amount
  FROM years y JOIN bands b ON b.class = y.class)
SELECT class, count(DISTINCT contract_id), round(sum(amount), 2) FROM lost
WHERE amount > 0 GROUP BY class, rank ORDER BY rank
"""


class Stake(NamedTuple):
    """Contracts of a class that pay less than a smaller one would, and what protection would add."""

    customer_class: str
    contracts: int
    amount: Decimal


def stakes(version: PlanVersion, on: date) -> list[Stake]:
    """By class, lowest first: contracts of the last twelve months under the bands of a version.

    Base and class are those by which they are paid; rates and bounds are the version's. All contract years
    of a contract count.
    """
    given: dict[str, Any] = {"tenant": current(), "since": add_months(on, -12), "on": on}
    rows, values = _bands(version.bands)
    with connection.cursor() as cursor:
        cursor.execute(STAKES.format(bands=rows), given | values)
        return [Stake(*row) for row in cursor.fetchall()]


def _bands(bands: Sequence[Band]) -> tuple[str, dict[str, Any]]:
    rows: list[str] = []
    values: dict[str, Any] = {}
    for rank, band in enumerate(bands):
        rows.append(
            f"(%(rank{rank})s::int, %(class{rank})s::text, %(upper{rank})s::numeric, %(rate{rank})s::numeric)"
        )
        upper = Decimal("Infinity") if band.until is None else from_fen(band.until)
        rate = quantise(band.dept_rate, 6)
        values |= {f"rank{rank}": rank, f"class{rank}": band.customer_class}
        values |= {f"upper{rank}": upper, f"rate{rank}": rate}
    return ", ".join(rows), values
