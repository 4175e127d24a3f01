"""Tiers given by decision: those in force with the days they have left, a new one, the end of one."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.accounts.access import governed, reach
from crm.accounts.rights import Right
from crm.refusal import Refused
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done, show
from crm.web.listing import Column, Listing, View
from customers.models import Customer
from customers.views.place import crumbs, reached
from tiers import overrides, policies, proposals
from tiers.filters import TierOverrideFilters
from tiers.forms import DecisionForm
from tiers.models import TierOverride, TierProposal
from tiers.views.place import labels, tabs

SOON = timedelta(days=30)


class Decisions(Listing):
    """Decisions on customers within reach. Queries: rows, counts, names of filters."""

    filters = TierOverrideFilters
    sorts = {"valid_to": "valid_to", "valid_from": "valid_from"}
    ordering = "valid_to"
    columns = (
        Column("customer", gettext_lazy("Customer")),
        Column("tier", gettext_lazy("Tier"), "w-m"),
        Column("reason", gettext_lazy("Reason"), "p2"),
        Column("people", gettext_lazy("Proposed, decided"), "w-l p2"),
        Column("from", pgettext_lazy("decision", "From"), "r w-m p3", "valid_from"),
        Column("until", gettext_lazy("Holds until"), "r w-m", "valid_to"),
        Column("left", gettext_lazy("Days left"), "r w-s"),
        Column("", "", "r w-m"),
    )

    def __init__(self, request: PageRequest) -> None:
        self.views = _views(request.today)
        rows = TierOverride.objects.select_related("customer", "decided_by", "proposed_by")
        super().__init__(request, reach(request.viewer, rows))

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The rows of the page, ready for the template."""
        today = self.request.today
        return [
            {
                "row": row,
                "left": (row.valid_to - today).days if row.valid_to else None,
                "holds": row.holds(today),
            }
            for row in self.rows
        ]


def _views(today: date) -> tuple[View, ...]:
    holds = f"in_force_on={today}"
    return (
        View("in-force", pgettext_lazy("decision", "In force"), holds),
        View(
            "soon", gettext_lazy("Ending within 30 days"), f"{holds}&valid_to__lte={today + SOON}", late=True
        ),
        View("ended", pgettext_lazy("decision", "Ended"), f"valid_to__lte={today}&ordering=-valid_to"),
    )


@require_safe
@page(Right.CUSTOMER_VIEW)
def in_force(request: PageRequest) -> HttpResponse:
    """Decisions in force with the days they have left; htmx asks for the list alone."""
    context = {
        "decisions": Decisions(request),
        "own": labels(policies.in_force(request.today).bands.all()),
        "decides": request.viewer.may(Right.TIER_DECIDE),
        "on": request.today,
        "tabs": tabs(request.viewer, "tiers:decisions"),
    }
    return show(request, "tiers/decisions.html", context, regions={"list": "tiers/_decisions.html"})


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.TIER_PROPOSE)
def new(request: PageRequest, customer_id: UUID) -> HttpResponse:
    """A tier for a customer: who decides lets it hold today, who proposes sends it to be approved."""
    customer = reached(request, Customer.objects.select_related("standing"), customer_id, governed)
    decides = request.viewer.may(Right.TIER_DECIDE)
    about: dict[str, Any] = {"on": request.today, "policy": policies.in_force(request.today)}
    form = DecisionForm(request.POST if request.method == "POST" else None, **about)
    if request.method == "POST":
        verb: Any = overrides.decide if decides else proposals.propose
        if (made := carry_out(form, lambda data: verb(customer, **data, **request.act))) is not None:
            said = _("The tier holds from today.") if decides else _("Proposed: an executive decides.")
            return done(request, _after(customer, made), said)
    context = {
        "form": form,
        "customer": customer,
        "decides": decides,
        "own": labels(about["policy"].bands.all()),
        "waiting": TierProposal.objects.filter(customer=customer, outcome="").first(),
        "crumbs": crumbs(customer),
    }
    return render(request, "tiers/decision.html", context, status=getattr(form, "status", 200))


def _after(customer: Customer, made: TierOverride | TierProposal) -> str:
    if isinstance(made, TierProposal):
        return reverse("tiers:proposal", args=[made.pk])
    return reverse("dashboards:customer", args=[customer.pk])


@require_POST
@page(Right.TIER_DECIDE)
def end(request: PageRequest, override_id: UUID) -> HttpResponse:
    """End a decision today; the customer is graded by amount again."""
    row = reached(request, TierOverride.objects.select_related("customer"), override_id)
    back = reverse("tiers:decisions")
    try:
        overrides.end(row, **request.act)
    except Refused as refused:
        return done(request, back, str(refused.faults[0].message), level=messages.ERROR)
    return done(request, back, _("Ended: %(name)s is graded by amount again.") % {"name": row.customer.name})
