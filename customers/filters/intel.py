"""What news may be filtered by: one FilterSet for page and API."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.models import Member
from crm.web.filters import Choices, Day, DepartmentTree, Filters, Related
from customers.models import CustomerIntel

STATES = [("OPEN", pgettext_lazy("news", "Open")), ("ANSWERED", pgettext_lazy("news", "Answered"))]


class Addressee(Related):
    """News of customers somebody is responsible for today, and what was escalated to him."""

    def among(self, ids: list[Any]) -> Q:
        return Q(customer__owner__in=ids) | Q(escalated_to__in=ids)


class IntelFilters(Filters):
    """News by customer, sender, addressee, day and state."""

    state = Choices(method="in_state", label=_("State"), choices=STATES)
    addressee = Addressee("customer__owner", label=_("To be answered by"), to=Member)
    member = Related("member", label=_("From"), to=Member)
    department = DepartmentTree("department", label=_("Department of the sender"))
    relayed_on__gte = Day("relayed_on", "gte", label=_("Passed on"))
    relayed_on__lte = Day("relayed_on", "lte", label=_("Passed on"))
    due_on__lt = Day("due_on", "lt", label=_("To be answered by"))

    class Meta:
        model = CustomerIntel
        fields = ["customer", "kind", "outcome"]

    def in_state(self, rows: QuerySet, name: str, words: list[str]) -> QuerySet:
        """Rows that are still open, or answered."""
        if len(set(words)) != 1:
            return rows
        return rows.filter(acknowledged_at__isnull="OPEN" in words)
