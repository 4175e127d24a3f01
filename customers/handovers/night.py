"""What the night does with handovers: what nobody has reassigned in time goes round robin."""

from collections import Counter
from datetime import date, datetime
from uuid import UUID

from crm.accounts.models import Member
from customers.assignment.placing import turns_in
from customers.handovers import books, leavers
from customers.models import Handover


def pass_on(on: date, at: datetime) -> int:
    """A step of the night: a leaver's customers that his head has not reassigned by the day due are dealt
    out in his department, or the nearest above that sells; returns how many customers moved."""
    leavers.open_all(on, at)
    late = Handover.objects.filter(state=Handover.State.OPEN, due_on__lt=on, member__isnull=False)
    return sum(
        _deal(row, on, at) for row in late.select_related("member__department").order_by("due_on", "id")
    )


def _deal(row: Handover, on: date, at: datetime) -> int:
    """Customers with contracts stay with the leaver rather than fall to nobody, where nobody sells."""
    leaver: Member = row.member  # type: ignore[assignment]
    customers = list(books.book(leaver).values_list("pk", flat=True))
    people = _people(leaver, len(customers))
    if not customers or not people:
        return 0
    turns: dict[UUID, Member] = dict(zip(customers, people, strict=True))
    return books.execute(leaver, turns, by=None, at=at, on=on).rows.count()


def _people(leaver: Member, count: int) -> list[Member]:
    """Whose turn it is, customer by customer; nobody where the company has no other who sells."""
    for department in reversed(leaver.department.ancestors):
        if people := turns_in(Counter({department: count}))[department]:
            return people
    return []
