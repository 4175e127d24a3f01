from django import forms
from django.utils.translation import gettext_lazy as _

from customers.forms.boxes import DoorForm


class ConfirmationForm(DoorForm):
    """The split is confirmed; there is nothing to fill in."""


class SplitRefusalForm(DoorForm):
    """Why the split is not confirmed."""

    words = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("Who signed reads it and makes another split.")
    )
