"""Recording what happened, and starting what follows from it."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Literal, Protocol
from uuid import UUID

import orjson
from django.db import transaction

from crm.events.models import Event, Pending
from crm.tenancy.context import current, tenant
from crm.tenancy.ids import uuid7

logger = logging.getLogger(__name__)

AT_ONCE = 5000
COLUMNS = ("id", "name", "on", "at", "actor_id", "actor_name", "subject_id", "customer_id", "data")
INSERT = """
INSERT INTO events_event (tenant_id, id, name, "on", at, actor_id, actor_name, subject_id, customer_id, data)
SELECT %s, e.* FROM json_to_recordset(%s::json) AS e (id uuid, name text, "on" date, at timestamptz,
  actor_id uuid, actor_name text, subject_id uuid, customer_id uuid, data jsonb)"""


class Actor(Protocol):
    """Who did it: a member of the tenant."""

    @property
    def id(self) -> Any: ...

    @property
    def name(self) -> Any: ...


Follower = Callable[[Sequence[Event]], object]


@dataclass(frozen=True)
class Follow:
    """One thing that follows an event: in the same transaction ("now") or after commit ("later").

    `nightly`: a later step of the night does it for everybody, so within a night no event is followed by it.
    """

    when: Literal["now", "later"]
    do: Follower
    nightly: bool = False

    @property
    def name(self) -> str:
        """The follower's address, as stored in the outbox."""
        return f"{self.do.__module__}.{self.do.__qualname__}"


_follows: dict[str, list[Follow]] = defaultdict(list)
_in_night: ContextVar[bool] = ContextVar("in_night", default=False)


@contextmanager
def in_night() -> Iterator[None]:
    """The scope of a step of the night."""
    token = _in_night.set(True)
    try:
        yield
    finally:
        _in_night.reset(token)


def register(table: Mapping[str, Sequence[Follow]]) -> None:
    """Take over the table of crm.flows; called once, when the project is ready."""
    _follows.clear()
    for name, follows in table.items():
        _follows[name].extend(follows)


def follower(name: str) -> Follower:
    """The function behind an address of the outbox; KeyError if the table no longer has it."""
    return {f.name: f.do for follows in _follows.values() for f in follows}[name]


def event(
    name: str,
    *,
    at: datetime,
    on: date,
    by: Actor | None = None,
    subject: UUID | None = None,
    customer: UUID | None = None,
    data: Mapping[str, Any] | None = None,
) -> Event:
    """An event not yet recorded; `by` is None for what the system did by itself."""
    who = (by.id, by.name) if by else (None, "")
    values: Any = (uuid7(), current(), name, on, at, *who, subject, customer, dict(data or {}))
    return Event(*values)  # in the order of its columns: a night tells of thousands, by name is twice as dear


def record(*events: Event) -> list[Event]:
    """Write the events and run what follows now; what follows later is sent after commit.

    Must be called inside the transaction that changes the rows the events speak of.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an event is recorded in the transaction of its change")
    for start in range(0, len(events), AT_ONCE):
        _write(events[start : start + AT_ONCE])
    for name, batch in _by_name(events).items():
        for follow in _follows[name]:
            if follow.when == "now" and not (follow.nightly and _in_night.get()):
                follow.do(batch)
    _leave_for_later(events)
    return list(events)


def _write(events: Sequence[Event]) -> None:
    """One statement with one parameter: a night tells of thousands, and arrays of columns cost twice that."""
    if any(each.tenant_id != current() for each in events):
        raise PermissionError(f"event of another tenant than {current()}, which is in scope")
    rows = orjson.dumps([{column: getattr(each, column) for column in COLUMNS} for each in events])
    with transaction.get_connection().cursor() as cursor:
        cursor.execute(INSERT, [current(), rows.decode()])
    for each in events:
        each._state.adding = False


def _by_name(events: Iterable[Event]) -> dict[str, list[Event]]:
    groups: dict[str, list[Event]] = defaultdict(list)
    for each in events:
        groups[each.name].append(each)
    return groups


def _leave_for_later(events: Sequence[Event]) -> None:
    waiting = [
        Pending(event_id=each.id, follower=follow.name)
        for each in events
        for follow in _follows[each.name]
        if follow.when == "later"
    ]
    if waiting:
        Pending.objects.bulk_create(waiting, batch_size=5000)
        transaction.on_commit(partial(_send, current()), robust=True)


def _send(number: int) -> None:
    from crm.events.tasks import follow_later  # the task module needs the queue, this one must not

    try:
        with tenant(number):  # a scope inside the transaction has ended by now
            follow_later.delay()
    except Exception as problem:  # the broker is away: the sweep sends it when it is back
        logger.warning("outbox: not sent now, left to the sweep: %s", problem)


def follow_up_pending(limit: int = 1000) -> int:
    """Do what waits in the outbox of the tenant in scope; returns how many rows were done.

    Rows that another worker holds are left to it. Each follower is safe to run twice.
    """
    rows = list(Pending.objects.select_for_update(skip_locked=True).order_by("id")[:limit])
    events = {e.id: e for e in Event.objects.filter(id__in={row.event_id for row in rows})}
    batches: dict[str, list[Event]] = defaultdict(list)
    for row in rows:
        batches[row.follower].append(events[row.event_id])
    for name, batch in batches.items():
        follower(name)(batch)
    Pending.objects.filter(id__in=[row.id for row in rows]).delete()
    return len(rows)
