"""What registrations may be filtered by: one FilterSet for page and API."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.models import Member
from crm.web.filters import Choices, Day, DepartmentTree, Filters, Related
from customers.models import Registration

State = Registration.State
STATES = {
    State.OPEN: Q(effective_on=None, lapsed_on=None),
    State.EFFECTIVE: Q(effective_on__isnull=False),
    State.LAPSED: Q(lapsed_on__isnull=False),
}


class RegistrationFilters(Filters):
    """Registrations by registrant, department, day and state."""

    state = Choices(method="in_state", label=_("State"), choices=State.choices)
    member = Related("member", label=_("Registered by"), to=Member)
    department = DepartmentTree("department", label=_("Department of the registrant"))
    registered_on__gte = Day("registered_on", "gte", label=pgettext_lazy("registration", "Registered on"))
    registered_on__lte = Day("registered_on", "lte", label=pgettext_lazy("registration", "Registered on"))
    due_on__lte = Day("due_on", "lte", label=_("To be reached by"))

    class Meta:
        model = Registration
        fields = ["customer", "fixes_developer"]

    def in_state(self, rows: QuerySet, name: str, words: list[str]) -> QuerySet:
        """Rows in any of these states."""
        wanted = Q(pk__in=[])
        for word in words:
            wanted |= STATES[State(word)]
        return rows.filter(wanted) if words else rows
