from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer, reach
from customers.forms.boxes import DayBox, DoorForm, PercentBox
from customers.models import Customer
from customers.models.dispute import WHOLE, Outcome, Proof


class ClaimForm(DoorForm):
    """A claim to a customer; of one beyond the claimant's reach he says himself what it is called."""

    called = forms.CharField(label=_("Customer, as you know it"), max_length=200)
    statement = forms.CharField(
        label=_("Your claim"),
        max_length=4000,
        widget=forms.Textarea,
        help_text=_("Since when you have pursued the customer, with whom you speak, what was agreed."),
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


class EvidenceForm(DoorForm):
    """Evidence for one's own side."""

    kind = forms.ChoiceField(label=_("Kind of proof"), choices=Proof.choices)
    dated_on = DayBox(label=_("From the day"), required=False)
    text = forms.CharField(label=_("Evidence"), max_length=2000, widget=forms.Textarea({"rows": 3}))


class AnswerClaimForm(DoorForm):
    """What whoever is claimed against says to it."""

    answer = forms.CharField(label=_("Your answer"), max_length=4000, widget=forms.Textarea({"rows": 4}))


class RulingForm(DoorForm):
    """The outcome, the claimant's share of a division, and why."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=Outcome.choices, widget=forms.RadioSelect)
    share = PercentBox(
        label=_("Share of the claimant"),
        required=False,
        places=0,
        help_text=_("Of a division; halves if left empty."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Both sides read it."),
    )
    concealed = forms.BooleanField(
        label=_("The losing side concealed something"),
        required=False,
        help_text=_("All credit is then the other side's, that of having developed the customer too."),
    )

    def clean(self) -> dict[str, Any]:
        """The words of the verb: the share of a division in basis points."""
        data = super().clean() or {}
        share: Decimal | None = data.pop("share", None)
        divided = data.get("outcome") == Outcome.SPLIT and share is not None
        data["claimant_basis_points"] = int((share or 0) * WHOLE) if divided else None
        return data


class AppealForm(DoorForm):
    """Why the ruling should be another one."""

    appeal = forms.CharField(label=_("Your appeal"), max_length=4000, widget=forms.Textarea({"rows": 4}))


class WithdrawalForm(DoorForm):
    """The claim is given up."""
