"""Handovers (交接): which wait, what each moved, and taking one back."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from crm.accounts.access import reach
from crm.accounts.rights import Right
from crm.refusal import Refused
from crm.web.access import PageRequest, page
from crm.web.fragments import done, show
from crm.web.listing import Column, Listing, View
from customers.filters.handovers import HandoverFilters
from customers.handovers import books
from customers.models import Customer, Handover
from customers.views.place import acts, reached

MOST = 500
SORTS = {"due_on": "due_on", "opened_on": "opened_on"}
NAMES = ("member", "department", "executed_by", "undone_by")


class Handovers(Listing):
    """The handovers of the departments that a reader answers for."""

    filters = HandoverFilters
    sorts = SORTS
    ordering = "-opened_on"
    columns = (
        Column("whose", gettext_lazy("Whose customers")),
        Column("department", gettext_lazy("Department"), "w-l p2"),
        Column("customers", gettext_lazy("Customers"), "r w-m p2"),
        Column("opened", pgettext_lazy("handover", "Opened"), "r w-m p3", "opened_on"),
        Column("due", pgettext_lazy("handover", "Due by"), "r w-l", "due_on"),
        Column("state", gettext_lazy("State"), "w-l"),
        Column("act", "", "r w-l"),
    )

    def __init__(self, request: PageRequest) -> None:
        self.views = _views(request.today)
        rows = books.counted(Handover.objects.select_related(*NAMES))
        super().__init__(request, reach(request.viewer, rows))


def _views(today: date) -> tuple[View, ...]:
    return (
        View("open", pgettext_lazy("handover", "To be handed over"), "state=OPEN&ordering=due_on"),
        View("late", pgettext_lazy("handover", "Late"), f"state=OPEN&due_on__lt={today}", late=True),
        View("done", pgettext_lazy("handover", "Handed over"), "state=DONE&state=UNDONE"),
    )


@require_safe
@page(Right.OWNERSHIP_TRANSFER)
def listed(request: PageRequest) -> HttpResponse:
    """Whose customers wait to be handed over, and what was; htmx asks for the list alone."""
    listing = Handovers(request)
    lines = [{"row": row, "late": row.is_late(request.today)} for row in listing.rows]
    context = {"handovers": listing, "lines": lines, "on": request.today}
    region = {"list": "customers/_handover_list.html"}
    return show(request, "customers/handovers.html", context, regions=region)


@require_safe
@page(Right.OWNERSHIP_TRANSFER)
def one(request: PageRequest, handover_id: UUID) -> HttpResponse:
    """What moved, to whom, and whether it can still be taken back."""
    row = reached(request, Handover.objects.select_related(*NAMES), handover_id)
    moved = row.rows.select_related("customer", "from_member", "from_department", "to_member")
    shown = list(moved.order_by("to_member__name", "customer__name", "id")[:MOST])
    customers = [each.customer_id for each in shown]
    near = reach(request.viewer, Customer.objects.filter(pk__in=customers)).values_list("pk", flat=True)
    people = row.rows.order_by("to_member__code").values_list("to_member__name")
    undoable = row.is_undoable(request.today)
    context: dict[str, Any] = {
        "row": row,
        "on": request.today,
        "late": row.is_late(request.today),
        "lines": shown,
        "near": set(near),
        "count": row.rows.count(),
        "people": list(people.annotate(Count("pk"))),
        "back": books.untouched(row).count() if undoable else 0,
        "columns": _columns(),
        "crumbs": crumbs(),
    }
    return render(request, "customers/handover.html", context)


@require_POST
@page(Right.OWNERSHIP_TRANSFER)
def undo(request: PageRequest, handover_id: UUID) -> HttpResponse:
    """Take a handover back: what nobody has changed since."""
    row = reached(request, Handover.objects.all(), handover_id)
    here = reverse("customers:handover", args=[row.pk])
    try:
        with transaction.atomic():
            undone = books.undo(row, **acts(request))
    except Refused as refused:
        return done(request, here, str(refused.faults[0].message), level=messages.ERROR)
    back = undone.rows.filter(came_back=True).count()
    stayed = undone.rows.filter(came_back=False).count()
    said = ngettext("%(n)d customer went back", "%(n)d customers went back", back) % {"n": back}
    if stayed:
        said += " · " + ngettext("%(n)d stays", "%(n)d stay", stayed) % {"n": stayed}
    return done(request, here, said)


def _columns() -> list[dict[str, str]]:
    heads = (
        (_("Customer"), "l1"),
        (pgettext("handover", "From"), "w-l p2"),
        (pgettext("handover", "Goes to"), "w-l"),
        ("", "w-l r"),
    )
    return [{"key": "", "label": label, "classes": classes} for label, classes in heads]


def crumbs() -> list[dict[str, str]]:
    """The way back to the list."""
    return [{"label": _("Handovers"), "url": reverse("customers:handovers")}]
