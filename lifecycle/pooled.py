"""What the public sea 公海 asks of people: a first contact after a claim, another before a drop."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from crm.events.models import Event
from lifecycle.automatic import MOVE, close_many, open_many
from lifecycle.models import FollowUp

FIRST_TOUCH, DROP = "first_touch", "drop"


def open_for_claims(events: Sequence[Event]) -> None:
    """Follows customer.claimed: the new owner reaches the customer in time, or it goes back."""
    rows: list[tuple] = [
        (each.customer_id, UUID(each.data["to_id"]), _day(each, "first_touch_by"), "", FIRST_TOUCH, {})
        for each in events
    ]
    open_many(FollowUp.Kind.FIRST_TOUCH, MOVE, rows, events)


def open_for_drops(events: Sequence[Event]) -> None:
    """Follows customer.release_near: the owner reaches the customer on the last day at the latest."""
    rows = [
        (
            each.customer_id,
            UUID(each.data["owner_id"]),
            date.fromordinal(_day(each, "drops_on").toordinal() - 1),
            "",
            DROP,
            {"drops_on": each.data["drops_on"]},
        )
        for each in events
    ]
    open_many(FollowUp.Kind.DROP, MOVE, rows, events)


def close_for_contact(events: Sequence[Event]) -> None:
    """Follows interaction.logged: who was reached need not be reached for the pool's sake."""
    _close([each for each in events if each.data["is_effective"]])


def close_for_leave(events: Sequence[Event]) -> None:
    """Follows customer.released, customer.returned: what the pool asked of the owner is past."""
    _close(events)


def _close(events: Sequence[Event]) -> None:
    if events:
        close_many((FollowUp.Kind.FIRST_TOUCH, FollowUp.Kind.DROP), events)


def _day(each: Event, name: str) -> date:
    return date.fromisoformat(each.data[name])
