"""Who leaves: a handover opens, and what nobody has reassigned in five working days goes round robin."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import Exists, OuterRef, QuerySet

from crm.accounts.models import Member
from crm.events.models import Event
from crm.events.record import event, record
from crm.periods import add_workdays
from customers.models import Customer, Handover

WORKDAYS = 5


def follow(events: Sequence[Event]) -> None:
    """Follows member.edited: who is known to leave has his customers to be handed over."""
    changed = [each for each in events if "status" in each.data["changes"]]
    if changed:
        latest = max(changed, key=lambda each: each.at)
        people = Member.objects.filter(pk__in=[each.subject_id for each in changed])
        open_for(list(people), at=latest.at, on=latest.on)


def open_for(
    people: Sequence[Member], *, due_on: date | None = None, at: datetime, on: date
) -> list[Handover]:
    """Open handovers of those who leave with customers and have none, drop those of who stays or has none."""
    _drop(Handover.objects.filter(member__in=people), at)
    return _open(Member.objects.filter(pk__in=[one.pk for one in people]), due_on, at, on)


def open_all(on: date, at: datetime) -> int:
    """The same for the whole company, as the night does it; returns how many it opened."""
    _drop(Handover.objects.all(), at)
    return len(_open(Member.objects.all(), None, at, on))


def _owned(path: str) -> Exists:
    return Exists(Customer.objects.filter(owner=OuterRef(path)))


def _drop(rows: "QuerySet[Handover]", at: datetime) -> None:
    waiting = rows.filter(state=Handover.State.OPEN)
    needed = waiting.filter(_owned("member"), ~Exists(_staying()))
    waiting.exclude(pk__in=needed.values("pk")).update(state=Handover.State.DROPPED, updated_at=at)


def _staying() -> "QuerySet[Member]":
    return Member.objects.filter(pk=OuterRef("member"), status=Member.Status.ACTIVE)


def _open(people: "QuerySet[Member]", due_on: date | None, at: datetime, on: date) -> list[Handover]:
    waiting = Handover.objects.filter(member=OuterRef("pk"), state=Handover.State.OPEN)
    leaving = people.exclude(status=Member.Status.ACTIVE).filter(_owned("pk"), ~Exists(waiting))
    due = due_on or add_workdays(on, WORKDAYS)
    rows = Handover.objects.bulk_create(
        [
            Handover(member=one, department_id=one.department_id, opened_on=on, due_on=due)
            for one in leaving.order_by("code")
        ]
    )
    record(*(event("handover.opened", at=at, on=on, subject=row.pk, data=_told(row)) for row in rows))
    return rows


def _told(row: Handover) -> dict[str, str]:
    return {"from": row.whose.name, "from_id": str(row.member_id), "due_on": str(row.due_on)}
