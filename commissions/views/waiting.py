"""What waits on the reader, for the count beside a link of the left bar."""

from datetime import date

from django.db.models import Exists, OuterRef, Q

from commissions import adjusting, statements
from commissions.models import Adjustment, LineDispute, Period, PoolDistribution, Statement
from commissions.models.period import State
from crm.accounts.access import Viewer, reach
from crm.accounts.rights import Right
from crm.web import navigation
from crm.web.waiting import Waiting

NEXT = {
    Right.PERIOD_REVIEW: (State.CALCULATED,),
    Right.PERIOD_APPROVE: (State.REVIEWED,),
    Right.PERIOD_PAY: (State.APPROVED, State.PAID),
}


def own_statements(viewer: Viewer, on: date) -> Waiting | None:
    """Published statements that the viewer has not confirmed; costs who gets no commission no query."""
    if not viewer.may(Right.COMMISSION_OWN):
        return None
    return Waiting(statements.waiting(viewer.id))


def periods(viewer: Viewer, on: date) -> navigation.Count | None:
    """Months whose next step is the viewer's; red when it is late."""
    states = [state for right, states in NEXT.items() if viewer.may(right) for state in states]
    if viewer.may(Right.PERIOD_CALCULATE):
        states.append(State.OPEN)
    if not states:
        return None
    mine = Exists(reach(viewer, Statement.objects.filter(period=OuterRef("pk"))))
    rows = Period.objects.filter(state__in=states, month__lt=f"{on:%Y-%m}")
    found = list(rows.filter(mine) if states == [State.CALCULATED] else rows)
    return navigation.Count(len(found), any(is_late(row, on) for row in found))


def pools(viewer: Viewer, on: date) -> Waiting | None:
    """Pools that the viewer is asked to distribute; red when one is late."""
    if not viewer.may(Right.CREDIT_CONFIRM):
        return None
    rows = PoolDistribution.objects.filter(asked=viewer.id, distributed_on=None)
    return Waiting(rows, late=Q(due_on__lt=on))


def line_disputes(viewer: Viewer, on: date) -> Waiting | None:
    """Disputes of lines that the viewer has to answer; red when any is late."""
    if not viewer.may(Right.COMMISSION_ANSWER):
        return None
    rows = LineDispute.objects.filter(answerer=viewer.id, state__in=LineDispute.PENDING)
    return Waiting(rows, late=Q(due_on__lt=on))


def adjustments(viewer: Viewer, on: date) -> Waiting | None:
    """Adjustments that the viewer may decide on: within reach and band, by another and for another."""
    if not viewer.may(Right.ADJUSTMENT_APPROVE):
        return None
    rows = Adjustment.objects.filter(adjusting.within(viewer, on), state=Adjustment.State.PROPOSED)
    rows = rows.exclude(proposed_by=viewer.id).exclude(member__isnull=False, member=viewer.id)
    return Waiting(reach(viewer, rows))


def is_late(period: Period, on: date) -> bool:
    """Whether the next step of a month should have been done before `on`."""
    due = {
        State.OPEN: period.calculate_by,
        State.CALCULATED: period.publish_by,
        State.REVIEWED: period.publish_by,
        State.APPROVED: period.pay_by,
    }
    return State(period.state) in due and due[State(period.state)] < on
