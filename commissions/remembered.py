"""When each contract is due next, and which were left: what accrual keeps between its runs."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from commissions.calculation.result import Result
from crm.tenancy.context import current
from customers.models import Contract

MOST_NAMED = 10

# The database's clock, to compare with when facts were saved; no date of the business comes from it.
REMEMBER = """
UPDATE commissions_accrualstate s
SET next_on = d.next_on, calculated_on = %(on)s, updated_at = clock_timestamp()
FROM unnest(%(ids)s::uuid[], %(next)s::date[]) AS d (contract_id, next_on)
WHERE s.tenant_id = %(tenant)s AND s.contract_id = d.contract_id AND s.contract_id = ANY (%(ids)s)"""


def keep(next_on: Mapping[UUID, date | None], on: date) -> None:
    """Note that contracts were looked at on a day, and when each is due next; those left are due at once."""
    values: dict[str, Any] = {"on": on, "tenant": current()}
    with connection.cursor() as cursor:
        cursor.execute(REMEMBER, values | {"ids": [*next_on], "next": [*next_on.values()]})


def next_day(result: Result, on: date) -> date | None:
    """The first day on which time alone changes what is due: the start of the next contract year."""
    return min((pool.year.starts_on for pool in result.years if pool.year.starts_on > on), default=None)


def unpaid(on: date) -> list[str]:
    """Numbers of contracts that were left, for their plan has no band for the tier decided on; ten at most.

    Right after what was outstanding was worked out.
    """
    rows = Contract.objects.filter(accrual__next_on__lte=on).order_by("number")
    return list(rows.values_list("number", flat=True)[:MOST_NAMED])
