"""What the dunning of an account asks of its owner: one follow-up an account, moved from step to step."""

from collections.abc import Sequence

from crm.events.models import Event
from crm.periods import add_workdays
from lifecycle.automatic import MOVE, close_many, open_many
from lifecycle.models import FollowUp

WORKDAYS = 2


def open_for_steps(events: Sequence[Event]) -> None:
    """Follows account.dunned: whoever is responsible for the customer duns within two working days."""
    rows: list[tuple] = [
        (
            each.customer_id,
            None,
            add_workdays(each.on, WORKDAYS),
            "",
            _source(each),
            {name: each.data[name] for name in ("contract", "step", "since", "days")},
        )
        for each in events
    ]
    open_many(FollowUp.Kind.DUNNING, MOVE, rows, events)


def close_for_ease(events: Sequence[Event]) -> None:
    """Follows account.eased: nothing of the account is overdue any more."""
    close_many([FollowUp.Kind.DUNNING], events, sources=[_source(each) for each in events])


def _source(told: Event) -> str:
    return f"dunning:{told.data['contract_id']}"
