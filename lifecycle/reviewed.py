"""What a periodic evaluation agreed on is done: a follow-up for whoever is responsible."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from crm.events.models import Event
from lifecycle.automatic import MOVE, open_many
from lifecycle.models import FollowUp

SOURCE = "review"


def open_for_reviews(events: Sequence[Event]) -> None:
    """Follows customer.reviewed: the agreed next steps are opened."""
    agreed = [each for each in events if each.data.get("next_step")]
    rows = [
        (
            each.customer_id,
            UUID(each.data["owner_id"]),
            date.fromisoformat(each.data["next_on"]),
            each.data["next_step"],
            SOURCE,
            {"review": each.data["review"]},
        )
        for each in agreed
    ]
    if rows:
        open_many(FollowUp.Kind.MANUAL, MOVE, rows, agreed)
