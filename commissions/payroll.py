"""What payroll is told of a month: the gross amount of each payee. Income tax is payroll's own job."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from commissions.models import Period
from crm.events.record import Actor, event, record
from crm.refusal import Conflict, Fault


@dataclass(frozen=True)
class Line:
    """One payee: `code` is the staff number, or that of a department; `gross` in `currency`."""

    code: str
    name: str
    department: str
    gross: Decimal
    currency: str


def lines(period: Period, *, by: Actor, at: datetime, on: date) -> list[Line]:
    """Everybody whom the month pays, by department and code; that it was carried out is recorded.

    Conflict not_approved: what is not approved is not paid.
    """
    if not period.is_shut:
        raise Conflict(Fault("", "not_approved", _("Only an approved month goes to payroll.")))
    rows = period.statements.filter(payable__gt=0).select_related("member", "department", "payee_department")
    found = [
        Line(
            (row.member or row.department).code,  # type: ignore[union-attr]  # one of the two
            row.payee_name,
            row.payee_department.name,
            row.payable,
            row.currency,
        )
        for row in rows
    ]
    data = {"month": period.month, "rows": len(found), "version": period.version}
    record(event("payout.exported", at=at, on=on, by=by, subject=period.pk, data=data))
    return sorted(found, key=lambda line: (line.department, line.code))


def total(found: list[Line]) -> Decimal:
    """What payroll pays in all."""
    return sum((line.gross for line in found), Decimal("0.00"))
