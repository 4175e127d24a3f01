from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Member
from customers.forms.boxes import ChoiceBox, DoorForm


class TransferForm(DoorForm):
    """Who becomes responsible, and why."""

    to = ChoiceBox(label=_("New responsible person"))
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, on=on, **kwargs)
        self.fields["to"].offer(Member.objects.filter(status=Member.Status.ACTIVE))
