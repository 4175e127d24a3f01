"""Missed follow-ups: whose, how far it was told, and the rules of the ladder."""

from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from crm import versions
from crm.accounts.access import Viewer, reach
from crm.accounts.rights import Right
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done, show
from crm.web.listing import Column, Listing, View
from lifecycle import neglectrules
from lifecycle.filters import NeglectFilters
from lifecycle.forms import NeglectRulesForm
from lifecycle.models import Neglect, NeglectPolicy
from lifecycle.views.followups import EITHER

SORTS = {"missed_on": "missed_on"}
LATEST = 3  # versions shown
NUMBERS = ("owner_days", "head_days", "flag_days", "in_workdays", "reassigns")


class Missed(Listing):
    """Customers whose owner missed a follow-up, the oldest first. Queries: rows, counts."""

    filters = NeglectFilters
    sorts = SORTS
    ordering = "missed_on"
    columns = (
        Column("customer", gettext_lazy("Customer"), "l1"),
        Column("owner", gettext_lazy("Responsible"), "w-m"),
        Column("missed", gettext_lazy("Missed on"), "r w-l", "missed_on"),
        Column("contact", gettext_lazy("Last contact"), "w-m p2"),
        Column("rung", gettext_lazy("Told"), "w-l"),
        Column("head", gettext_lazy("Head who was told"), "w-l p2"),
        Column("act", "", "r w-l"),
    )

    def __init__(self, request: PageRequest) -> None:
        self.today: date = request.today
        self.views = _views(request.viewer)
        rows = Neglect.objects.select_related("customer__standing", "owner", "head")
        super().__init__(request, reach(request.viewer, rows))

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        """The rows of the page, ready for the template."""
        return [{"row": row, "days": row.days(self.today)} for row in self.rows]


def _views(viewer: Viewer) -> tuple[View, ...]:
    found = (
        View("all", pgettext_lazy("neglect", "All"), ""),
        View("head", pgettext_lazy("neglect", "Head told"), "head_told=true"),
        View("flagged", pgettext_lazy("neglect", "Neglected"), "flagged=true", late=True),
        View("mine", _("Mine"), "owner=me"),
    )
    return found if viewer.may(Right.FOLLOW_UP_ASSIGN) else (found[3], *found[:3])


@require_safe
@page(*EITHER, any_of=True)
def missed(request: PageRequest) -> HttpResponse:
    """What was missed; htmx asks for the list alone."""
    context = {
        "missed": Missed(request),
        "rules": neglectrules.in_force(request.today),
        "sees": {
            "log": request.viewer.may(Right.INTERACTION_LOG),
            "transfer": request.viewer.may(Right.OWNERSHIP_TRANSFER),
            "customer": request.viewer.may(Right.CUSTOMER_VIEW),
        },
        "on": request.today,
        "crumbs": _crumbs(request.viewer)[:1],
    }
    return show(request, "lifecycle/neglect.html", context, regions={"list": "lifecycle/_neglect.html"})


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.CUSTOMER_VIEW)
def rules(request: PageRequest) -> HttpResponse:
    """The versions of the rules, which everybody may read; who edits policies lays down the next."""
    edits = request.viewer.may(Right.POLICY_EDIT)
    if request.method == "POST" and not edits:
        raise PermissionDenied
    now = neglectrules.in_force(request.today)
    initial = {name: getattr(now, name) for name in NUMBERS}
    initial["valid_from"] = request.today + timedelta(1)
    form = NeglectRulesForm(request.POST or None, initial=initial, on=request.today)
    if request.method == "POST":
        made = carry_out(form, lambda data: neglectrules.lay_down(**data, **request.act))
        if made is not None:
            return done(request, reverse("lifecycle:neglect-rules"), _("The rules are laid down."))
    context = {
        "versions": versions.latest(NeglectPolicy, now, request.today, LATEST),
        "form": form if edits else None,
        "crumbs": _crumbs(request.viewer),
    }
    return render(request, "lifecycle/neglect_rules.html", context, status=getattr(form, "status", 200))


def _crumbs(viewer: Viewer) -> list[dict[str, str]]:
    """The lists above, which an admin who makes the rules need not see."""
    if not any(map(viewer.may, EITHER)):
        return []
    return [
        {"label": _("Follow-ups"), "url": reverse("lifecycle:follow-ups")},
        {"label": _("Missed follow-ups"), "url": reverse("lifecycle:neglect")},
    ]
