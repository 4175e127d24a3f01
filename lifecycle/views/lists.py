"""The risk list and the follow-ups as lists of the one pattern."""

from django.utils.translation import gettext_lazy as _

from crm.accounts.roles import Right
from crm.web.filters import Filters
from crm.web.keyset import Sort
from crm.web.listing import Column, Listing, View
from customers.filters import CustomerFilters
from lifecycle.models import FollowUp


class Risks(Listing):
    """Customers with a contract in force, the riskiest first."""

    filters = CustomerFilters
    sorts = {
        "name": "name",
        "risk": Sort("standing__risk_score", nullable=True),
        "annual_amount": Sort("standing__annual_amount", right=Right.SEE_AMOUNT),
        "ends": Sort("standing__first_ends_on", nullable=True),
        "last_contact": Sort("standing__last_contact_on", nullable=True),
    }
    ordering = "-risk"
    columns = (
        Column("name", _("Customer"), sort="name"),
        Column("tier", _("Tier"), "p1"),
        Column("risk", _("Risk"), sort="risk"),
        Column("reasons", _("Reasons"), "p3"),
        Column("annual_amount", _("A year"), "r p1", sort="annual_amount", right=Right.SEE_AMOUNT),
        Column("ends", _("First to end"), "p2", sort="ends"),
        Column("last_contact", _("Last contact"), "p3", sort="last_contact"),
        Column("owner", _("Responsible"), "p1"),
        Column("act", ""),
    )
    views = (
        View("red", _("High"), "risk_band=RED", late=True),
        View("amber", _("Medium"), "risk_band=AMBER"),
        View("green", _("Low"), "risk_band=GREEN"),
        View("mine", _("Mine"), "owner=me&risk_band=RED,AMBER"),
    )


class FollowUpFilters(Filters):
    """Follow-ups by customer, person, state and kind."""

    class Meta:
        model = FollowUp
        fields = ["customer", "owner", "state", "kind"]


class FollowUps(Listing):
    """What is to be done, the first due first."""

    filters = FollowUpFilters
    sorts = {"due": "due_on"}
    ordering = "due"
    columns = (
        Column("what", _("What to do")),
        Column("customer", _("Customer")),
        Column("due", _("Due"), sort="due"),
        Column("owner", _("To be done by"), "p1"),
        Column("act", ""),
    )
    views = (
        View("mine", _("Mine"), "owner=me&state=OPEN"),
        View("all", _("All in my reach"), "state=OPEN", right=Right.FOLLOW_UP_ASSIGN),
        View("done", _("Done"), "owner=me&state=DONE"),
    )
