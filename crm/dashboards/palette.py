"""What Ctrl K finds, within the reader's reach: customers, contacts, contracts, people, places, commands."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crm.accounts.access import Viewer, reach
from crm.accounts.models import Member
from crm.accounts.rights import Right
from crm.web import navigation
from crm.web.templatetags.marks import TIERS
from customers import search
from customers.models import Contact, Contract, Customer

MOST = 6


@dataclass(frozen=True)
class Option:
    """One line: where it leads, and what stands on it; `label` has the match marked."""

    url: str
    icon: str
    label: SafeString
    note: str = ""
    tier: str = ""
    key: str = ""


@dataclass(frozen=True)
class Group:
    """Lines of one kind under their name."""

    label: str
    options: list[Option] = field(default_factory=list)


def results(viewer: Viewer, term: str) -> list[Group]:
    """The groups that hold something, the most sought first; places and commands alone for no term."""
    groups = [
        Group(_("Customers"), list(_customers(viewer, term))),
        Group(_("Contacts"), list(_contacts(viewer, term))),
        Group(_("Contracts"), list(_contracts(viewer, term))),
        Group(_("People"), list(_people(viewer, term))),
        Group(_("Go to"), list(_places(viewer, term))),
        Group(_("Commands"), list(_commands(viewer, term))),
    ]
    return [group for group in groups if group.options]


def marked(text: str, term: str) -> SafeString:
    """The text with the first match of the term marked."""
    start = text.lower().find(term.lower()) if term else -1
    if start < 0:
        return conditional_escape(text)
    end = start + len(term)
    return format_html("{}<mark>{}</mark>{}", text[:start], text[start:end], text[end:])


def _customers(viewer: Viewer, term: str) -> Iterator[Option]:
    if not term or not viewer.may(Right.CUSTOMER_VIEW):
        return
    ids = search.reachable(viewer, term, MOST)
    rows = Customer.objects.select_related("standing", "owner", "responsible_dept")
    for row in sorted(rows.filter(pk__in=ids), key=lambda row: ids.index(row.pk)):
        who = row.owner or row.responsible_dept
        tier = row.standing.tier if row.standing.tier in TIERS else ""
        url = reverse("dashboards:customer", args=[row.pk])
        yield Option(url, "building", marked(row.name, term), who.name if who else "", tier)


def _contacts(viewer: Viewer, term: str) -> Iterator[Option]:
    if not term or not viewer.may(Right.CUSTOMER_VIEW):
        return
    wanted = Q(name__icontains=term) | Q(wechat__iexact=term)
    if viewer.may(Right.SEE_PHONE) and term.isdigit() and len(term) >= 4:
        wanted |= Q(phone__endswith=term)
    rows = reach(viewer, Contact.objects.select_related("customer")).filter(wanted)
    for row in rows.order_by("name", "id")[:MOST]:
        url = reverse("dashboards:customer-contacts", args=[row.customer_id])
        yield Option(url, "user", marked(row.name, term), row.customer.name)


def _contracts(viewer: Viewer, term: str) -> Iterator[Option]:
    if not term or not viewer.may(Right.CONTRACT_VIEW):
        return
    rows = reach(viewer, Contract.objects.select_related("customer")).filter(number__icontains=term)
    for row in rows.order_by("-signed_on", "-id")[:MOST]:
        url = reverse("customers:contract", args=[row.pk])
        yield Option(url, "file-text", marked(row.number, term), row.customer.name)


def _people(viewer: Viewer, term: str) -> Iterator[Option]:
    if not term or not viewer.may(Right.TEAM_VIEW):
        return
    rows = Member.objects.exclude(status=Member.Status.LEFT).select_related("department")
    for row in rows.filter(Q(name__icontains=term) | Q(code__iexact=term)).order_by("name", "id")[:MOST]:
        url = f"{reverse('dashboards:book')}?view=all&owner={row.pk}"
        yield Option(url, "user", marked(row.name, term), row.department.name)


def _places(viewer: Viewer, term: str) -> Iterator[Option]:
    for section in navigation.items_for(frozenset(viewer.rights), {}):
        for item in section.items:
            if term.lower() in item.label.lower():
                key = f"G {item.key.upper()}" if item.key else ""
                yield Option(item.url, item.icon or "arrow-right", marked(item.label, term), key=key)


COMMANDS: tuple[tuple[Right, Callable[[], str], str, str], ...] = (
    (Right.CUSTOMER_EDIT, lambda: _("New customer"), "customers:registration-new", "plus"),
    (Right.CUSTOMER_EDIT, lambda: _("Register a company"), "customers:registration-new", "briefcase"),
)


def _commands(viewer: Viewer, term: str) -> Iterator[Option]:
    for right, label, url_name, icon in COMMANDS:
        text: Any = label()
        if viewer.may(right) and term.lower() in text.lower():
            yield Option(reverse(url_name), icon, marked(text, term))
