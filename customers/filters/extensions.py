"""What requests for more days may be filtered by: one FilterSet for page and API."""

from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Member
from crm.web.filters import Choices, Day, DepartmentTree, Filters, Related
from customers.models import Extension


class ExtensionFilters(Filters):
    """Requests by customer, person, day and state."""

    state = Choices("state", label=_("State"), choices=Extension.State.choices)
    member = Related("member", label=_("Asked for by"), to=Member)
    department = DepartmentTree("customer__responsible_dept", label=_("Department"))
    asked_on__gte = Day("asked_on", "gte", label=_("Asked for on"))
    asked_on__lte = Day("asked_on", "lte", label=_("Asked for on"))

    class Meta:
        model = Extension
        fields = ["customer"]
