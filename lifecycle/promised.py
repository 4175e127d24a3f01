"""What a registration 报备 asks of the registrant: to reach the customer in time, or to register it again."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from crm.events.models import Event
from lifecycle.automatic import MOVE, close_many, open_many
from lifecycle.models import FollowUp

SOURCE = "registration"


def open_for_registrations(events: Sequence[Event]) -> None:
    """Follows registration.filed: the registrant reaches the customer by its day, or it lapses."""
    _close(events, FollowUp.State.DONE)  # it may have asked to be registered again
    rows: list[tuple] = [
        (each.customer_id, UUID(each.data["member_id"]), date.fromisoformat(each.data["due_on"]), {})
        for each in events
    ]
    _open(rows, events)


def close_for_effect(events: Sequence[Event]) -> None:
    """Follows registration.effective: the customer was reached."""
    _close(events, FollowUp.State.DONE)


def close_for_lapse(events: Sequence[Event]) -> None:
    """Follows registration.lapsed: it is too late; what it alone holds is to be registered again."""
    _close(events, FollowUp.State.CANCELLED)
    dropping = [each for each in events if each.data["drops_on"]]
    rows = [
        (
            each.customer_id,
            UUID(each.data["member_id"]),
            date.fromisoformat(each.data["drops_on"]) - timedelta(1),
            {"drops_on": each.data["drops_on"]},
        )
        for each in dropping
    ]
    if rows:
        _open(rows, dropping)


def close_for_leave(events: Sequence[Event]) -> None:
    """Follows customer.released, customer.returned: there is nothing left to hold."""
    _close(events, FollowUp.State.CANCELLED)


def _open(rows: Sequence[tuple], events: Sequence[Event]) -> None:
    whole = [(customer, owner, due_on, "", SOURCE, inputs) for customer, owner, due_on, inputs in rows]
    open_many(FollowUp.Kind.REGISTRATION, MOVE, whole, events)


def _close(events: Sequence[Event], state: FollowUp.State) -> None:
    close_many([FollowUp.Kind.REGISTRATION], events, state=state, sources=[SOURCE])
