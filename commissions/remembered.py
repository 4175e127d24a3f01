"""When each contract was last worked out, and when time alone will change what is due of it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection

from commissions.calculation.result import Result
from crm.tenancy.context import current
from customers.models import Contract

# The database's clock, to compare with when facts were saved; no date of the business comes from it.
REMEMBER = """
UPDATE commissions_accrualstate s
SET next_on = d.next_on, calculated_on = %(on)s, updated_at = clock_timestamp()
FROM unnest(%(ids)s::uuid[], %(next)s::date[]) AS d (contract_id, next_on)
WHERE s.tenant_id = %(tenant)s AND s.contract_id = d.contract_id AND s.contract_id = ANY (%(ids)s)"""


def remember(results: Sequence[tuple[Contract, Result]], on: date) -> None:
    """Contracts were worked out on a day, by one statement; the night takes up what comes after it."""
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"on": on, "tenant": current()}
        values["ids"] = [contract.id for contract, _ in results]
        values["next"] = [_next(result, on) for _, result in results]
        cursor.execute(REMEMBER, values)


def _next(result: Result, on: date) -> date | None:
    """The first day on which time alone changes what is due: the start of the next contract year."""
    return min((pool.year.starts_on for pool in result.years if pool.year.starts_on > on), default=None)
