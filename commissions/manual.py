"""The entry of an adjustment by hand: like its line, in the first month that takes entries."""

from datetime import date, datetime
from typing import Any

from commissions import posting, settlement
from commissions.balances import Payee
from commissions.models import Adjustment, LedgerEntry, Period
from commissions.models.entry import Kind
from crm.periods import month_number, month_text


def post(row: Adjustment, *, at: datetime, on: date) -> LedgerEntry:
    """Post an adjustment that is being approved. Conflict no_plan_version."""
    months = posting.hold(on)
    month = months.taking(month_text(month_number(row.effective_on)))
    payee = Payee(row.member_id, row.department_id)
    homes = {row.member_id: row.payee_department_id} if row.member_id else {}
    rules = settlement.Rulebook(Period(month=month), homes).of(payee)
    entry = LedgerEntry(
        **payee._asdict(),
        **_place(row.corrects),
        kind=Kind.ADJUSTMENT,
        payee_department_id=row.payee_department_id,
        amount=row.amount,
        currency=row.currency,
        effective_date=row.effective_on,
        posting_period=month,
        source_event=row.source,
        plan_version_id=rules.id,
        trace=[_step(row)],
        posted_at=at,
    )
    months.post([entry])
    return entry


def _place(line: LedgerEntry | None) -> dict[str, Any]:
    """Where the line that is corrected stands; outside any contract without one."""
    if line is None:
        return {"contract_year": 0}
    names = ("contract_id", "customer_id", "contract_year", "component")
    return {name: getattr(line, name) for name in names}


def _step(row: Adjustment) -> dict[str, Any]:
    """How it came about, as kept in the entry."""
    line = row.corrects
    inputs = {
        "line": str(line.amount) if line else None,
        "line_kind": line.kind if line else None,
        "dispute": row.dispute_id and str(row.dispute_id),
        "reason": row.reason,
    }
    year = line.contract_year if line else None
    names = {"rule": "ADJUSTMENT", "contract_year": year, "source_event": row.source}
    return {
        **names,
        "formula": "proposed by one, approved by another",
        "inputs": inputs,
        "result": str(row.amount),
    }
