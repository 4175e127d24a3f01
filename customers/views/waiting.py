"""What waits on the reader, for the count beside a link of the left bar."""

from datetime import date

from django.db.models import Count, Q

from crm.accounts.access import Viewer, reach
from crm.accounts.roles import Right
from crm.web import navigation
from customers.models import CustomerIntel, Handover, OwnershipDispute, SplitConfirmation


def news(viewer: Viewer, on: date) -> navigation.Count:
    """News that is to be answered by the viewer; red when any of it is late.

    Who neither speaks with customers nor heads those who do is never asked, and costs no query.
    """
    if not (viewer.may(Right.INTERACTION_LOG) or viewer.may(Right.FOLLOW_UP_ASSIGN)):
        return navigation.Count(0)
    mine = Q(customer__owner=viewer.id) | Q(escalated_to=viewer.id)
    rows = CustomerIntel.objects.filter(mine, acknowledged_at=None).order_by()
    found = rows.aggregate(open=Count("pk"), late=Count("pk", filter=Q(due_on__lt=on)))
    return navigation.Count(found["open"], late=found["late"] > 0)


def disputes(viewer: Viewer, on: date) -> navigation.Count:
    """Disputes that the viewer has to rule, or to answer; red when any ruling is late."""
    if not viewer.may(Right.DISPUTE_VIEW):
        return navigation.Count(0)
    mine = Q(judge=viewer.id) | Q(respondent=viewer.id, answered_on=None)
    rows = OwnershipDispute.objects.filter(mine, state__in=OwnershipDispute.PENDING).order_by()
    found = rows.aggregate(open=Count("pk"), late=Count("pk", filter=Q(due_on__lt=on)))
    return navigation.Count(found["open"], late=found["late"] > 0)


def handovers(viewer: Viewer, on: date) -> navigation.Count:
    """Books of people who leave that the viewer has to hand over; red when any is late."""
    if not viewer.may(Right.OWNERSHIP_TRANSFER):
        return navigation.Count(0)
    rows = reach(viewer, Handover.objects.filter(state=Handover.State.OPEN)).order_by()
    found = rows.aggregate(open=Count("pk"), late=Count("pk", filter=Q(due_on__lt=on)))
    return navigation.Count(found["open"], late=found["late"] > 0)


def splits(viewer: Viewer, on: date) -> navigation.Count:
    """Splits that the viewer is asked to confirm, and refused ones that he has to divide anew."""
    state, mine = SplitConfirmation.State, Q()
    if viewer.may(Right.CREDIT_CONFIRM):
        mine |= Q(asked=viewer.id, state=state.WAITING)
    if viewer.may(Right.CONTRACT_SIGN):
        mine |= Q(contract__signed_by=viewer.id, state=state.REFUSED)
    if not mine:
        return navigation.Count(0)
    rows = SplitConfirmation.objects.filter(mine).order_by()
    return navigation.Count(rows.values("contract").distinct().count())
