"""The risk list: customers with a churn score, the highest first, and what to do about each."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Sum
from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from crm.accounts.access import Viewer, reach
from crm.accounts.rights import Right, Scope
from crm.periods import last_day
from crm.web.access import PageRequest, page
from crm.web.fragments import show
from crm.web.keyset import Sort
from crm.web.listing import Column, Listing, View
from crm.web.templatetags.amounts import HOME_CURRENCY, money_tile
from crm.web.templatetags.show import with_unit
from crm.web.why import explain
from customers.filters.records import CustomerFilters
from customers.models import Customer
from lifecycle.models import FollowUp, RiskScore
from lifecycle.views import told

SILENT = 30
SOON = 90
SEES = {
    "amount": Right.SEE_AMOUNT,
    "assign": Right.FOLLOW_UP_ASSIGN,
    "log": Right.INTERACTION_LOG,
}


class Risks(Listing):
    """Customers with a score within a viewer's reach. Queries: rows, counts, sum, scores, follow-ups."""

    filters = CustomerFilters
    sorts = {
        "name": "name",
        "risk_score": Sort("standing__risk_score", nullable=True),
        "annual_amount": Sort("standing__annual_amount", right=Right.SEE_AMOUNT),
        "first_ends_on": Sort("standing__first_ends_on", nullable=True),
        "last_contact_on": Sort("standing__last_contact_on", nullable=True),
    }
    ordering = "-risk_score"
    columns: Sequence[Column] = (
        Column("name", _("Customer"), "l1", "name"),
        Column("risk", pgettext_lazy("column", "Risk"), "w-s", "risk_score"),
        Column("reasons", _("Because of"), "p2"),
        Column("annual", _("Annual"), "r w-m", "annual_amount", Right.SEE_AMOUNT),
        Column("ends", pgettext_lazy("column", "Ends"), "r w-l p3", "first_ends_on"),
        Column("contact", _("Last contact"), "w-m p3", "last_contact_on"),
        Column("owner", _("Responsible"), "w-m p2"),
        Column("next", _("Next step"), "r w-l"),
    )

    def __init__(self, request: PageRequest) -> None:
        self.today: date = request.today
        self.currency = request.tenant.currency
        self.views = _views(request.viewer)
        rows = Customer.objects.select_related("standing", "owner")
        scored = rows.filter(standing__risk_score__isnull=False)
        super().__init__(request, reach(request.viewer, scored))

    @cached_property
    def shown_columns(self) -> list[dict[str, Any]]:
        """Columns for the grid; that of the amount names its unit."""
        self.columns = [_in_unit(column, self.currency) for column in type(self).columns]
        return super().shown_columns

    @cached_property
    def annual_sum(self) -> str:
        """The annual amount of everything that the filters leave."""
        found = self.found.order_by().aggregate(sum=Sum("standing__annual_amount"))["sum"]
        return money_tile(found or Decimal(0), self.currency)

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        """The rows of the page, ready for the template."""
        return lines(self.rows, self.today)


def _in_unit(column: Column, currency: str) -> Column:
    if column.key != "annual":
        return column
    words = {"label": column.label, "currency": currency}
    label = with_unit(column.label) if currency == HOME_CURRENCY else _("%(label)s (%(currency)s)") % words
    return replace(column, label=label)


def lines(customers: list[Customer], today: date) -> list[dict[str, Any]]:
    """Customers as rows of the risk list, with reasons and next step: two queries."""
    scores = _scores(customers)
    steps = _steps(customers)
    return [_line(each, scores.get(each.pk), steps.get(each.pk), today) for each in customers]


def _line(customer: Customer, score: RiskScore | None, step: FollowUp | None, today: date) -> dict[str, Any]:
    standing = customer.standing
    contact, ends = standing.last_contact_on, standing.first_ends_on
    return {
        "id": customer.pk,
        "name": customer.name,
        "band": standing.risk_band,
        "score": standing.risk_score,
        "reasons": told.reasons(standing.risk_reasons, score, today),
        "annual": standing.annual_amount,
        "ends": last_day(ends) if ends else None,
        "soon": ends is not None and (ends - today).days <= SOON,
        "contact": contact,
        "silent": contact is not None and (today - contact).days > SILENT,
        "owner": customer.owner.name if customer.owner else "",
        "step": step,
    }


def _scores(customers: list[Customer]) -> dict[UUID, RiskScore]:
    """The latest score of each customer."""
    rows = RiskScore.objects.filter(customer__in=customers).order_by("customer_id", "-at", "-id")
    return {row.customer_id: row for row in rows.distinct("customer_id")}


def _steps(customers: list[Customer]) -> dict[UUID, FollowUp]:
    """What is open for each customer and due first."""
    rows = FollowUp.objects.filter(customer__in=customers, state=FollowUp.State.OPEN).select_related("owner")
    first = rows.order_by("customer_id", "due_on", "id").distinct("customer_id")
    return {row.customer_id: row for row in first}


def _views(viewer: Viewer) -> tuple[View, ...]:
    found = (
        View("risky", _("High and medium"), "risk_band=RED,AMBER"),
        View("high", pgettext_lazy("risks", "High"), "risk_band=RED", late=True),
        View("medium", pgettext_lazy("risks", "Medium"), "risk_band=AMBER"),
        View("all", pgettext_lazy("risks", "All"), ""),
    )
    mine = View("mine", _("My customers"), "owner=me&risk_band=RED,AMBER")
    return found if viewer.customers <= Scope.SELF else (*found, mine)


@require_safe
@page(Right.RISK_VIEW)
def risks(request: PageRequest) -> HttpResponse:
    """The risk list; htmx asks for the list alone."""
    found = Risks(request)
    sees = {name: request.viewer.may(right) for name, right in SEES.items()}
    context = {"risks": found, "sees": sees, "on": request.today, "back": request.get_full_path()}
    return show(request, "lifecycle/risks.html", context, regions={"list": "lifecycle/_risks.html"})


@require_safe
@page(Right.RISK_VIEW)
def risk_why(request: PageRequest, customer_id: UUID) -> HttpResponse:
    """Why a customer's churn risk is what it is."""
    return explain(request, told.risk(_customer(request, customer_id)))


@require_safe
@page(Right.CUSTOMER_VIEW)
def stage_why(request: PageRequest, customer_id: UUID) -> HttpResponse:
    """Why a customer stands in its stage."""
    sees_risk = request.viewer.may(Right.RISK_VIEW)
    return explain(request, told.stage(_customer(request, customer_id), sees_risk=sees_risk))


def _customer(request: PageRequest, customer_id: UUID) -> Customer:
    rows = Customer.objects.select_related("standing", "owner")
    found = reach(request.viewer, rows).filter(pk=customer_id).first()
    if found is None:
        raise Http404
    return found
