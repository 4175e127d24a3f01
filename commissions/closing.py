"""Closing a month: calculate, review, approve, pay out, close. Each act holds the month's row.

Calculated, approved and paid out by three different people, and approved by nobody whom it pays. Until it
is approved a month may be calculated anew; from then on it takes no entry, and once closed it stays so.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from commissions import accrual, classes, remembered, settlement
from commissions.linedisputes import rules
from commissions.models import Period, PeriodReview, Statement
from commissions.models.period import ENDED, State
from crm.accounts.access import Viewer
from crm.accounts.rights import Scope
from crm.events.record import Actor, event, record
from crm.refusal import Conflict, Fault, Refused
from customers.receivables import banking

BEFORE: Mapping[str, tuple[str, ...]] = {
    "calculate": (State.OPEN, State.CALCULATED, State.REVIEWED),
    "review": (State.CALCULATED,),
    "approve": (State.REVIEWED,),
    "pay_out": (State.APPROVED,),
    "close": (State.PAID,),
}


def calculate(period: Period, *, by: Actor, at: datetime, on: date) -> Period:
    """Work out what is outstanding of the contracts, then settle every payee's month; takes reviews away.

    Refused not_over: the month still runs. Conflict wrong_state, previous_open, unmatched_cash (a bank
    line up to its last day), no_plan_version, tier_without_band.
    """
    held = _hold(period, "calculate", by, on)
    accrual.accrue(accrual.outstanding(on), on=on, at=at)
    if left := remembered.unpaid(on):
        raise classes.unpaid(left)
    rows = settlement.settle_month(held, at=at)
    held.reviews.all().delete()
    held.state, held.reviewed_at = State.CALCULATED if rows else State.REVIEWED, None if rows else at
    held.calculated_by_id, held.calculated_at = by.id, at
    return _done("period.calculated", held, {"statements": len(rows)}, by=by, at=at, on=on)


def review(period: Period, *, by: Viewer, at: datetime, on: date) -> Period:
    """Look through the statements within one's reach, but for one's own; the last review ends the step.

    Conflict wrong_state, stale (entries came since the calculation), nothing_to_review.
    """
    held, place = _hold(period, "review", by, on), _place(by)
    PeriodReview.objects.update_or_create(
        period=held, reviewer_id=by.id, defaults={"department_id": place, "at": at}
    )
    if not unreviewed(held):
        held.state, held.reviewed_at = State.REVIEWED, at
    return _done("period.reviewed", held, {"department": place and str(place)}, by=by, at=at, on=on)


def approve(period: Period, *, by: Actor, at: datetime, on: date) -> Period:
    """Approve what the month pays: it takes no entry any more, and its statements are published.

    Conflict wrong_state, same_person, own_pay, unmatched_cash, stale.
    """
    held = _hold(period, "approve", by, on)
    held.state, held.shut_on = State.APPROVED, on
    held.approved_by_id, held.approved_at = by.id, at
    _done("period.approved", held, {}, by=by, at=at, on=on)
    _publish(held, by=by, at=at, on=on)
    return held


def pay_out(period: Period, *, by: Actor, at: datetime, on: date) -> Period:
    """Record that payroll paid the month. Conflict wrong_state, same_person."""
    held = _hold(period, "pay_out", by, on)
    held.state, held.paid_by_id, held.paid_at = State.PAID, by.id, at
    return _done("period.paid", held, {}, by=by, at=at, on=on)


def close(period: Period, *, by: Actor, at: datetime, on: date) -> Period:
    """Close the month for good. Conflict wrong_state, previous_open."""
    held = _hold(period, "close", by, on)
    held.state, held.closed_by_id, held.closed_at = State.CLOSED, by.id, at
    return _done("period.closed", held, {}, by=by, at=at, on=on)


def against(act: str, period: Period, by: Actor, on: date) -> list[Fault]:
    """What stands against an act of this person on this day; the pages ask it before they show a button."""
    if period.state not in BEFORE[act]:
        words = _("This is not the next step of the month: it stands at “%(state)s”.")
        return [Fault("", "wrong_state", words % {"state": period.get_state_display()})]
    faults = [fault for judge in JUDGES[act] if (fault := judge(period, by, on))]
    if not faults and act in FRESH and settlement.is_stale(period):
        words = _("Entries came since the month was calculated; calculate it anew.")
        faults.append(Fault("", "stale", words))
    return faults


def unreviewed(period: Period) -> list[Statement]:
    """Statements that nobody but their own payee has looked through."""
    reviews = list(period.reviews.all())
    rows = period.statements.select_related("payee_department")
    return [row for row in rows if not any(each.covers(row) for each in reviews)]


def before(period: Period) -> Period | None:
    """The month before, None for the first."""
    return Period.objects.filter(month__lt=period.month).order_by("-month").first()


def _is_over(period: Period, by: Actor, on: date) -> Fault | None:
    if on > period.last_day:
        return None
    return Fault("", "not_over", _("The month still runs; it is calculated when it is over."))


def _previous_shut(period: Period, by: Actor, on: date) -> Fault | None:
    last = before(period)
    if last is None or last.is_shut:
        return None
    words = _("First %(month)s has to be approved: what it carries on is the opening of this month.")
    return Fault("", "previous_open", words % {"month": last.month})


def _previous_closed(period: Period, by: Actor, on: date) -> Fault | None:
    last = before(period)
    if last is None or last.state in ENDED:
        return None
    return Fault("", "previous_open", _("First %(month)s has to be closed.") % {"month": last.month})


def _has_reviewable(period: Period, by: Actor, on: date) -> Fault | None:
    seen = PeriodReview(reviewer_id=by.id, department_id=_place(by))
    if any(seen.covers(row) for row in unreviewed(period)):
        return None
    return Fault("", "nothing_to_review", _("There is nothing for you to review in this month."))


def _cash_matched(period: Period, by: Actor, on: date) -> Fault | None:
    count = banking.unmatched(period.last_day).count()
    if not count:
        return None
    words = _("Bank lines are unmatched: %(count)s. Match each to a contract, or set it aside.")
    return Fault("", "unmatched_cash", words % {"count": count})


def _is_another(*names: str) -> Any:
    def judge(period: Period, by: Actor, on: date) -> Fault | None:
        if by.id not in {getattr(period, f"{name}_by_id") for name in names}:
            return None
        words = _(
            "You did an earlier step of this month: calculating, approving and paying take three people."
        )
        return Fault("", "same_person", words)

    return judge


def _is_no_payee(period: Period, by: Actor, on: date) -> Fault | None:
    if not period.statements.filter(member_id=by.id).exists():
        return None
    return Fault("", "own_pay", _("The month pays you yourself: somebody else has to approve it."))


JUDGES: Mapping[str, tuple[Any, ...]] = {
    "calculate": (_is_over, _previous_shut, _cash_matched),
    "review": (_has_reviewable,),
    "approve": (_is_another("calculated"), _is_no_payee, _cash_matched),
    "pay_out": (_is_another("calculated", "approved"),),
    "close": (_previous_closed,),
}

FRESH = ("review", "approve")  # worked out anew, so only when nothing else stands against it


def _place(by: Actor) -> UUID | None:
    """The department whose statements somebody reviews, with all below it; None for all."""
    viewer: Any = by
    return None if viewer.commission is Scope.TENANT else viewer.department_id


def _hold(period: Period, act: str, by: Actor, on: date) -> Period:
    """The month's row, held; postings and other acts wait. Refuses what stands against the act."""
    held = Period.objects.select_for_update(no_key=True).get(pk=period.pk)
    faults = against(act, held, by, on)
    if faults:
        raise (Refused if faults[0].code == "not_over" else Conflict)(*faults)
    return held


def _done(name: str, held: Period, data: Mapping[str, Any], *, by: Actor, at: datetime, on: date) -> Period:
    held.touch().save()
    record(event(name, at=at, on=on, by=by, subject=held.pk, data={"month": held.month, **data}))
    return held


def _publish(held: Period, *, by: Actor, at: datetime, on: date) -> None:
    """Each payee is told that his statement is there; no amount stands in what is told."""
    until = on + timedelta(rules.in_force(on).open_days)
    held.statements.update(published_at=at, disputable_until=until, version=F("version") + 1)
    acts: dict[str, Any] = {"by": by, "at": at, "on": on}
    told = []
    for row in held.statements.all():
        data = {"month": held.month, "member": row.member_id and str(row.member_id)}
        told.append(event("statement.published", subject=row.pk, data=data, **acts))
    record(*told)
