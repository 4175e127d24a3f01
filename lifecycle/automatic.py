"""Follow-ups that open, move and close by themselves: followers of risks, next steps and handovers.

Each works on its whole batch at once and may run twice: at most one follow-up is open per customer
and source.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef
from psycopg.types.json import Jsonb

from crm.events.models import Event
from crm.events.record import event, record
from crm.periods import add_workdays
from customers.models import Interaction
from lifecycle.followups import refresh_next
from lifecycle.judging import run
from lifecycle.models import FollowUp

RISK_SOURCE = "risk"
RISK_WORKDAYS = 5  # "visit in 5 working days" (domain.md §4)

# A row of a batch: customer, owner or null for whoever is responsible on that day, due day, title,
# source, inputs. Whoever has left the company gets nothing to do.
WANTED = """
WITH wanted AS (
  SELECT u.*, c.owner_id AS responsible_id
  FROM unnest(%(customers)s::uuid[], %(owners)s::uuid[], %(days)s::date[],
              %(titles)s::text[], %(sources)s::text[], %(inputs)s::jsonb[])
    AS u (customer_id, owner_id, due_on, title, source, inputs)
  JOIN customers_customer c ON c.tenant_id = %(tenant)s AND c.id = u.customer_id
    AND c.id = ANY (%(customers)s)
), written AS (
  INSERT INTO lifecycle_followup AS f (tenant_id, version, created_at, updated_at, customer_id, owner_id,
    kind, title, due_on, source, inputs, state, opened_on, outcome)
  SELECT %(tenant)s, 1, %(at)s, %(at)s, w.customer_id, m.id,
    %(kind)s, w.title, w.due_on, w.source, w.inputs, 'OPEN', %(on)s, ''
  FROM wanted w
  LEFT JOIN accounts_member m ON m.tenant_id = %(tenant)s AND m.status <> 'LEFT'
    AND m.id = coalesce(w.owner_id, w.responsible_id)
  ON CONFLICT (tenant_id, customer_id, source) WHERE state = 'OPEN' AND source <> '' {conflict}
  RETURNING f.id, f.customer_id, f.owner_id, f.title, f.due_on, f.version
)
SELECT w.id, w.customer_id, w.owner_id, m.name, w.title, w.due_on, w.version
FROM written w LEFT JOIN accounts_member m ON m.tenant_id = %(tenant)s AND m.id = w.owner_id
"""
LEAVE = "DO NOTHING"
MOVE = """DO UPDATE SET due_on = excluded.due_on, title = excluded.title, inputs = excluded.inputs,
    version = f.version + 1, updated_at = excluded.updated_at
  WHERE (f.due_on, f.title) IS DISTINCT FROM (excluded.due_on, excluded.title)"""


def open_for_risks(events: Sequence[Event]) -> None:
    """Follows risk.flagged: a visit within five working days, for whoever is responsible that day."""
    rows = [
        (each.customer_id, None, add_workdays(each.on, RISK_WORKDAYS), "", RISK_SOURCE, _risk(each))
        for each in events
    ]
    open_many(FollowUp.Kind.RISK, LEAVE, rows, events)


def close_for_calm(events: Sequence[Event]) -> None:
    """Follows risk.cleared: what was opened for the risk and not yet done is no longer needed."""
    close_many([FollowUp.Kind.RISK], events)


def close_many(
    kinds: Collection[FollowUp.Kind],
    events: Sequence[Event],
    *,
    state: FollowUp.State = FollowUp.State.CANCELLED,
    sources: Sequence[str] | None = None,
) -> None:
    """Close what the system has opened of some kinds for the customers of the events: it is past.

    `sources` narrows it to what these asked for; `state` DONE says that it was done.
    """
    latest = max(events, key=lambda each: each.at)
    customers = [each.customer_id for each in events if each.customer_id]
    rows = FollowUp.objects.filter(customer_id__in=customers, kind__in=kinds, state=FollowUp.State.OPEN)
    if sources is not None:
        rows = rows.filter(source__in=sources)
    closing = list(rows.select_for_update().values_list("id", "customer_id", "kind"))
    if not closing:
        return
    FollowUp.objects.filter(id__in=[row[0] for row in closing]).update(
        state=state, closed_at=latest.at, updated_at=latest.at, version=F("version") + 1
    )
    refresh_next([row[1] for row in closing])
    data = {"title": "", "state": state, "note": ""}
    record(*(_told("follow_up.closed", *row[:2], data | {"kind": row[2]}, latest) for row in closing))


def reopen_many(kinds: Collection[FollowUp.Kind], customers: Any, closed: datetime, undone: Event) -> None:
    """Open again what `close_many` closed at a moment. `customers` are ids or a query of them."""
    rows = FollowUp.objects.filter(customer__in=customers, kind__in=kinds, closed_at=closed, closed_by=None)
    again = rows.filter(state=FollowUp.State.CANCELLED).exclude(
        Exists(
            rows.model.objects.filter(
                customer=OuterRef("customer"), source=OuterRef("source"), state=FollowUp.State.OPEN
            )
        )
    )
    found = list(again.select_for_update(of=("self",)).select_related("owner"))
    if not found:
        return
    FollowUp.objects.filter(pk__in=[row.pk for row in found]).update(
        state=FollowUp.State.OPEN, closed_at=None, updated_at=undone.at, version=F("version") + 1
    )
    refresh_next({row.customer_id for row in found})
    record(*(_again(row, undone) for row in found))


def _again(row: FollowUp, undone: Event) -> Event:
    told = {"title": row.title, "kind": row.kind, "due_on": str(row.due_on)}
    whose = {"owner": row.owner.name if row.owner else "", "owner_id": row.owner_id and str(row.owner_id)}
    return _told("follow_up.opened", row.pk, row.customer_id, told | whose, undone)


def open_for_news(events: Sequence[Event]) -> None:
    """Follows intel.relayed: whoever is responsible has to answer it by its day."""
    rows = [
        (
            each.customer_id,
            None,
            date.fromisoformat(each.data["due_on"]),
            "",
            _news(each),
            {"department": each.data["department"], "intel": str(each.subject_id)},
        )
        for each in events
    ]
    open_many(FollowUp.Kind.NEWS, LEAVE, rows, events)


def close_for_answers(events: Sequence[Event]) -> None:
    """Follows intel.acknowledged: the news has been answered, by whomever."""
    answered = [_news(each) for each in events]
    close_many([FollowUp.Kind.NEWS], events, state=FollowUp.State.DONE, sources=answered)


def _news(told: Event) -> str:
    return f"news:{told.subject_id}"


def take_next_steps(events: Sequence[Event]) -> None:
    """Follows interaction.logged: an agreed next step opens or moves the one of that person."""
    agreed = {each.subject_id: each for each in events if each.subject_id and each.data.get("next_on")}
    rows = {}
    for contact in Interaction.objects.filter(id__in=agreed).order_by("at", "id"):
        data = agreed[contact.id].data
        source = f"next_step:{contact.member_id or ''}"
        due = date.fromisoformat(data["next_on"])
        title = (data.get("next_note") or "")[:200]
        inputs = {"interaction": str(contact.id)}
        row = (contact.customer_id, contact.member_id, due, title, source, inputs)
        rows[contact.customer_id, source] = row
    open_many(FollowUp.Kind.NEXT_STEP, MOVE, rows.values(), events)


HAND_OVER = """
UPDATE lifecycle_followup f SET owner_id = h.to_id, version = f.version + 1, updated_at = %(at)s
FROM unnest(%(customers)s::uuid[], %(froms)s::uuid[], %(tos)s::uuid[]) AS h (customer_id, from_id, to_id)
WHERE f.tenant_id = %(tenant)s AND f.customer_id = h.customer_id
  AND f.customer_id = ANY (%(customers)s) AND f.state = 'OPEN'
  AND f.owner_id IS NOT DISTINCT FROM h.from_id
RETURNING f.id, f.customer_id, f.title, f.kind
"""


def hand_over(events: Sequence[Event]) -> None:
    """Follows customer.transferred: what the one before still had to do is for the one who takes over."""
    events = [each for each in events if each.data["from_id"] != each.data["to_id"]]
    if not events:
        return
    latest = max(events, key=lambda each: each.at)
    handovers = {
        "customers": [each.customer_id for each in events],
        "froms": [each.data["from_id"] for each in events],
        "tos": [each.data["to_id"] for each in events],
    }
    moved = run(HAND_OVER, handovers | {"at": latest.at})
    people = {each.customer_id: {key: each.data[key] for key in ("from", "to", "to_id")} for each in events}
    record(
        *(
            _told(
                "follow_up.assigned",
                number,
                customer,
                people[customer] | {"title": title, "kind": kind},
                latest,
            )
            for number, customer, title, kind in moved
        )
    )


def _risk(flagged: Event) -> dict[str, Any]:
    return {"score": flagged.data["score"], "reasons": flagged.data["reasons"]}


def open_many(kind: str, conflict: str, rows: Iterable[tuple], events: Sequence[Event]) -> None:
    """Open follow-ups of a kind, rows as in WANTED; where one of that source is open, LEAVE or MOVE it."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    if not columns:
        return
    latest = max(events, key=lambda each: each.at)
    names = ("customers", "owners", "days", "titles", "sources", "inputs")
    values: dict[str, Any] = dict(zip(names, columns, strict=True))
    values["inputs"] = [Jsonb(one) for one in values["inputs"]]
    values |= {"kind": kind, "on": latest.on, "at": latest.at}
    written = run(WANTED.format(conflict=conflict), values)
    refresh_next({row[1] for row in written})
    record(*(_written(kind, row, latest) for row in written))


def _written(kind: str, row: tuple, latest: Event) -> Event:
    number, customer, owner, name, title, due_on, version = row
    told = {"title": title, "kind": kind, "due_on": str(due_on)}
    if version > 1:
        return _told("follow_up.rescheduled", number, customer, told, latest)
    whose = {"owner": name or "", "owner_id": str(owner) if owner else None}
    return _told("follow_up.opened", number, customer, told | whose, latest)


def _told(name: str, number: UUID, customer: UUID, data: dict[str, Any], latest: Event) -> Event:
    return event(name, at=latest.at, on=latest.on, subject=number, customer=customer, data=data)
