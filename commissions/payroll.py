"""What payroll is told of a month: the gross amount of each payee. Income tax is payroll's own job."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from commissions import payouts, plans
from commissions.models import Period
from crm.accounts.models import Member
from crm.events.record import Actor, event, record
from crm.refusal import Conflict, Fault

NOTHING = (Decimal("0.00"), Decimal("0.00"))


@dataclass(frozen=True)
class Line:
    """One payee: `code` is the staff number, or that of a department; `gross` in `currency`."""

    code: str
    name: str
    department: str
    gross: Decimal
    currency: str


def lines(period: Period, *, by: Actor, at: datetime, on: date) -> list[Line]:
    """Everybody to whom the month hands something over, by department and code; that it was carried out
    is recorded. What disputes keep out of the payout is left out (commissions.payouts).

    Conflict not_approved: what is not approved is not paid.
    """
    if not period.is_shut:
        raise Conflict(Fault("", "not_approved", _("Only an approved month goes to payroll.")))
    found = list(_lines(period))
    data = {"month": period.month, "rows": len(found), "version": period.version}
    record(event("payout.exported", at=at, on=on, by=by, subject=period.pk, data=data))
    return sorted(found, key=lambda line: (line.department, line.code))


def _lines(period: Period) -> Iterator[Line]:
    changed = payouts.changes(period)
    for row in period.statements.select_related("member", "department", "payee_department"):
        kept, freed = changed.pop(row.member_id, NOTHING) if row.member_id else NOTHING
        payee: Any = row.member or row.department
        if gross := row.payable + freed - kept:
            yield Line(payee.code, payee.name, row.payee_department.name, gross, row.currency)
    people = Member.objects.select_related("department").in_bulk(list(changed))
    for key, (kept, freed) in changed.items():  # without a statement: only what was kept out before
        person, currency = people[key], plans.Book().default.currency
        yield Line(person.code, person.name, person.department.name, freed - kept, currency)


def total(found: list[Line]) -> Decimal:
    """What payroll pays in all."""
    return sum((line.gross for line in found), Decimal("0.00"))
