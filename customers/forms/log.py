from django import forms
from django.utils.translation import gettext_lazy as _

from customers.forms.boxes import DayBox, DoorForm
from customers.models import Interaction


class LogForm(DoorForm):
    """A contact that has just happened, and the day of the next one."""

    kind = forms.ChoiceField(label=_("Kind of contact"), choices=Interaction.Kind.choices)
    note = forms.CharField(
        label=_("Note"),
        max_length=10_000,
        widget=forms.Textarea,
        error_messages={"required": _("Write who you met and what was said.")},
    )
    next_on = DayBox(label=_("Next contact on"), required=False)
