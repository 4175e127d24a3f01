"""The judgements of one customer's tier, the latest first: what moved it, and by which rules."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from crm.accounts.access import reach
from crm.accounts.rights import Right
from crm.web.access import PageRequest, page
from crm.web.fragments import show
from crm.web.listing import Column, Listing, View
from customers.models import Customer
from tiers.filters import GradeFilters
from tiers.models import Grade


class History(Listing):
    """The grades of a customer. Queries: rows, counts, bands of the rules that judged."""

    filters = GradeFilters
    sorts = {"at": "at"}
    ordering = "-at"
    views = (
        View("all", gettext_lazy("All judgements"), ""),
        View("moves", gettext_lazy("Changes of the tier"), "moved=true"),
    )
    columns = (
        Column("on", gettext_lazy("Business date"), "l2 w-m", "at"),
        Column("tier", gettext_lazy("Tier"), "l1 w-2xl"),
        Column("amount", gettext_lazy("Annual amount"), "r w-l", right=Right.SEE_AMOUNT),
        Column("contracts", gettext_lazy("Contracts in force"), "r w-l p2"),
        Column("occasion", gettext_lazy("Occasion"), "w-m"),
        Column("reason", gettext_lazy("Reason"), "p2"),
        Column("rules", gettext_lazy("Rules"), "w-s p3"),
    )

    def __init__(self, request: PageRequest, customer: Customer) -> None:
        rows = Grade.objects.filter(customer=customer).select_related("policy")
        super().__init__(request, reach(request.viewer, rows.prefetch_related("policy__bands")))

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The rows of the page, ready for the template."""
        return [_line(row) for row in self.rows]


def _line(grade: Grade) -> dict[str, Any]:
    names = {band.tier: str(band) for band in grade.policy.bands.all()}
    moved = grade.previous not in ("", grade.tier)
    return {
        "grade": grade,
        "before": (grade.previous, names.get(grade.previous, "")) if moved else None,
        "name": names.get(grade.tier, ""),
        "reason": reason_of(grade, names),
        "currency": grade.policy.currency,
    }


def reason_of(grade: Grade, names: dict[str, str]) -> str:
    """By which rule a judgement came out as it did."""
    if decision := grade.inputs.get("decision"):
        return str(decision["reason"])
    if grade.below_since:
        words = {"tier": names.get(grade.computed_tier, grade.computed_tier)}
        return _("by amount %(tier)s, kept for the days of grace") % words
    return _("by the annual amount")


@require_safe
@page(Right.CUSTOMER_VIEW)
def history(request: PageRequest, customer_id: UUID) -> HttpResponse:
    """All judgements of a customer's tier; htmx asks for the list alone."""
    customer = reach(request.viewer, Customer.objects.filter(pk=customer_id)).first()
    if customer is None:
        raise Http404
    crumbs = [
        {"label": _("Customers"), "url": reverse("dashboards:book")},
        {"label": customer.name, "url": reverse("dashboards:customer", args=[customer.pk])},
    ]
    context = {
        "history": History(request, customer),
        "customer": customer,
        "crumbs": crumbs,
        "sees_amount": request.viewer.may(Right.SEE_AMOUNT),
    }
    return show(request, "tiers/history.html", context, regions={"list": "tiers/_history.html"})
