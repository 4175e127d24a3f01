"""Tiers that are proposed: the list, and one with its approval or refusal."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from crm.accounts.access import reach
from crm.accounts.rights import Right
from crm.refusal import Refused
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done, show
from crm.web.listing import Column, Listing, View
from customers.views.place import reached
from tiers import policies
from tiers import proposals as verbs
from tiers.filters import TierProposalFilters
from tiers.forms import RefusalForm
from tiers.models import TierProposal
from tiers.views.place import labels, tabs


class Proposals(Listing):
    """Proposals for customers within reach. Queries: rows, counts, names of filters."""

    filters = TierProposalFilters
    sorts = {"proposed_on": "proposed_on"}
    ordering = "-proposed_on"
    views = (
        View("open", pgettext_lazy("proposal", "Waiting"), "open=true&ordering=proposed_on"),
        View("decided", pgettext_lazy("proposal", "Decided"), "open=false"),
    )
    columns = (
        Column("customer", gettext_lazy("Customer")),
        Column("tier", gettext_lazy("Tier today → proposed"), "w-2xl"),
        Column("reason", gettext_lazy("Reason"), "p2"),
        Column("by", gettext_lazy("Proposed by"), "w-m"),
        Column("on", gettext_lazy("Proposed on"), "r w-m p3", "proposed_on"),
        Column("outcome", gettext_lazy("Outcome"), "w-m"),
    )

    def __init__(self, request: PageRequest) -> None:
        rows = TierProposal.objects.select_related("customer__standing", "proposed_by", "decided_by")
        super().__init__(request, reach(request.viewer, rows))


@require_safe
@page(Right.CUSTOMER_VIEW)
def listed(request: PageRequest) -> HttpResponse:
    """Proposals that wait, and those decided; htmx asks for the list alone."""
    context = {
        "proposals": Proposals(request),
        "own": labels(policies.in_force(request.today).bands.all()),
        "on": request.today,
        "tabs": tabs(request.viewer, "tiers:proposals"),
    }
    return show(request, "tiers/proposals.html", context, regions={"list": "tiers/_proposals.html"})


@require_safe
@page(Right.CUSTOMER_VIEW)
def one(request: PageRequest, proposal_id: UUID) -> HttpResponse:
    """One proposal, with the buttons of whoever may decide it."""
    return _shown(request, _found(request, proposal_id), RefusalForm(on=request.today))


@require_POST
@page(Right.TIER_DECIDE)
def approve(request: PageRequest, proposal_id: UUID) -> HttpResponse:
    """Let the proposed tier hold from today on."""
    row = _found(request, proposal_id)
    back = reverse("tiers:proposal", args=[row.pk])
    try:
        verbs.approve(row, **request.act)
    except Refused as refused:
        return done(request, back, str(refused.faults[0].message), level=messages.ERROR)
    return done(request, back, _("Approved: the tier holds from today."))


@require_POST
@page(Right.TIER_PROPOSE)
def refuse(request: PageRequest, proposal_id: UUID) -> HttpResponse:
    """Refuse a proposal, or take back one's own."""
    row = _found(request, proposal_id)
    if not verbs.may_close(request.viewer, row):
        raise PermissionDenied
    form = RefusalForm(request.POST, on=request.today)
    if carry_out(form, lambda data: verbs.refuse(row, **data, **request.act)) is None:
        return _shown(request, row, form)
    return done(request, reverse("tiers:proposals"), _("The proposal is closed."))


def _found(request: PageRequest, proposal_id: UUID) -> TierProposal:
    rows = TierProposal.objects.select_related("customer__standing", "proposed_by", "decided_by")
    return reached(request, rows, proposal_id)


def _shown(request: PageRequest, row: TierProposal, form: RefusalForm) -> HttpResponse:
    own = row.proposed_by_id == request.viewer.id
    context: dict[str, Any] = {
        "row": row,
        "form": form,
        "own": labels(policies.in_force(request.today).bands.all()),
        "is_own": own,
        "approves": row.is_open and request.viewer.may(Right.TIER_DECIDE) and not own,
        "closes": row.is_open and verbs.may_close(request.viewer, row),
        "on": request.today,
        "crumbs": [{"label": _("Tier proposals"), "url": reverse("tiers:proposals")}],
    }
    return render(request, "tiers/proposal.html", context, status=getattr(form, "status", 200))
