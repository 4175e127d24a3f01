"""The one timeline of a customer: what happened, newest first, a page at a time, within the reader's rights.

Its entries are events. A row that came by an import has no event of its own (the import has one for
all its rows), so such rows are read from their tables and stand on their business date.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from operator import attrgetter
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KT
from django.utils import timezone

from crm.accounts.access import Viewer
from crm.accounts.rights import Right
from crm.dashboards import told
from crm.dashboards.told import Entry
from crm.events.models import Event
from customers.models import Contract, Interaction, Payment

PAGE = 30


@dataclass(frozen=True)
class Place:
    """A place in the timeline: everything that stands behind this moment and id."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{self.at.isoformat()}_{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Place | None":
        """The place that a text names; None for any other text."""
        try:
            at, last = text.split("_", 1)
            found = cls(datetime.fromisoformat(at), UUID(last))
        except ValueError:
            return None
        return found if found.at.tzinfo else None


def groups(viewer: Viewer) -> list[str]:
    """The subjects that a viewer may read about."""
    shut = set()
    if not viewer.may(Right.INTERACTION_VIEW):
        shut.add("contact")
    if not viewer.may(Right.CONTRACT_VIEW):
        shut.add("contract")
    return [group for group in told.GROUPS if group not in shut]


def entries(
    customer_id: UUID, viewer: Viewer, *, today: date, group: str = "", before: Place | None = None
) -> tuple[list[Entry], Place | None]:
    """A page of the timeline, and the place behind which the next page begins (None at the end)."""
    subjects = [each for each in groups(viewer) if group in ("", each)]
    found: list[Entry] = list(_events(customer_id, viewer, subjects, before, today))
    if "contact" in subjects:
        found += _interactions(customer_id, before, today)
    if "contract" in subjects:
        found += _contracts(customer_id, viewer, before, today)
        found += _payments(customer_id, viewer, before, today)
    found.sort(key=attrgetter("at", "id"), reverse=True)
    page = list(islice(found, PAGE))
    return page, Place(page[-1].at, page[-1].id) if len(found) > PAGE else None


def _events(
    customer_id: UUID, viewer: Viewer, subjects: list[str], before: Place | None, today: date
) -> Iterator[Entry]:
    names = [name for name, kind in told.KINDS.items() if kind.group in subjects and kind.open_to(viewer)]
    rows = Event.objects.filter(customer_id=customer_id, name__in=names)
    for row in _earlier(rows, before).order_by("-at", "-id")[: PAGE + 1]:
        yield told.event(row, viewer, today)


def _interactions(customer_id: UUID, before: Place | None, today: date) -> Iterator[Entry]:
    rows = Interaction.objects.filter(_unrecorded("interaction.logged"), customer_id=customer_id)
    for row in _earlier(rows, before).select_related("member").order_by("-at", "-id")[: PAGE + 1]:
        yield told.interaction(row, today)


def _contracts(customer_id: UUID, viewer: Viewer, before: Place | None, today: date) -> Iterator[Entry]:
    rows = Contract.objects.filter(_unrecorded("contract.signed"), customer_id=customer_id)
    for row in _on_days(rows, "signed_on", before):
        yield told.contract(row, viewer, midnight(row.signed_on), today)


def _payments(customer_id: UUID, viewer: Viewer, before: Place | None, today: date) -> Iterator[Entry]:
    if not viewer.may(Right.RECEIVABLE_VIEW):
        return
    told_of = Event.objects.annotate(number=KT("data__number")).filter(
        customer_id=customer_id,
        name__in=["payment.received", "payment.refunded"],
        number=OuterRef("number"),
    )
    rows = Payment.objects.filter(~Exists(told_of), customer_id=customer_id)
    for row in _on_days(rows.select_related("contract"), "received_on", before):
        yield told.payment(row, viewer, midnight(row.received_on), today)


def _unrecorded(name: str) -> Q:
    return Q(~Exists(Event.objects.filter(subject_id=OuterRef("pk"), name=name)))


def _earlier(rows: QuerySet, before: Place | None) -> QuerySet:
    if before is None:
        return rows
    return rows.filter(Q(at__lt=before.at) | Q(at=before.at, id__lt=before.id))


def _on_days(rows: QuerySet, column: str, before: Place | None) -> QuerySet:
    if before is not None:
        day = timezone.localtime(before.at).date()
        earlier = Q(**{f"{column}__lt": day})
        same_day = Q(**{column: day})
        if before.at == midnight(day):
            same_day &= Q(id__lt=before.id)
        rows = rows.filter(earlier | same_day)
    return rows.order_by(f"-{column}", "-id")[: PAGE + 1]


def midnight(day: date) -> datetime:
    """The moment that a business date begins."""
    return timezone.make_aware(datetime.combine(day, time()))
