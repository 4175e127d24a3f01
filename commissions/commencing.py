"""The month with which commission begins: who joins with years behind him does not close them one by one.

Everything before it is settled elsewhere: the entries of earlier months stay as what the company starts
from, unpaid here and without statements, and what changes of them later posts in the open month. Set once,
before any month is approved; proposed by one, approved by another.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Sum
from django.utils.translation import gettext_lazy as _

from commissions import accrual, posting, settlement
from commissions.models import Commencement, LedgerEntry, Period
from commissions.models.entry import MEMO_KINDS
from commissions.models.period import TAKING, State
from crm.events.record import Actor, event, record
from crm.periods import month_number, month_text
from crm.refusal import Conflict, Fault, Refused

MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
NOT_OVER = _("The month before it still runs: commission can begin with this month or an earlier one.")


@dataclass(frozen=True)
class Opening:
    """What stands in the ledger before a month: its months, its payable entries, and what they come to."""

    months: int
    entries: int
    amount: Decimal


def beginning() -> Commencement | None:
    """The month proposed or approved, if any is."""
    return Commencement.objects.select_related("proposed_by", "approved_by").first()


def is_open() -> bool:
    """Whether a beginning may still be set: no month is approved yet."""
    return not Period.objects.exclude(state__in=TAKING).exists()


def opening(month: str) -> Opening:
    """What would be settled elsewhere if commission began with a month. One query."""
    rows = LedgerEntry.objects.filter(posting_period__lt=month).exclude(kind__in=MEMO_KINDS)
    sums = rows.aggregate(
        months=Count("posting_period", distinct=True), entries=Count("pk"), amount=Sum("amount")
    )
    return Opening(sums["months"], sums["entries"], sums["amount"] or Decimal("0.00"))


def propose(*, month: str, by: Actor, at: datetime, on: date) -> Commencement:
    """Say with which month commission begins; it holds once somebody else has approved it.

    Refused month: invalid, not_over (the month before it still runs). Conflict already_closing,
    already_proposed.
    """
    if not MONTH.fullmatch(month):
        raise Refused(Fault("month", "invalid", _("A month is written as 2026-01.")))
    if month > month_text(month_number(on)):
        raise Refused(Fault("month", "not_over", NOT_OVER))
    _refuse_late()
    told: dict[str, Any] = {"month": month, "proposed_by_id": by.id, "proposed_at": at}
    row, is_new = Commencement.objects.get_or_create(defaults=told)
    if not is_new:
        words = _("The beginning is set already: %(month)s.") % {"month": row.month}
        raise Conflict(Fault("", "already_proposed", words))
    record(event("commencement.proposed", at=at, on=on, by=by, subject=row.pk, data={"month": month}))
    return row


def approve(row: Commencement, *, by: Actor, at: datetime, on: date) -> Commencement:
    """Let commission begin: works out what is outstanding, then shuts every month before it, unpaid.

    Conflict already_begun, same_person, already_closing, gone.
    """
    held = _held(row)
    if faults := against(held, by):
        raise Conflict(*faults)
    posting.open_until(on)
    earlier = Period.objects.filter(month__lt=held.month).select_for_update(no_key=True).order_by("month")
    list(earlier)
    _refuse_late()
    accrual.accrue(accrual.outstanding(on), on=on, at=at)
    Period.objects.bulk_create([Period(month=held.month_before)], ignore_conflicts=True)
    months = list(earlier)
    for period in months:
        settlement.take_back(period, at=at)
    earlier.update(state=State.ELSEWHERE, shut_on=on, reviewed_at=None, version=F("version") + 1)
    held.approved_by_id, held.approved_at = by.id, at
    held.touch().save()
    data = {"month": held.month, "months": len(months)}
    record(event("commencement.approved", at=at, on=on, by=by, subject=held.pk, data=data))
    return held


def withdraw(row: Commencement, *, by: Actor, at: datetime, on: date) -> None:
    """Take a proposal back, or refuse it. Conflict already_begun, gone."""
    held = _held(row)
    record(event("commencement.withdrawn", at=at, on=on, by=by, subject=held.pk, data={"month": held.month}))
    held.delete()


def against(row: Commencement, by: Actor) -> list[Fault]:
    """What stands against this person's approval; the page asks it before it shows the button."""
    if row.proposed_by_id != by.id:
        return []
    words = _("You proposed it: somebody else has to approve with which month commission begins.")
    return [Fault("", "same_person", words)]


def _held(row: Commencement) -> Commencement:
    held = Commencement.objects.select_for_update().filter(pk=row.pk).first()
    if held is None:
        raise Conflict(Fault("", "gone", _("The proposal was withdrawn meanwhile.")))
    if held.is_approved:
        words = _("Commission has begun with %(month)s; that never changes.") % {"month": held.month}
        raise Conflict(Fault("", "already_begun", words))
    return held


def _refuse_late() -> None:
    if not is_open():
        words = _("A month is approved already: the beginning is set before the first approval.")
        raise Conflict(Fault("", "already_closing", words))
