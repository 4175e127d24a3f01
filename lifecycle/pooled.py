"""What the public sea 公海 asks of people: a first contact after a claim, another before a drop, a word
on more days."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from crm.events.models import Event
from crm.periods import add_workdays
from lifecycle.automatic import LEAVE, MOVE, close_many, open_many
from lifecycle.models import FollowUp

FIRST_TOUCH, DROP, EXTENSION = "first_touch", "drop", "extension"
DECIDE_WORKDAYS = 2


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


def open_for_extensions(events: Sequence[Event]) -> None:
    """Follows extension.asked: the head decides within two working days."""
    rows: list[tuple] = [
        (
            each.customer_id,
            UUID(each.data["to_id"]),
            add_workdays(each.on, DECIDE_WORKDAYS),
            "",
            EXTENSION,
            {"who": each.actor_name, "days": each.data["days"]},
        )
        for each in events
        if each.data["to_id"]
    ]
    open_many(FollowUp.Kind.EXTENSION, LEAVE, rows, events)


def close_for_decision(events: Sequence[Event]) -> None:
    """Follows extension.granted, extension.refused: decided; what asked for a contact sooner is past."""
    close_many([FollowUp.Kind.EXTENSION], events, state=FollowUp.State.DONE)
    if granted := [each for each in events if each.data.get("drops_on")]:
        close_many([FollowUp.Kind.DROP], granted)


def close_for_contact(events: Sequence[Event]) -> None:
    """Follows interaction.logged: who was reached need not be reached for the pool's sake."""
    _close([each for each in events if each.data["is_effective"]])


def close_for_leave(events: Sequence[Event]) -> None:
    """Follows customer.released, customer.returned: what the pool asked of the owner is past."""
    _close(events)


def _close(events: Sequence[Event]) -> None:
    if events:
        close_many((FollowUp.Kind.FIRST_TOUCH, FollowUp.Kind.DROP), events)


def close_for_change(events: Sequence[Event]) -> None:
    """Follows whatever makes somebody else responsible: what the one before asked for is past."""
    if changed := [each for each in events if each.data["from_id"] != each.data["to_id"]]:
        close_many([FollowUp.Kind.EXTENSION], changed)


def _day(each: Event, name: str) -> date:
    return date.fromisoformat(each.data[name])
