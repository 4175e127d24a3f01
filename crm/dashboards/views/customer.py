from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.accounts.roles import Right
from crm.dashboards import customer as page_data
from crm.dashboards import timeline
from crm.web.access import PageRequest, page
from customers.models import Customer, Interaction
from lifecycle.models import FollowUp

TABS = {
    "overview": Right.CUSTOMER_VIEW,
    "contracts": Right.CONTRACT_VIEW,
    "contacts": Right.CUSTOMER_VIEW,
    "ownership": Right.CUSTOMER_VIEW,
}


@page(Right.CUSTOMER_VIEW)
def customer(request: PageRequest, customer_id: UUID, tab: str = "overview") -> HttpResponse:
    """The customer page; each subject is a tab with its own address."""
    viewer = request.viewer
    if tab not in TABS or not viewer.may(TABS[tab]):
        raise Http404
    found = page_data.find(customer_id, viewer)
    place = page_data.place(found, viewer, request.today)
    context = {
        "place": place,
        "customer": found,
        "standing": found.standing,
        "on": request.today,
        "tab": tab,
        "tabs": _tabs(found, tab, request),
        "sees": _secrets(viewer),
        **_subject(request, found, tab),
    }
    return render(request, f"dashboards/customer_{tab}.html", context)


def _secrets(viewer: Any) -> dict[str, bool]:
    return {
        "amount": viewer.may(Right.SEE_AMOUNT),
        "credit_code": viewer.may(Right.SEE_CREDIT_CODE),
        "phone": viewer.may(Right.SEE_PHONE),
        "risk": viewer.may(Right.RISK_VIEW),
        "log": viewer.may(Right.INTERACTION_LOG),
        "edit": viewer.may(Right.CUSTOMER_EDIT),
        "sign": viewer.may(Right.CONTRACT_SIGN),
        "transfer": viewer.may(Right.OWNERSHIP_TRANSFER),
    }


def _tabs(found: Customer, current: str, request: PageRequest) -> list[dict[str, Any]]:
    labels = {
        "overview": _("Overview"),
        "contracts": _("Contracts & cash"),
        "contacts": _("Contacts"),
        "ownership": _("Ownership"),
    }
    counts = {"contracts": found.contracts.count(), "contacts": found.contacts.count()}
    return [
        {"label": label, "url": _address(found, name), "count": counts.get(name), "current": name == current}
        for name, label in labels.items()
        if request.viewer.may(TABS[name])
    ]


def _address(found: Customer, tab: str) -> str:
    return f"/customers/{found.id}/" if tab == "overview" else f"/customers/{found.id}/{tab}/"


def _subject(request: PageRequest, found: Customer, tab: str) -> dict[str, Any]:
    if tab == "contracts":
        return {"contracts": page_data.contracts(found)}
    if tab == "contacts":
        return {"contacts": found.contacts.all()}
    if tab == "ownership":
        return {"credits": page_data.ownership(found)}
    entries, last = timeline.entries(found.id, request.viewer, group=_group(request), before=_before(request))
    todos = FollowUp.objects.filter(customer=found, state=FollowUp.State.OPEN).select_related("owner")[:10]
    kinds = [
        {
            "value": kind.value,
            "label": kind.label,
            "icon": timeline.CONTACT_ICONS[kind],
            "checked": not number,
        }
        for number, kind in enumerate(Interaction.Kind)
        if kind != Interaction.Kind.OTHER
    ]
    return {"entries": entries, "last": last, "todos": todos, "kinds": kinds, "groups": _groups(request)}


def _group(request: PageRequest) -> str:
    group = request.GET.get("group", "")
    return group if group in timeline.GROUPS else ""


def _groups(request: PageRequest) -> list[dict[str, Any]]:
    chosen = _group(request)
    every = {"": _("All"), **{name: str(label) for name, label in timeline.GROUPS.items()}}
    return [
        {"label": label, "url": f"?group={name}", "current": name == chosen} for name, label in every.items()
    ]


def _before(request: PageRequest) -> tuple[datetime, UUID] | None:
    try:
        at, last = request.GET["before"].split("_", 1)
        return datetime.fromisoformat(at), UUID(last)
    except (KeyError, ValueError):
        return None


def usual_interval(days: int) -> str:
    """How often one usually speaks with the customer."""
    return ngettext("usually every %(n)d day", "usually every %(n)d days", days) % {"n": days}
