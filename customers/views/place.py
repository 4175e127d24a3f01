"""Where a page stands: the row it is about, within the reader's reach, and the way back."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.accounts.access import Viewer, reach
from crm.web.access import PageRequest
from customers.models import Contract, Customer

Row = TypeVar("Row", bound=Model)


def acts(request: PageRequest) -> dict[str, Any]:
    """What every verb wants to know: `by`, `at`, `on`."""
    return {"by": request.viewer, "at": request.now, "on": request.today}


def reached(
    request: PageRequest, rows: "QuerySet[Row]", pk: UUID, scope: Callable[[Viewer, Any], Any] = reach
) -> Row:
    """The row with this id; Http404 for one that is out of the reader's reach or does not exist.

    PermissionDenied for one that he sees, but not within `scope` (`changeable`, `governed`).
    """
    found = reach(request.viewer, rows).filter(pk=pk).first()
    if found is None:
        raise Http404
    if scope is not reach and not scope(request.viewer, rows.filter(pk=pk)).exists():
        raise PermissionDenied
    return found


def crumbs(customer: Customer | None = None, contract: Contract | None = None) -> list[dict[str, str]]:
    """The way back: the list, the customer, the contract."""
    found = [{"label": _("Customers"), "url": reverse("dashboards:book")}]
    if customer is not None:
        found.append({"label": customer.name, "url": reverse("dashboards:customer", args=[customer.pk])})
    if contract is not None:
        found.append({"label": contract.number, "url": reverse("customers:contract", args=[contract.pk])})
    return found
