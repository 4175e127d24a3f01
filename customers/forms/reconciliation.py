"""Forms of the statement of account (对账单)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer, changeable
from customers.forms.boxes import AmountBox, ChoiceBox, DayBox, DoorForm
from customers.models import Customer

LEAST = -(Decimal(10) ** 13)


class PrepareForm(DoorForm):
    """Whose account, over which days, in which currency."""

    customer = ChoiceBox(label=_("Customer"), names=("name", "code"))
    starts_on = DayBox(label=_("First day"))
    last_day = DayBox(label=_("Last day"))
    currency = forms.RegexField(label=_("Currency"), regex=r"^[A-Z]{3}$", max_length=3)

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"].offer(changeable(viewer, Customer.objects.all()))

    @property
    def words(self) -> dict[str, Any]:
        """What the verb wants; of a valid form."""
        data = dict(self.cleaned_data)
        return data | {"ends_on": data.pop("last_day") + timedelta(days=1)}


class SignatureForm(DoorForm):
    """Who signed for the customer, and when."""

    signatory = forms.CharField(label=_("Signed for the customer by"), max_length=60)
    answered_on = DayBox(label=_("Signed on"))


class DisagreementForm(DoorForm):
    """At what the customer's books close, and what he says."""

    their_closing = AmountBox(
        label=_("Closing balance in the customer's books"),
        least=LEAST,
        help_text=_("Below zero: the customer has paid ahead."),
    )
    answer = forms.CharField(
        label=_("What the customer says"), max_length=1000, widget=forms.Textarea({"rows": 3})
    )
    signatory = forms.CharField(label=_("Answered for the customer by"), max_length=60)
    answered_on = DayBox(label=_("Answered on"))
