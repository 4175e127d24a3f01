"""The answers to "why?" on the customer page that have no address of their own: tier, responsible person."""

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from crm.accounts.access import Viewer
from crm.accounts.rights import Right
from crm.dashboards import because
from crm.dashboards.customer import find
from crm.web.access import PageRequest, page
from crm.web.why import Why, explain
from customers.models import Customer
from tiers.views import told as of_tiers

Told = Callable[[Customer, Viewer], Why | None]


def _answer(request: PageRequest, customer_id: UUID, tell: Told) -> HttpResponse:
    why = tell(find(customer_id, request.viewer), request.viewer)
    if why is None:
        raise Http404
    return explain(request, why)


@require_safe
@page(Right.CUSTOMER_VIEW)
def tier(request: PageRequest, customer_id: UUID) -> HttpResponse:
    """Why the customer has its tier."""
    return _answer(request, customer_id, of_tiers.tier)


@require_safe
@page(Right.CUSTOMER_VIEW)
def owner(request: PageRequest, customer_id: UUID) -> HttpResponse:
    """Why that person is responsible."""
    return _answer(request, customer_id, because.owner)
