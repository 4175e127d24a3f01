"""What collaborations may be filtered by."""

from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Member
from crm.web.filters import Filters, Related
from customers.models import Collaboration


class CollaborationFilters(Filters):
    """Who helps with which customers, by part and rights."""

    member = Related("member", label=_("Collaborator"), to=Member)

    class Meta:
        model = Collaboration
        fields = ["customer", "role", "rights"]
