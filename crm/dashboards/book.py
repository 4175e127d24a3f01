"""The customer list: its columns, its tabs, its orders, and what stands on a row."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.access import Viewer, reach
from crm.accounts.rights import Right, Scope
from crm.dashboards.customer import bands, own_name
from crm.dashboards.facts import reason
from crm.periods import last_day
from crm.web.access import PageRequest
from crm.web.keyset import Sort
from crm.web.listing import Column, Listing, View
from crm.web.templatetags.amounts import HOME_CURRENCY
from crm.web.templatetags.show import with_unit
from customers.filters.records import CustomerFilters
from customers.models import Customer
from customers.segments import MAKERS, NOT_KEPT, SHAPING
from lifecycle.models import FollowUp

ENDS_SOON = 90
SILENT = 30
SORTS: dict[str, Sort | str] = {
    "name": "name",
    "code": "code",
    "annual_amount": Sort("standing__annual_amount", right=Right.SEE_AMOUNT),
    "first_ends_on": Sort("standing__first_ends_on", nullable=True),
    "risk_score": Sort("standing__risk_score", nullable=True, right=Right.RISK_VIEW),
    "rfm_value": Sort("standing__rfm_value", nullable=True),
    "last_contact_on": Sort("standing__last_contact_on", nullable=True),
    "overdue_amount": Sort("standing__overdue_amount", right=Right.RECEIVABLE_VIEW),
    "contact_due_on": Sort("standing__contact_due_on", nullable=True),
    "next_on": Sort("standing__next_on", nullable=True),
    "updated_at": "updated_at",
}


class Book(Listing):
    """The customers within a viewer's reach. Queries: rows, counts, sum, next steps, tiers."""

    filters = CustomerFilters
    sorts = SORTS
    ordering = "first_ends_on,name"
    columns: Sequence[Column] = (
        Column("name", _("Customer"), "l1", "name"),
        Column("tier", pgettext_lazy("column", "Tier"), "w-s"),
        Column("value", pgettext_lazy("column", "Value"), "w-m p4", "rfm_value"),
        Column("owner", _("Responsible"), "w-m p2"),
        Column("annual", _("Annual"), "r w-m", "annual_amount", Right.SEE_AMOUNT),
        Column("ends", pgettext_lazy("column", "Ends"), "r w-l", "first_ends_on"),
        Column("risk", pgettext_lazy("column", "Risk"), "w-risk", "risk_score", Right.RISK_VIEW),
        Column("contact", _("Last contact"), "w-s", "last_contact_on"),
        Column("overdue", _("Overdue"), "r w-m p2", "overdue_amount", Right.RECEIVABLE_VIEW),
        Column("next", _("Next step"), "w-l p3", "next_on"),
    )

    def __init__(self, request: PageRequest) -> None:
        self.today: date = request.today
        self.views = _views(request.viewer, self.today)
        self.columns = tuple(_in_unit(column, request.tenant.currency) for column in self.columns)
        rows = Customer.objects.select_related("standing", "owner", "responsible_dept")
        super().__init__(request, reach(request.viewer, rows))

    @property
    def query(self) -> str:
        """The filters in force, those of the tab included, for an act on all rows."""
        return self.words.urlencode()

    @property
    def filter_query(self) -> str:
        """What the form of the filters begins with."""
        return f"?{self.request.GET.urlencode()}"

    @cached_property
    def segment_url(self) -> str:
        """Where the filters in force become a segment; "" for who makes none, and without a filter."""
        words = self.words.copy()
        for name in (*NOT_KEPT, *SHAPING):
            words.pop(name, None)
        if not self.chips or not words or not any(map(self.viewer.may, MAKERS)):
            return ""
        return f"{reverse('customers:segment-new')}?{words.urlencode()}"

    @cached_property
    def annual_sum(self) -> Decimal:
        """The annual amount of everything that the filters leave."""
        return self.found.order_by().aggregate(sum=Sum("standing__annual_amount"))["sum"] or Decimal("0.00")

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        """The rows of the page, ready for the template."""
        tiers = {band.tier: own_name(band) for band in bands(self.today)}
        steps = next_steps(self.rows, self.viewer)
        return [self._line(row, tiers, steps) for row in self.rows]

    def _line(self, row: Customer, tiers: dict[str, str], steps: dict[Any, FollowUp]) -> dict[str, Any]:
        standing, step = row.standing, steps.get(row.pk)
        contact, ends = standing.last_contact_on, standing.first_ends_on
        return {
            "id": row.pk,
            "name": row.name,
            "tier": standing.tier,
            "tier_name": tiers.get(standing.tier, ""),
            "value": standing.rfm_value,
            "segment": standing.get_rfm_segment_display(),
            "owner": row.owner.name if row.owner else "",
            "department": row.responsible_dept.name if row.responsible_dept else "",
            "annual": standing.annual_amount,
            "ends": last_day(ends) if ends else None,
            "near": ends is not None and abs((ends - self.today).days) <= ENDS_SOON,
            "band": standing.risk_band,
            "score": standing.risk_score,
            "reason": reason(standing.risk_reasons[0]) if standing.risk_reasons else "",
            "contact": contact,
            "silent": contact is not None and (self.today - contact).days > SILENT,
            "overdue": standing.overdue_amount,
            "next_on": step.due_on if step else standing.next_on,
            "next": str(step.headline) if step else "",
        }


def next_steps(rows: list[Customer], viewer: Viewer) -> dict[Any, FollowUp]:
    """What is to be done next for each of the customers as far as a reader may know, by ids: one query."""
    open_ones = FollowUp.objects.filter(
        FollowUp.told_to(viewer), customer__in=rows, state=FollowUp.State.OPEN
    )
    first = open_ones.order_by("customer_id", "due_on", "id").distinct("customer_id")
    return {step.customer_id: step for step in first}


def _in_unit(column: Column, currency: str) -> Column:
    """A column of amounts names their unit in its head."""
    if column.key not in ("annual", "overdue"):
        return column
    words = {"label": column.label, "currency": currency}
    label = with_unit(column.label) if currency == HOME_CURRENCY else _("%(label)s (%(currency)s)") % words
    return replace(column, label=label)


def _views(viewer: Viewer, today: date) -> tuple[View, ...]:
    """The tabs: mine first for who only has his own, the department's for its head, all for who looks on."""
    soon = f"first_ends_on__lte={today + timedelta(days=ENDS_SOON)}&first_ends_on__gt={today}"
    mine = View("mine", _("My customers"), "owner=me")
    helped = View("helped", _("I help with"), "helper=me")
    department = View("department", _("My department"), "department=me")
    everything = View("all", _("All"), "")
    rest = (
        View("ends", _("Ends in 90 days"), f"{soon}&ordering=first_ends_on"),
        View("neglected", _("Neglected"), "neglected=true&ordering=last_contact_on", late=True),
        View("late", _("Late by strategy"), "late_by_strategy=true&ordering=contact_due_on", late=True),
        View("risk", _("High risk"), "risk_band=RED&ordering=-risk_score", Right.RISK_VIEW, late=True),
    )
    if not viewer.may(Right.CUSTOMER_EDIT):
        return (everything, *rest)
    if viewer.customers == Scope.SELF:
        return (mine, helped, everything, *rest)
    return (department, mine, helped, everything, *rest)
