"""公司安排: departments that are responsible by decision of the company."""

from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.accounts.access import reach
from crm.accounts.rights import Right
from crm.refusal import Refused
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done, show
from crm.web.listing import Column, Listing
from customers import arranging
from customers.filters.assignment import ArrangementFilters
from customers.forms.remit import ArrangementForm
from customers.models import Arrangement, Customer
from customers.views.assignment import tabs
from customers.views.place import crumbs, reached


class Arrangements(Listing):
    """The arrangements for customers within reach. Queries: rows, counts, names."""

    filters = ArrangementFilters
    sorts = {"from": "valid_from"}
    ordering = "-from"
    columns = (
        Column("customer", gettext_lazy("Customer"), "l1"),
        Column("department", gettext_lazy("Department"), "w-l"),
        Column("reason", gettext_lazy("Reason")),
        Column("approved", gettext_lazy("Approved by"), "w-m p2"),
        Column("from", gettext_lazy("Holds"), "w-l", "from"),
        Column("act", "", "r w-m"),
    )

    def __init__(self, request: PageRequest) -> None:
        rows = Arrangement.objects.select_related("customer", "department", "approved_by")
        super().__init__(request, reach(request.viewer, rows))

    @cached_property
    def lines(self) -> list[tuple[Arrangement, bool]]:
        """The rows of the page, and whether each is in force."""
        return [(row, row.holds(self.request.today)) for row in self.rows]


@require_safe
@page(Right.CUSTOMER_VIEW)
def listed(request: PageRequest) -> HttpResponse:
    """Who was given whom by the company; htmx asks for the list alone."""
    context = {
        "arrangements": Arrangements(request),
        "decides": request.viewer.may(Right.OWNERSHIP_OVERRIDE),
        "tabs": tabs(request.viewer, "customers:arrangements"),
    }
    regions = {"list": "customers/_arrangements.html"}
    return show(request, "customers/arrangements.html", context, regions=regions)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.OWNERSHIP_OVERRIDE)
def new(request: PageRequest, customer_id: UUID) -> HttpResponse:
    """Name the department that is responsible for a customer."""
    customer = reached(request, Customer.objects.select_related("owner", "responsible_dept"), customer_id)
    form = ArrangementForm(request.POST or None, on=request.today)
    if request.method == "POST":
        made = carry_out(form, lambda data: arranging.arrange(customer, **data, **request.act))
        if made is not None:
            words = _("%(name)s is responsible.") % {"name": made.department.name}
            return done(request, reverse("dashboards:customer", args=[customer_id]), words)
    context = {"form": form, "customer": customer, "crumbs": crumbs(customer)}
    return render(request, "customers/arrangement.html", context, status=getattr(form, "status", 200))


@require_POST
@page(Right.OWNERSHIP_OVERRIDE)
def end(request: PageRequest, arrangement_id: UUID) -> HttpResponse:
    """Take an arrangement back from today on."""
    row = reached(request, Arrangement.objects.all(), arrangement_id)
    said: dict[str, Any] = {"text": _("The arrangement has ended.")}
    try:
        arranging.end(row, **request.act)
    except Refused as refused:
        said = {"text": str(refused.faults[0].message), "level": messages.ERROR}
    return done(request, reverse("customers:arrangements"), **said)
