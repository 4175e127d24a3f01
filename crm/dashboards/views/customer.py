"""The customer page, tab by tab, and the composer that logs a contact on it."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from crm.accounts.access import Viewer
from crm.accounts.rights import Right
from crm.dashboards import customer as found_here
from crm.dashboards import facts
from crm.dashboards.customer import Place
from crm.dashboards.views import subjects
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done, show, target, toast
from customers import interactions
from customers.forms.log import LogForm
from customers.models import Customer
from customers.views.place import acts

TABS = {
    "overview": Right.CUSTOMER_VIEW,
    "contracts": Right.CONTRACT_VIEW,
    "contacts": Right.CUSTOMER_VIEW,
    "ownership": Right.CUSTOMER_VIEW,
}
SEES = {
    "amount": Right.SEE_AMOUNT,
    "phone": Right.SEE_PHONE,
    "risk": Right.RISK_VIEW,
    "receivable": Right.RECEIVABLE_VIEW,
    "contract": Right.CONTRACT_VIEW,
    "log": Right.INTERACTION_LOG,
    "edit": Right.CUSTOMER_EDIT,
    "sign": Right.CONTRACT_SIGN,
    "transfer": Right.OWNERSHIP_TRANSFER,
    "claim": Right.POOL_CLAIM,
    "tier": Right.TIER_PROPOSE,
    "help": Right.CUSTOMER_EDIT,
    "override": Right.OWNERSHIP_OVERRIDE,
}
WRITING = {"log", "edit", "sign"}
GOVERNING = {"transfer", "claim", "tier", "help", "override"}


@require_safe
@page(Right.CUSTOMER_VIEW)
def customer(request: PageRequest, customer_id: UUID, tab: str = "overview") -> HttpResponse:
    """The customer page; each subject is a tab with its own address."""
    if not request.viewer.may(TABS[tab]):
        raise Http404
    found = found_here.find(customer_id, request.viewer)
    if target(request) == "older-line":
        return render(request, "dashboards/_timeline_page.html", subjects.timeline_page(request, found))
    return render(request, f"dashboards/customer_{tab}.html", _context(request, found, tab))


@require_POST
@page(Right.CUSTOMER_VIEW, Right.INTERACTION_LOG)
def log(request: PageRequest, customer_id: UUID) -> HttpResponse:
    """Log a contact from the composer: the entry on top of the timeline, or the composer with its faults."""
    found = found_here.find(customer_id, request.viewer, to_write=True)
    form = LogForm(request.POST, on=request.today)
    logged = carry_out(
        form, lambda data: interactions.log(found, happened_on=request.today, **data, **acts(request))
    )
    if logged is None:
        context = _context(request, found, "overview") | {"composer": form}
        regions = {"composer": "dashboards/_composer.html"}
        status: int = form.status  # type: ignore[attr-defined]
        return show(request, "dashboards/customer_overview.html", context, regions=regions, status=status)
    if not target(request):
        return done(request, address(found))
    found = found_here.find(customer_id, request.viewer)
    answer = render(request, "dashboards/_logged.html", _context(request, found, "overview"))
    toast(answer, _("Saved."))
    return answer


def _context(request: PageRequest, found: Customer, tab: str) -> dict[str, Any]:
    place = found_here.place(found, request.viewer, request.today)
    return _frame(request, place, tab) | getattr(subjects, tab)(request, place)


def _frame(request: PageRequest, place: Place, tab: str) -> dict[str, Any]:
    """What every tab shows: head, facts, tabs."""
    viewer, found = request.viewer, place.customer
    return {
        "place": place,
        "customer": found,
        "standing": found.standing,
        "on": request.today,
        "tabs": _tabs(found, tab, viewer),
        "sees": _sees(found, viewer),
        "facts": facts.facts(place, request.today, request.tenant.currency),
        "subtitle": facts.subtitle(found, sees_credit_code=viewer.may(Right.SEE_CREDIT_CODE)),
        "crumbs": [{"label": _("Customers"), "url": reverse("dashboards:book")}],
        "currency": request.tenant.currency,
    }


def _sees(found: Customer, viewer: Viewer) -> dict[str, bool]:
    """What the reader sees and does here; a helper decides nothing, and one who only reads writes nothing."""
    kept: set[str] = set()
    if not found.may_write:  # type: ignore[attr-defined]
        kept |= WRITING
    if not found.may_govern:  # type: ignore[attr-defined]
        kept |= GOVERNING
    return {name: viewer.may(right) and name not in kept for name, right in SEES.items()}


def _tabs(found: Customer, current: str, viewer: Viewer) -> list[dict[str, Any]]:
    labels = {
        "overview": pgettext("customer", "Overview"),
        "contracts": _("Contracts & cash"),
        "contacts": _("Contacts"),
        "ownership": pgettext("customer", "Ownership"),
    }
    counts = {"contracts": found.contracts_count, "contacts": found.contacts_count}  # type: ignore[attr-defined]
    return [
        {"label": label, "url": address(found, name), "count": counts.get(name), "current": name == current}
        for name, label in labels.items()
        if viewer.may(TABS[name])
    ]


def address(found: Customer, tab: str = "overview") -> str:
    """Where a tab of the customer's page stands."""
    name = "dashboards:customer" if tab == "overview" else f"dashboards:customer-{tab}"
    return reverse(name, args=[found.id])
