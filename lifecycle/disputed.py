"""What a 撞单 asks of people: an answer of whoever is responsible, a ruling of the judge.

The claimant gets no follow-up: it would tell him of a customer that he does not reach.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from crm.events.models import Event
from crm.events.record import event, record
from lifecycle.automatic import LEAVE, close_many, open_many
from lifecycle.judging import run
from lifecycle.models import FollowUp

DISPUTE = FollowUp.Kind.DISPUTE


def open_for_claims(events: Sequence[Event]) -> None:
    """Follows ownership_dispute.opened: the claim is to be answered and ruled by its day."""
    rows = [
        row
        for each in events
        for row in (_row(each, "answer", "respondent_id"), _row(each, "ruling", "judge_id"))
    ]
    open_many(DISPUTE, LEAVE, rows, events)


def open_for_appeals(events: Sequence[Event]) -> None:
    """Follows ownership_dispute.appealed: the senior manager has to rule by the new day."""
    open_many(DISPUTE, LEAVE, [_row(each, "ruling", "judge_id") for each in events], events)


def close_for_answers(events: Sequence[Event]) -> None:
    """Follows ownership_dispute.answered."""
    close_many([DISPUTE], events, state=FollowUp.State.DONE, sources=[_source(e, "answer") for e in events])


def close_for_ends(events: Sequence[Event]) -> None:
    """Follows ownership_dispute.ruled and withdrawn: what it asked for is done, or needed no longer."""
    ruled = [_source(each, "ruling") for each in events if each.name == "ownership_dispute.ruled"]
    if ruled:
        close_many([DISPUTE], events, state=FollowUp.State.DONE, sources=ruled)
    rest = [_source(each, part) for each in events for part in ("answer", "ruling")]
    close_many([DISPUTE], events, sources=rest)


HAND_ON = """
UPDATE lifecycle_followup f SET owner_id = h.to_id, version = f.version + 1, updated_at = %(at)s
FROM unnest(%(sources)s::text[], %(tos)s::uuid[]) AS h (source, to_id)
WHERE f.tenant_id = %(tenant)s AND f.customer_id = ANY (%(customers)s) AND f.source = h.source
  AND f.state = 'OPEN' AND f.owner_id IS DISTINCT FROM h.to_id
RETURNING f.id, f.customer_id, f.title, f.kind, f.source
"""


def hand_on(events: Sequence[Event]) -> None:
    """Follows ownership_dispute.escalated: the ruling is another's to give."""
    latest = max(events, key=lambda each: each.at)
    told = {_source(each, "ruling"): each.data for each in events}
    values = {
        "sources": list(told),
        "tos": [data["to_id"] for data in told.values()],
        "customers": [each.customer_id for each in events],
        "at": latest.at,
    }
    moved = run(HAND_ON, values)
    tell = partial(event, "follow_up.assigned", at=latest.at, on=latest.on)
    record(
        *(
            tell(subject=key, customer=customer, data=_moved(told[source], title, kind))
            for key, customer, title, kind, source in moved
        )
    )


def _moved(data: Mapping[str, Any], title: str, kind: str) -> dict[str, Any]:
    return {key: data[key] for key in ("from", "to", "to_id")} | {"title": title, "kind": kind}


def _row(each: Event, part: str, whose: str) -> tuple:
    inputs = {"part": part, "department": each.data["department"], "dispute": str(each.subject_id)}
    day = date.fromisoformat(each.data["due_on"])
    return each.customer_id, UUID(each.data[whose]), day, "", _source(each, part), inputs


def _source(told: Event, part: str) -> str:
    return f"dispute:{told.subject_id}:{part}"
