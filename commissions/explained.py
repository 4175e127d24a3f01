"""Why a number is what it is: the steps of the calculation that led to it, as kept in its row."""

from typing import Any

from commissions.calculation import trace
from commissions.calculation.ledger import Entry
from commissions.calculation.result import Result
from commissions.calculation.shares import Row

Steps = list[dict[str, Any]]


def row_steps(result: Result, row: Row) -> Steps:
    """What is fixed at signature, the contract year's pools, and the payee's share of them."""
    pool = result.years[row.contract_year - 1]
    return [*trace.standing_steps(result), *trace.year_steps(result, pool), trace.row_step(result, row)]


def entry_steps(result: Result, entry: Entry) -> Steps:
    """The same for the entry's payee, and then the posting itself."""
    mine = next(
        row
        for row in result.rows
        if (row.contract_year, row.component, row.payee)
        == (entry.contract_year, entry.component, entry.payee)
    )
    return [*row_steps(result, mine), trace.entry_step(entry)]
