"""What passes on when a book is handed over, told before it does: over all apps."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import F, Q

from crm.accounts.models import Member
from customers.handovers import books
from customers.handovers.books import Moving, Turns
from customers.models import Customer
from lifecycle.models import FollowUp


@dataclass
class Part:
    """What one person gets."""

    to: Member
    customers: int = 0
    annual_amount: Decimal = Decimal(0)


@dataclass(frozen=True)
class Preview:
    """All that moves, with what was still to do, and who gets how much of it."""

    moving: Moving
    follow_ups: int
    parts: list[Part] = field(default_factory=list)


def preview(rows: Sequence[Customer], turns: Turns, on: date) -> Preview:
    """What would move if these customers went to these people; they bring their standing along."""
    parts: dict[Member, Part] = {}
    for row in rows:
        if row.pk in turns:
            part = parts.setdefault(turns[row.pk], Part(turns[row.pk]))
            part.customers += 1
            part.annual_amount += row.standing.annual_amount
    moved = [row.pk for row in rows if row.pk in turns]
    return Preview(
        books.moving(moved, on),
        _following(moved).count(),
        sorted(parts.values(), key=lambda part: part.to.code),
    )


def _following(customers: Sequence[object]):  # type: ignore[no-untyped-def]
    """The open follow-ups that go along: those of whoever is responsible now, or of nobody."""
    nobodys = Q(owner=None, customer__owner=None)
    rows = FollowUp.objects.filter(customer__in=list(customers), state=FollowUp.State.OPEN)
    return rows.filter(Q(owner=F("customer__owner")) | nobodys)
