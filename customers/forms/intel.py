from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer, reach
from customers.forms.boxes import DayBox, DoorForm
from customers.models import Customer, CustomerIntel


class RelayForm(DoorForm):
    """News of a customer; of one beyond the sender's reach he says himself what it is called."""

    called = forms.CharField(label=_("Customer, as you know it"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind of news"), choices=CustomerIntel.Kind.choices)
    text = forms.CharField(
        label=_("News"),
        max_length=4000,
        widget=forms.Textarea,
        error_messages={"required": _("Write what you have heard, and from whom.")},
    )

    def __init__(self, *args: Any, viewer: Viewer, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.near = reach(viewer, Customer.objects.filter(pk=customer.pk)).exists()
        if self.near:
            del self.fields["called"]
        self.customer = customer

    @property
    def words(self) -> dict[str, Any]:
        """What the verb takes; of a valid form."""
        return {"called": self.customer.name, **self.cleaned_data}


class AnswerForm(DoorForm):
    """What the news was worth."""

    outcome = forms.ChoiceField(
        label=_("What was it worth?"), choices=CustomerIntel.Outcome.choices, widget=forms.RadioSelect
    )
    answer = forms.CharField(
        label=_("Answer to the sender"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3})
    )


class ThanksForm(DoorForm):
    """A word of thanks."""

    thanks = forms.CharField(label=_("Thanks"), max_length=500, widget=forms.Textarea({"rows": 2}))


class CountsForm(DoorForm):
    """The days to count, both inside."""

    since = DayBox(label=_("From"))
    until = DayBox(label=_("Until"))
