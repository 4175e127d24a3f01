"""More days of protection 延长保护期: asking for them, the requests, and the head's answer."""

from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.accounts.access import Viewer, governed, reach
from crm.accounts.rights import Right
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done, show
from crm.web.listing import Column, Listing, View
from customers.filters.extensions import ExtensionFilters
from customers.forms.pool import GrantForm, RefusalForm
from customers.models import Customer, Extension
from customers.pools import extending, sea
from customers.views.place import reached
from customers.views.pooling import Act, acted

SORTS = {"asked_on": "asked_on"}
ASK = Act(
    extending.ask,
    gettext_lazy("Ask for more days"),
    gettext_lazy("Your head decides. It is granted once; a contact or a signature counts as before."),
    gettext_lazy("Ask for more days"),
    gettext_lazy("Asked. You will find the answer here and on the customer's page."),
)


class Extensions(Listing):
    """The requests of a reader and of those he watches over. Queries: rows, counts, names."""

    filters = ExtensionFilters
    sorts = SORTS
    ordering = "-asked_on"
    columns = (
        Column("customer", gettext_lazy("Customer"), "l1"),
        Column("member", gettext_lazy("Asked for by"), "w-m"),
        Column("reason", gettext_lazy("Reason"), "p2"),
        Column("days", gettext_lazy("Days"), "r w-s"),
        Column("asked", gettext_lazy("Asked for on"), "r w-m p3", "asked_on"),
        Column("state", gettext_lazy("State"), "w-l"),
        Column("decided", gettext_lazy("Decided by"), "w-m p3"),
    )

    def __init__(self, request: PageRequest) -> None:
        self.views = _views(request.viewer)
        rows = Extension.objects.select_related("customer", "member", "decided_by")
        super().__init__(request, reach(request.viewer, rows))

    @cached_property
    def lines(self) -> list[Extension]:
        """The rows of the page."""
        return self.rows


def _views(viewer: Viewer) -> tuple[View, ...]:
    found = (
        View("waiting", pgettext_lazy("extensions", "To decide"), "state=ASKED", Right.OWNERSHIP_TRANSFER),
        View("mine", pgettext_lazy("extensions", "Asked by me"), "member=me"),
        View("all", pgettext_lazy("extensions", "All"), ""),
    )
    return found if viewer.may(Right.OWNERSHIP_TRANSFER) else found[1:]


@require_safe
@page(Right.CUSTOMER_VIEW)
def extensions(request: PageRequest) -> HttpResponse:
    """The requests; htmx asks for the list alone."""
    context = {"extensions": Extensions(request), "on": request.today, "crumbs": _crumbs()[:1]}
    regions = {"list": "customers/_extensions.html"}
    return show(request, "customers/extensions.html", context, regions=regions)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.POOL_CLAIM)
def ask(request: PageRequest, customer_id: UUID) -> HttpResponse:
    """Ask for more days with a customer."""
    row = reached(
        request, Customer.objects.select_related("owner", "responsible_dept"), customer_id, governed
    )
    return acted(request, row, ASK)


@require_safe
@page(Right.CUSTOMER_VIEW)
def one(request: PageRequest, extension_id: UUID) -> HttpResponse:
    """A request with its answer, or what the head decides it by."""
    return _shown(request, _found(request, extension_id))


@require_POST
@page(Right.OWNERSHIP_TRANSFER)
def grant(request: PageRequest, extension_id: UUID) -> HttpResponse:
    """Give the days."""
    row = _to_decide(request, extension_id)
    form = GrantForm(request.POST, on=request.today)
    if carry_out(form, lambda data: extending.grant(row, **data, **request.act)) is None:
        return _shown(request, row, granting=form)
    return done(request, reverse("customers:extensions"), _("Granted."))


@require_POST
@page(Right.OWNERSHIP_TRANSFER)
def refuse(request: PageRequest, extension_id: UUID) -> HttpResponse:
    """Do not give them, and say why."""
    row = _to_decide(request, extension_id)
    form = RefusalForm(request.POST, on=request.today)
    if carry_out(form, lambda data: extending.refuse(row, **data, **request.act)) is None:
        return _shown(request, row, refusing=form)
    return done(request, reverse("customers:extensions"), _("Refused."))


def _found(request: PageRequest, extension_id: UUID) -> Extension:
    rows = Extension.objects.select_related("customer__standing", "member", "decided_by")
    return reached(request, rows, extension_id)


def _to_decide(request: PageRequest, extension_id: UUID) -> Extension:
    row = _found(request, extension_id)
    if not extending.may_decide(request.viewer, row):
        raise PermissionDenied
    return row


def _shown(
    request: PageRequest,
    row: Extension,
    *,
    granting: forms.Form | None = None,
    refusing: forms.Form | None = None,
) -> HttpResponse:
    waits = row.state == Extension.State.ASKED
    decides = waits and extending.may_decide(request.viewer, row)
    clock = sea.clock_of(row.customer, request.today)
    context: dict[str, Any] = {
        "row": row,
        "on": request.today,
        "near": reach(request.viewer, Customer.objects.filter(pk=row.customer_id)).exists(),
        "clock": clock if clock and clock.on and not clock.shield else None,
        "then": clock.on + timedelta(row.days) if waits and clock and clock.on else None,
        "granting": (granting or GrantForm(on=request.today)) if decides else None,
        "refusing": (refusing or RefusalForm(on=request.today)) if decides else None,
        "crumbs": _crumbs(),
    }
    status = getattr(granting or refusing, "status", 200)
    return render(request, "customers/extension.html", context, status=status)


def _crumbs() -> list[dict[str, str]]:
    return [
        {"label": _("About to drop"), "url": reverse("customers:dropping")},
        {"label": _("More days"), "url": reverse("customers:extensions")},
    ]
