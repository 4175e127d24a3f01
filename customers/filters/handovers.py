"""What handovers may be filtered by: one FilterSet for page and API."""

from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Member
from crm.web.filters import Choices, Day, DepartmentTree, Filters, Related
from customers.models import Handover, HandoverRow


class HandoverFilters(Filters):
    """Handovers by whose customers they are, state and day."""

    state = Choices(label=_("State"), choices=Handover.State.choices)
    member = Related("member", label=_("Whose customers"), to=Member)
    department = DepartmentTree("department", label=_("Department"))
    opened_on__gte = Day("opened_on", "gte", label=_("Opened on"))
    opened_on__lte = Day("opened_on", "lte", label=_("Opened on"))
    due_on__lt = Day("due_on", "lt", label=_("Due on"))

    class Meta:
        model = Handover
        fields: list[str] = []


class HandoverRowFilters(Filters):
    """By handover, customer and who got it."""

    class Meta:
        model = HandoverRow
        fields = ["handover", "customer", "to_member"]
