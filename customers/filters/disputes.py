"""What disputes may be filtered by: one FilterSet for page and API."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Member
from crm.web.filters import Choices, Day, DepartmentTree, Filters, Related
from customers.models import OwnershipDispute


class Party(Related):
    """Disputes in which somebody is a side; whom a claimant stands against is not to be guessed."""

    def among(self, ids: list[Any]) -> Q:
        against = Q(respondent__in=ids) & OwnershipDispute.whole(self.parent.viewer)
        return Q(claimant__in=ids) | against


class DisputeFilters(Filters):
    """Disputes by customer, side, judge, day and state."""

    state = Choices(label=_("State"), choices=OwnershipDispute.State.choices)
    party = Party("claimant", label=_("Side"), to=Member)
    judge = Related("judge", label=_("To be ruled by"), to=Member)
    claimant_dept = DepartmentTree("claimant_dept", label=_("Department of the claimant"))
    respondent_dept = DepartmentTree("respondent_dept", label=_("Department of the respondent"))
    opened_on__gte = Day("opened_on", "gte", label=_("Opened on"))
    opened_on__lte = Day("opened_on", "lte", label=_("Opened on"))
    due_on__lt = Day("due_on", "lt", label=_("Ruling due on"))

    class Meta:
        model = OwnershipDispute
        fields = ["customer"]
