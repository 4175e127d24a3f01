"""What each tab of the customer page shows besides the frame: one function a tab."""

from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.accounts.access import Viewer
from crm.accounts.rights import Right
from crm.dashboards import customer as found_here
from crm.dashboards import facts, told
from crm.dashboards import timeline as story
from crm.dashboards.customer import Place
from crm.dashboards.pending import pending
from crm.web.access import PageRequest
from customers import collaborators
from customers.models import Customer, Interaction
from lifecycle.models import FollowUp
from lifecycle.views.followups import EITHER, changing

RISK_TONES = {"RED": "red", "AMBER": "amber", "GREEN": "green"}


def overview(request: PageRequest, place: Place) -> dict[str, Any]:
    """Composer, to-dos, timeline and rail."""
    return _rail(request, place) | {
        **timeline_page(request, place.customer),
        "todos": _todos(request, place.customer),
        "kinds": _kinds(request.POST.get("kind", Interaction.Kind.CALL)),
    }


def contracts(request: PageRequest, place: Place) -> dict[str, Any]:
    """The contracts, with what was collected of each."""
    amounts = request.viewer.may(Right.SEE_AMOUNT)
    rows = list(found_here.contracts(place.customer))
    for row in rows:
        row.share = row.collected / row.due if row.due else None  # type: ignore[attr-defined]
    columns = [
        _column("number", _("Contract"), "w-xl"),
        _column("title", _("Subject"), "p1"),
        _column("term", _("Term"), "w-xl"),
        _column("gross", _("Amount incl. VAT"), "r w-l") if amounts else None,
        _column("collected", _("Collected"), "r w-s") if amounts else None,
        _column("state", _("State"), "w-m"),
    ]
    return {"contracts": rows, "columns": list(filter(None, columns))}


def contacts(request: PageRequest, place: Place) -> dict[str, Any]:
    """The people at the customer."""
    columns = [
        _column("name", pgettext("person", "Name")),
        _column("title", pgettext("person", "Title")),
        _column("phone", _("Phone")) if request.viewer.may(Right.SEE_PHONE) else None,
        _column("email", _("E-mail"), "p1"),
        _column("wechat", _("WeChat"), "p2"),
        _column("edit", "", "r w-m") if request.viewer.may(Right.CUSTOMER_EDIT) else None,
    ]
    return {"contacts": list(place.customer.contacts.all()), "columns": list(filter(None, columns))}


def ownership(request: PageRequest, place: Place) -> dict[str, Any]:
    """Who developed and managed the customer since when, and by which rule."""
    columns = [
        _column("role", pgettext("ownership", "Part"), "w-m"),
        _column("who", _("Who")),
        _column("department", _("Department"), "p2"),
        _column("share", _("Share"), "r w-s"),
        _column("from", _("From"), "w-l"),
        _column("until", _("Until"), "w-l"),
        _column("rule", _("Rule"), "w-l p2"),
        _column("reason", _("Reason"), "p3"),
    ]
    credits = list(found_here.ownership(place.customer))
    for credit in credits:
        credit.share = Decimal(credit.basis_points) / 10_000  # type: ignore[attr-defined]
    return {
        "credits": credits,
        "columns": columns,
        "pending": pending(place.customer, request.viewer, request.today),
        "helpers": list(collaborators.in_force(place.customer)),
        "me": request.viewer.id if request.viewer.may(Right.CUSTOMER_EDIT) else None,
        "helper_columns": [
            _column("member", _("Collaborator")),
            _column("department", _("Department"), "p2"),
            _column("role", pgettext("ownership", "Part"), "w-l"),
            _column("rights", _("Rights"), "w-m"),
            _column("from", _("From"), "w-m"),
            _column("remove", "", "r w-m"),
        ],
        "registrations": found_here.registrations(place.customer, request.today),
        "registration_columns": [
            _column("member", _("Registered by")),
            _column("department", _("Department"), "p2"),
            _column("on", pgettext("registration", "Registered on"), "w-l"),
            _column("due", _("To be reached by"), "w-l"),
            _column("state", _("State"), "w-m"),
            _column("need", pgettext("registration", "Need"), "p3"),
        ],
    }


def _column(key: str, label: str, classes: str = "") -> dict[str, str]:
    return {"key": key, "label": label, "classes": classes}


def timeline_page(request: PageRequest, customer: Customer) -> dict[str, Any]:
    """A page of the timeline, its filter, and the address of the next page."""
    viewer = request.viewer
    asked = request.GET.get("group", "")
    group = asked if asked in story.groups(viewer) else ""
    before = story.Place.parse(request.GET.get("before", ""))
    entries, older = story.entries(customer.id, viewer, today=request.today, group=group, before=before)
    base = reverse("dashboards:customer", args=[customer.id])
    words = {"group": group} if group else {}
    return {
        "entries": entries,
        "older_url": f"{base}?{urlencode(words | {'before': str(older)})}" if older else "",
        "groups": _groups(viewer, group, base),
    }


def _groups(viewer: Viewer, chosen: str, base: str) -> list[dict[str, Any]]:
    every = {"": pgettext("timeline", "All"), **{name: told.GROUPS[name] for name in story.groups(viewer)}}
    return [
        {"label": label, "url": f"{base}?group={name}" if name else base, "current": name == chosen}
        for name, label in every.items()
    ]


def _rail(request: PageRequest, place: Place) -> dict[str, Any]:
    viewer, found, today = request.viewer, place.customer, request.today
    renewing = found_here.renewing(found, today) if viewer.may(Right.CONTRACT_VIEW) else None
    mine = viewer.may(Right.COMMISSION_OWN)
    return {
        "pay": found_here.pay(found, viewer, request.tenant.currency) if mine else None,
        "pending": pending(found, viewer, today),
        "renewing": renewing,
        "renewal_steps": facts.renewal_steps(renewing, today) if renewing else [],
        "risk_reasons": facts.reasons(found_here.risk(found) if viewer.may(Right.RISK_VIEW) else None),
        "risk_tone": RISK_TONES.get(found.standing.risk_band, "amber"),
        "scale": facts.scale(found.standing.annual_amount, place.bands, request.tenant.currency)
        if viewer.may(Right.SEE_AMOUNT)
        else None,
        "service": found_here.service(found, today),
        "contacts": found_here.contacts(found),
        "tags": found_here.tags(found),
    }


def _todos(request: PageRequest, customer: Customer) -> list[dict[str, Any]]:
    found = found_here.todos(customer, request.viewer)
    mine = changing(request.viewer, found) if any(map(request.viewer.may, EITHER)) else set()
    return [_todo(each, request.today, each.pk in mine) for each in found]


def _todo(found: FollowUp, today: date, changes: bool) -> dict[str, Any]:
    return {
        "id": found.id,
        "title": str(found.headline),
        "due_on": found.due_on,
        "who": found.owner.name if found.owner else "",
        "tag": "" if found.kind == FollowUp.Kind.MANUAL else found.get_kind_display(),
        "done_url": reverse("lifecycle:follow-up-done", args=[found.id]) if changes else "",
        "late": found.due_on < today,
    }


def _kinds(chosen: str) -> list[dict[str, Any]]:
    return [
        {
            "value": kind.value,
            "label": kind.label,
            "icon": told.CONTACT_ICONS[kind],
            "checked": kind.value == chosen,
        }
        for kind in Interaction.Kind
    ]
