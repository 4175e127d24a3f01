"""What waits on the reader, for the count beside a link of the left bar."""

from datetime import date

from django.db.models import Q

from crm.accounts.access import Viewer, reach
from crm.accounts.rights import Right
from crm.web.waiting import Waiting
from customers.models import CustomerIntel, Handover, OwnershipDispute, SplitConfirmation


def news(viewer: Viewer, on: date) -> Waiting | None:
    """News that is to be answered by the viewer; red when any of it is late.

    Who neither speaks with customers nor heads those who do is never asked, and costs no query.
    """
    if not (viewer.may(Right.INTERACTION_LOG) or viewer.may(Right.FOLLOW_UP_ASSIGN)):
        return None
    mine = Q(customer__owner=viewer.id) | Q(escalated_to=viewer.id)
    rows = CustomerIntel.objects.filter(mine, acknowledged_at=None)
    return Waiting(rows, late=Q(due_on__lt=on))


def disputes(viewer: Viewer, on: date) -> Waiting | None:
    """Disputes that the viewer has to rule, or to answer; red when any ruling is late."""
    if not viewer.may(Right.DISPUTE_VIEW):
        return None
    mine = Q(judge=viewer.id) | Q(respondent=viewer.id, answered_on=None)
    rows = OwnershipDispute.objects.filter(mine, state__in=OwnershipDispute.PENDING)
    return Waiting(rows, late=Q(due_on__lt=on))


def handovers(viewer: Viewer, on: date) -> Waiting | None:
    """Books of people who leave that the viewer has to hand over; red when any is late."""
    if not viewer.may(Right.OWNERSHIP_TRANSFER):
        return None
    rows = reach(viewer, Handover.objects.filter(state=Handover.State.OPEN))
    return Waiting(rows, late=Q(due_on__lt=on))


def splits(viewer: Viewer, on: date) -> Waiting | None:
    """Splits that the viewer is asked to confirm, and refused ones that he has to divide anew."""
    state, mine = SplitConfirmation.State, Q()
    if viewer.may(Right.CREDIT_CONFIRM):
        mine |= Q(asked=viewer.id, state=state.WAITING)
    if viewer.may(Right.CONTRACT_SIGN):
        mine |= Q(contract__signed_by=viewer.id, state=state.REFUSED)
    if not mine:
        return None
    return Waiting(SplitConfirmation.objects.filter(mine), each="contract")
