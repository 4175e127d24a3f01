"""What is not settled yet about who is responsible for a customer, with its days, as the reader may know."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.accounts.access import Viewer, reach
from crm.accounts.rights import Right
from crm.periods import add_workdays
from customers.models import Customer, Extension, Handover, OwnershipDispute, Registration
from lifecycle.pooled import DECIDE_WORKDAYS


@dataclass(frozen=True)
class Pending:
    """One matter: what it is and where it stands, until when, and its page."""

    what: str
    state: str
    until: str
    day: date | None
    late: bool
    url: str


def pending(customer: Customer, viewer: Viewer, on: date) -> list[Pending]:
    """Open disputes, registrations, requests for more days and handovers: a query each, none beyond reach."""
    found = [*_registrations(customer, viewer, on), *_extensions(customer, viewer, on)]
    if viewer.may(Right.DISPUTE_VIEW):
        found = [*_disputes(customer, viewer, on), *found]
    if viewer.may(Right.OWNERSHIP_TRANSFER):
        found += _handovers(customer, viewer, on)
    return found


def _disputes(customer: Customer, viewer: Viewer, on: date) -> Iterator[Pending]:
    rows = OwnershipDispute.objects.filter(customer=customer, state__in=OwnershipDispute.LIVE)
    for row in reach(viewer, rows.select_related("claimant_dept")):
        what = _("Claimed by %(department)s") % {"department": row.claimant_dept.name}
        until, day = _("Ruling due"), row.due_on
        if not row.is_pending:
            until, day = _("May be appealed until"), row.appeal_until
        url = reverse("customers:dispute", args=[row.pk])
        yield Pending(what, row.get_state_display(), until, day, row.is_late(on), url)


def _registrations(customer: Customer, viewer: Viewer, on: date) -> Iterator[Pending]:
    rows = Registration.objects.filter(customer=customer, effective_on=None, lapsed_on=None)
    for row in reach(viewer, rows.select_related("member")):
        what = _("Registered by %(name)s") % {"name": row.member.name}
        url = reverse("customers:registration", args=[row.pk])
        yield Pending(what, str(row.state.label), _("To be reached by"), row.due_on, row.due_on < on, url)


def _extensions(customer: Customer, viewer: Viewer, on: date) -> Iterator[Pending]:
    rows = Extension.objects.filter(customer=customer, state=Extension.State.ASKED)
    for row in reach(viewer, rows.select_related("member")):
        days = ngettext("one more day", "%(n)s more days", row.days) % {"n": row.days}
        what = _("%(name)s asks for %(days)s") % {"name": row.member.name, "days": days}
        day = add_workdays(row.asked_on, DECIDE_WORKDAYS)
        url = reverse("customers:extension", args=[row.pk])
        yield Pending(what, row.get_state_display(), _("To be decided by"), day, day < on, url)


def _handovers(customer: Customer, viewer: Viewer, on: date) -> Iterator[Pending]:
    rows = Handover.objects.filter(member=customer.owner_id, state=Handover.State.OPEN)
    for row in reach(viewer, rows.select_related("member")) if customer.owner_id else ():
        what = _("%(name)s hands over") % {"name": row.whose.name}
        url = reverse("customers:handover", args=[row.pk])
        yield Pending(what, row.get_state_display(), _("Due by"), row.due_on, row.is_late(on), url)
