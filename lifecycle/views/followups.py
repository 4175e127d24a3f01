"""Follow-ups: the list, and the forms that open, close, move and hand them on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from crm.accounts.access import Viewer, changeable, reach
from crm.accounts.rights import Right
from crm.web.access import PageRequest, page
from crm.web.fragments import show
from crm.web.listing import Column, Listing, View
from customers.models import Customer
from lifecycle.filters import FollowUpFilters
from lifecycle.models import FollowUp

SORTS = {"due_on": "due_on", "closed_at": "closed_at", "opened_on": "opened_on", "updated_at": "updated_at"}
EITHER = (Right.INTERACTION_LOG, Right.FOLLOW_UP_ASSIGN)


class FollowUps(Listing):
    """What is to be done, the first due first. Queries: rows, counts, customers to open, rows to change."""

    filters = FollowUpFilters
    sorts = {name: SORTS[name] for name in ("due_on", "closed_at")}
    ordering = "due_on"
    columns = (
        Column("done", "", "w-pick"),
        Column("what", _("What to do")),
        Column("customer", _("Customer")),
        Column("due", _("Due"), "w-l", "due_on"),
        Column("owner", _("To be done by"), "w-l p2"),
        Column("kind", _("Kind"), "w-m p3"),
        Column("act", "", "r w-s"),
    )

    def __init__(self, request: PageRequest) -> None:
        self.today: date = request.today
        self.views = _views(request.viewer, self.today)
        super().__init__(request, reach(request.viewer, rows()))

    @cached_property
    def lines(self) -> "list[Line]":
        """The rows of the page, ready for the template."""
        return lines(self.rows, self.viewer, self.today)


def rows() -> "QuerySet[FollowUp]":
    """Follow-ups with everything a row shows."""
    return FollowUp.objects.select_related("customer", "owner", "closed_by")


def _views(viewer: Viewer, today: date) -> tuple[View, ...]:
    return (
        View("mine", _("Mine"), "owner=me&state=OPEN"),
        View(
            "late", pgettext_lazy("follow-ups", "Late"), f"owner=me&state=OPEN&due_on__lt={today}", late=True
        ),
        View("all", _("All open"), "state=OPEN", Right.FOLLOW_UP_ASSIGN),
        View("all-late", _("All late"), f"state=OPEN&due_on__lt={today}", Right.FOLLOW_UP_ASSIGN, late=True),
        View("closed", pgettext_lazy("follow-ups", "Done"), "state=DONE,CANCELLED&ordering=-closed_at"),
    )


def may_change(viewer: Viewer, row: FollowUp) -> bool:
    """Whether the viewer may close or move it."""
    return row.pk in changing(viewer, [row])


def changing(viewer: Viewer, found: Sequence[FollowUp]) -> set[UUID]:
    """Which of these the viewer may close or move: open ones that are his to do, or his to hand out."""
    rows = [row for row in found if row.state == FollowUp.State.OPEN]
    own = {row.pk for row in rows if row.owner_id == viewer.id}
    if not rows or not viewer.may(Right.FOLLOW_UP_ASSIGN):
        return own
    others = FollowUp.objects.filter(pk__in=[row.pk for row in rows if row.pk not in own])
    return own | set(changeable(viewer, others).values_list("pk", flat=True))


@dataclass(frozen=True)
class Line:
    """A follow-up as a row: whether the reader may change it and open its customer."""

    row: FollowUp
    changes: bool
    hands_on: bool
    opens: bool
    late: bool

    @property
    def menu_id(self) -> str:
        return (
            f"acts-{self.row.pk}-{self.row.version}"  # another one after a change: it was placed by a script
        )


def lines(found: list[FollowUp], viewer: Viewer, today: date) -> list[Line]:
    """Follow-ups as rows of the list."""
    customers = Customer.objects.filter(pk__in={row.customer_id for row in found})
    near = set(reach(viewer, customers).values_list("pk", flat=True)) if found else set()
    mine = changing(viewer, found)
    return [
        Line(
            row,
            changes=row.pk in mine,
            hands_on=row.pk in mine and viewer.may(Right.FOLLOW_UP_ASSIGN),
            opens=row.customer_id in near and viewer.may(Right.CUSTOMER_VIEW),
            late=row.state == FollowUp.State.OPEN and row.due_on < today,
        )
        for row in found
    ]


def found_here(request: PageRequest, follow_up_id: UUID) -> FollowUp:
    """The follow-up within the reader's reach, or 404."""
    row = reach(request.viewer, rows()).filter(pk=follow_up_id).first()
    if row is None:
        raise Http404
    return row


@require_safe
@page(*EITHER, any_of=True)
def follow_ups(request: PageRequest) -> HttpResponse:
    """The follow-ups; htmx asks for the list alone."""
    context = {"follow_ups": FollowUps(request), "on": request.today, "back": request.get_full_path()}
    return show(request, "lifecycle/follow_ups.html", context, regions={"list": "lifecycle/_follow_ups.html"})
