"""The group of a customer: the companies above, beside and below it within the reader's reach."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from crm.accounts.rights import Right
from crm.web.access import PageRequest, page
from customers import families
from customers.models import Customer
from customers.views.place import crumbs, reached

COLUMNS = (
    (gettext_lazy("Company"), "", None),
    (gettext_lazy("Tier"), "w-m", None),
    (gettext_lazy("Responsible"), "w-l p2", None),
    (gettext_lazy("Contracts in force"), "r w-m p2", None),
    (gettext_lazy("Own annual amount"), "r w-l", Right.SEE_AMOUNT),
    (gettext_lazy("Receivable"), "r w-l p3", Right.RECEIVABLE_VIEW),
)


@require_safe
@page(Right.CUSTOMER_VIEW)
def family(request: PageRequest, customer_id: UUID) -> HttpResponse:
    """The companies of the group, each below the one above it, with their sums."""
    customer = reached(request, Customer.objects.all(), customer_id)
    may = request.viewer.may
    sees_receivable = may(Right.SEE_AMOUNT) and may(Right.RECEIVABLE_VIEW)
    context = {
        "customer": customer,
        "family": families.family(customer, request.viewer, request.today),
        "columns": [
            {"key": "", "label": str(label), "classes": classes}
            for label, classes, right in COLUMNS
            if right is None or (sees_receivable if right is Right.RECEIVABLE_VIEW else may(right))
        ],
        "sees_amount": may(Right.SEE_AMOUNT),
        "sees_receivable": sees_receivable,
        "own": {},
        "currency": request.tenant.currency,
        "crumbs": crumbs(customer),
    }
    return render(request, "customers/family.html", context)
