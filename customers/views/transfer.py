"""Handing customers over to another person: one from its page, many from the list."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from crm.accounts.access import governed
from crm.accounts.rights import Right
from crm.refusal import Fault, Refused
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done
from customers import ownership
from customers.filters.records import CustomerFilters
from customers.forms.transfer import TransferForm
from customers.models import Customer
from customers.views.place import acts, crumbs, reached

MOST = 5000
NAMED = 8


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.OWNERSHIP_TRANSFER)
def one(request: PageRequest, customer_id: UUID) -> HttpResponse:
    """Make somebody else responsible for a customer."""
    customer = reached(request, Customer.objects.select_related("owner"), customer_id, governed)
    form = TransferForm(request.POST or None, on=request.today)
    if request.method == "POST":
        moved = carry_out(form, lambda data: ownership.transfer([customer], **data, **acts(request)))
        if moved is not None:
            return _moved(request, [customer], moved, reverse("dashboards:customer", args=[customer_id]))
    context = {"form": form, "customers": [customer], "count": 1, "customer": customer}
    return _shown(request, context | {"crumbs": crumbs(customer)}, getattr(form, "status", 200))


@require_POST
@page(Right.OWNERSHIP_TRANSFER)
def many(request: PageRequest) -> HttpResponse:
    """The picked customers, or all that the list's filters leave: to whom, then what will move, then done."""
    try:
        rows = governed(request.viewer, Customer.objects.select_related("owner"))
        words = QueryDict(request.POST.get("query", ""))
        filters = CustomerFilters(words, rows, viewer=request.viewer, on=request.today)
        chosen = picked(request, rows, filters.rows)
    except Refused as refused:
        return done(request, reverse("dashboards:book"), str(refused.faults[0].message))
    asked = "to" in request.POST
    form = TransferForm(request.POST if asked else None, on=request.today)
    context = {"form": form, "customers": chosen[:NAMED], "count": len(chosen), "crumbs": crumbs()}
    context["ids"] = ",".join(str(row.pk) for row in chosen)
    if asked and form.is_valid():
        to = form.cleaned_data["to"]
        skipped = [row for row in chosen if row.owner_id == to.pk]
        if "confirm" not in request.POST:
            preview = {"to": to, "moving": len(chosen) - len(skipped), "skipped": skipped[:NAMED]}
            return _shown(request, context | preview | {"skipped_count": len(skipped)}, 200)
        moved = carry_out(form, lambda data: ownership.transfer(chosen, **data, **acts(request)))
        if moved is not None:
            return _moved(request, chosen, moved, reverse("dashboards:book"))
    return _shown(request, context, 422 if asked else 200)


def picked(
    request: PageRequest, rows: "QuerySet[Any]", filtered: "Callable[[], QuerySet[Any]]"
) -> Sequence[Any]:
    """The rows that the form of a list names, or all that its filters leave; Refused for none or too many."""
    rows = filtered() if request.POST.get("all") else rows.filter(pk__in=_ids(request))
    chosen = list(rows.order_by("name", "id")[: MOST + 1])
    if not chosen:
        raise Refused(Fault("", "nothing", _("No customer was picked.")))
    if len(chosen) > MOST:
        words = _("At most %(most)s customers can be handed over at once.")
        raise Refused(Fault("", "too_many", words % {"most": MOST}))
    return chosen


def _ids(request: PageRequest) -> list[UUID]:
    given = request.POST.getlist("pick") or request.POST.get("ids", "").split(",")
    found = []
    for text in given[: MOST + 1]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _moved(request: PageRequest, chosen: Sequence[Customer], moved: int, url: str) -> HttpResponse:
    said = ngettext("%(n)d customer handed over", "%(n)d customers handed over", moved) % {"n": moved}
    left = len(chosen) - moved
    if left:
        said += " · " + ngettext("%(n)d skipped", "%(n)d skipped", left) % {"n": left}
    return done(request, url, said)


def _shown(request: PageRequest, context: dict, status: int) -> HttpResponse:
    return render(request, "customers/transfer.html", context, status=status)
