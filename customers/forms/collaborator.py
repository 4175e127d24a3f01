from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Member
from customers.forms.boxes import ChoiceBox, DoorForm
from customers.models import Collaboration


class CollaboratorForm(DoorForm):
    """Who helps with a customer, as what, and whether he may write."""

    member = ChoiceBox(label=_("Collaborator"))
    role = forms.ChoiceField(label=_("Part"), choices=Collaboration.Role.choices)
    rights = forms.ChoiceField(
        label=_("Rights"),
        choices=Collaboration.Rights.choices,
        widget=forms.RadioSelect,
        initial=Collaboration.Rights.READ,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].offer(Member.objects.filter(status=Member.Status.ACTIVE))
