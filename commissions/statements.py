"""A statement as its payee reads it: its lines by kind, what led to each, the year, what is still to come."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from commissions import statement as pay
from commissions.models import LedgerEntry, Statement
from commissions.models.entry import MEMO_KINDS, Kind
from crm.events.record import Actor, event, record
from crm.refusal import Conflict, Fault, Refused

ORDER = (
    *(Kind.EARNED, Kind.RELEASE, Kind.ADJUSTMENT, Kind.CLAWBACK, Kind.REVERSAL),
    *(Kind.CAP, Kind.FLOOR, Kind.RECOVER),
)
ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Group:
    """The lines of one kind with their sum; `is_paid` is not so of what is held or forfeited."""

    kind: str
    label: str
    lines: list[LedgerEntry]
    sum: Decimal
    is_paid: bool


@dataclass(frozen=True)
class Year:
    """What the statements of the calendar year up to this one paid, and what open contracts still pay."""

    paid: Decimal
    to_come: Decimal


def entries(row: Statement) -> QuerySet[LedgerEntry]:
    """The entries of the payee's month but for the carries, which stand on the statement itself."""
    rows = LedgerEntry.objects.filter(_whose(row), posting_period=row.period.month).exclude(kind=Kind.CARRY)
    return rows.select_related("contract__customer", "plan_version__plan").order_by("effective_date", "id")


def groups(row: Statement, most: int | None = None) -> list[Group]:
    """The lines by kind, at most so many of a kind; the sums are of all, and paid ones sum to `posted`."""
    found: dict[str, list[LedgerEntry]] = {}
    for entry in entries(row):
        found.setdefault(entry.kind, []).append(entry)
    return [
        Group(kind, str(Kind(kind).label), lines[:most], sum((e.amount for e in lines), ZERO), is_paid)
        for kind, lines, is_paid in _ordered(found)
    ]


def _ordered(found: dict[str, list[LedgerEntry]]) -> Iterator[tuple[str, list[LedgerEntry], bool]]:
    for kind in (*ORDER, *MEMO_KINDS):
        if kind in found:
            yield kind, found[kind], kind not in MEMO_KINDS


def year(row: Statement, on: date) -> Year:
    """The year up to the statement's month, and what is still to come as of `on`. Three queries."""
    month = row.period.month
    before = Q(period__month__startswith=month[:4], period__month__lte=month)
    paid = Statement.objects.filter(_whose(row), before).aggregate(sum=Sum("payable"))["sum"]
    known = pay.parts(_whose(row))
    return Year(paid or ZERO, sum((part.open for part in known.values()), ZERO))


def confirm(row: Statement, *, by: Actor, at: datetime, on: date) -> Statement:
    """The payee says that he has read it; a second time changes nothing.

    Refused not_yours. Conflict not_published.
    """
    held = Statement.objects.select_for_update().select_related(None).get(pk=row.pk)
    if held.member_id != by.id:
        raise Refused(Fault("", "not_yours", _("Only its payee confirms a statement.")))
    if held.published_at is None:
        raise Conflict(Fault("", "not_published", _("The statement is not published yet.")))
    if held.confirmed_at is None:
        held.confirmed_at = at
        held.touch().save(update_fields=["confirmed_at", "version", "updated_at"])
        data: dict[str, Any] = {"month": row.period.month}
        record(event("statement.confirmed", at=at, on=on, by=by, subject=held.pk, data=data))
    return held


def waiting(member_id: Any) -> QuerySet[Statement]:
    """Published statements that their payee has not confirmed, the latest first."""
    rows = Statement.objects.filter(member_id=member_id, published_at__isnull=False, confirmed_at=None)
    return rows.select_related("period").order_by("-period__month")


def _whose(row: Statement) -> Q:
    return Q(member_id=row.member_id) if row.member_id else Q(department_id=row.department_id)
