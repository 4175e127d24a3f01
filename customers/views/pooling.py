"""Giving a customer back to the pool, locking it, and who loses what in the next 30 days."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from crm.accounts.access import governed, reach
from crm.accounts.rights import Right
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done
from customers.forms.pool import ReasonForm
from customers.models import Customer, Extension
from customers.pools import clocks, extending, sea
from customers.views.place import crumbs, reached
from customers.views.pool import above

BOUNDS = (7, 14, 30)  # days ahead
MOST = 300
SEES = {"log": Right.INTERACTION_LOG, "lock": Right.OWNERSHIP_TRANSFER, "extend": Right.POOL_CLAIM}
GET_POST = require_http_methods(["GET", "HEAD", "POST"])
TERMS = {
    "follow_up": gettext_lazy("no follow-up in time"),
    "signature": gettext_lazy("no signature in time"),
    "first_touch": gettext_lazy("no first contact in time"),
    "registered": gettext_lazy("registered, and not reached in time"),
}


@dataclass(frozen=True)
class Act:
    """One thing done to a customer with a reason: its verb and the words around it."""

    do: Callable[..., Any]
    title: Any
    help: Any
    button: Any
    said: Any


RETURN = Act(
    sea.give_back,
    gettext_lazy("Return to the pool"),
    gettext_lazy("Colleagues may claim the customer from then on; you may not for a while."),
    gettext_lazy("Return to the pool"),
    gettext_lazy("The customer is in the pool."),
)
LOCK = Act(
    partial(sea.lock, locked=True),
    gettext_lazy("Lock"),
    gettext_lazy("A locked customer never drops into a pool and cannot be claimed."),
    gettext_lazy("Lock"),
    gettext_lazy("The customer is locked."),
)
UNLOCK = Act(
    partial(sea.lock, locked=False),
    gettext_lazy("Unlock"),
    gettext_lazy("The clocks of the pool count for this customer again."),
    gettext_lazy("Unlock"),
    gettext_lazy("The customer is no longer locked."),
)


@GET_POST
@page(Right.POOL_CLAIM)
def give_back(request: PageRequest, customer_id: UUID) -> HttpResponse:
    """Return a customer to the pool of its department."""
    row = reached(
        request, Customer.objects.select_related("owner", "responsible_dept"), customer_id, governed
    )
    return acted(request, row, RETURN)


@GET_POST
@page(Right.OWNERSHIP_TRANSFER)
def lock(request: PageRequest, customer_id: UUID) -> HttpResponse:
    """Lock a customer, or unlock a locked one."""
    row = reached(
        request, Customer.objects.select_related("owner", "responsible_dept"), customer_id, governed
    )
    return acted(request, row, UNLOCK if row.is_locked else LOCK)


def acted(request: PageRequest, row: Customer, act: Act) -> HttpResponse:
    form = ReasonForm(request.POST or None, on=request.today)
    if (
        request.method == "POST"
        and carry_out(form, lambda data: act.do(row, **data, **request.act)) is not None
    ):
        near = reach(request.viewer, Customer.objects.filter(pk=row.pk)).exists()
        url = reverse("dashboards:customer", args=[row.pk]) if near else reverse("dashboards:book")
        return done(request, url, str(act.said))
    context = {"form": form, "act": act, "customer": row, "crumbs": crumbs(row)}
    return render(request, "customers/reason.html", context, status=getattr(form, "status", 200))


@require_safe
@page(Right.CUSTOMER_VIEW)
def dropping(request: PageRequest) -> HttpResponse:
    """Which of the reader's customers drop into the pool in the next 30 days, when and by which term."""
    rows = reach(request.viewer, Customer.objects.all())
    found = clocks.preview(rows, request.today, bounds=BOUNDS, shown=MOST)
    shown = found.clocks
    named = Customer.objects.select_related("owner", "standing").in_bulk([one.customer_id for one in shown])
    asked = _extensions(named)
    lines = [
        {
            "clock": one,
            "mine": named[one.customer_id].owner_id == request.viewer.id,
            "extension": asked.get(one.customer_id),
            "customer": named[one.customer_id],
            "term": TERMS[one.by],
            "days": (one.on - request.today).days,
        }
        for one in shown
    ]
    context = {
        "lines": lines,
        "count": found.counts[-1],
        "weeks": list(zip(BOUNDS, found.counts, strict=True)),
        "columns": _columns(),
        "on": request.today,
        "sees": {name: request.viewer.may(right) for name, right in SEES.items()},
        "crumbs": above(request.viewer),
        "said": _said(found.counts[-1]),
    }
    return render(request, "customers/dropping.html", context)


def _extensions(shown: Collection[UUID]) -> dict[UUID, Extension]:
    """What their owners have asked for or got, by customer: one query."""
    held = Extension.objects.filter(customer__in=shown, state__in=extending.HOLD, credit__valid_to=None)
    return {one.customer_id: one for one in held.filter(member=F("customer__owner"))}


def _said(number: int) -> str:
    words = ngettext("%(n)d customer in 30 days", "%(n)d customers in 30 days", number)
    return words % {"n": number}


def _columns() -> list[dict[str, str]]:
    heads = (
        (_("Customer"), "l1"),
        (_("Responsible"), "w-m p2"),
        (_("Drops on"), "w-l"),
        (_("Because"), "w-2xl"),
        (_("Last contact"), "w-m p2"),
        (_("Rules"), "w-s p3"),
        ("", "r w-l"),
    )
    return [{"key": "", "label": label, "classes": classes} for label, classes in heads]
