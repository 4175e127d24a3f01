"""A handover that is taken back leaves what is to be done as it was: what it closed is open again."""

from collections.abc import Sequence
from typing import Any

from crm.events.models import Event
from customers.models import Extension, HandoverRow
from lifecycle import neglect
from lifecycle.automatic import reopen_many
from lifecycle.models import FollowUp


def reopen_for(events: Sequence[Event]) -> None:
    """Follows handover.undone: what was missed and told, what waits for an answer."""
    for undone in events:
        rows = HandoverRow.objects.filter(handover=undone.subject_id, came_back=True)
        found: list[tuple[Any, Any]] = list(rows.values_list("customer_id", "handover__executed_at"))
        if not found:
            continue
        back, closed = [row[0] for row in found], found[0][1]
        missed = neglect.restore(back, before=closed, at=undone.at, on=undone.on)
        reopen_many([FollowUp.Kind.NEGLECT], missed, closed, undone)
        asked = Extension.objects.filter(customer__in=back, state=Extension.State.ASKED)
        reopen_many([FollowUp.Kind.EXTENSION], asked.values("customer"), closed, undone)
