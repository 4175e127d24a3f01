"""What confirmations of splits may be filtered by: one FilterSet for page and API."""

from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Member
from crm.web.filters import Choices, Day, DepartmentTree, Filters, Related
from customers.models import SplitConfirmation


class SplitFilters(Filters):
    """Confirmations by contract, state, who is asked, who signed, department and day."""

    state = Choices("state", label=_("State"), choices=SplitConfirmation.State.choices)
    asked = Related("asked", label=_("To be confirmed by"), to=Member)
    signed_by = Related("contract__signed_by", label=_("Signed by"), to=Member)
    department = DepartmentTree("department", label=_("Department of the payee"))
    asked_on__gte = Day("asked_on", "gte", label=_("Asked on"))
    asked_on__lte = Day("asked_on", "lte", label=_("Asked on"))

    class Meta:
        model = SplitConfirmation
        fields = ["contract"]
