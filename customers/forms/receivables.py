"""Forms of accounts (往来账款)."""

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.forms.boxes import DoorForm
from customers.models.openitems import MOST_DAYS

EVERY = [(1, _("every month")), (3, _("every quarter")), (6, _("every half-year")), (12, _("once a year"))]


class TermsForm(DoorForm):
    """What is agreed of an account beyond its payment plan."""

    credit_days = forms.IntegerField(
        label=_("Days of credit"),
        min_value=0,
        max_value=MOST_DAYS,
        help_text=_("Days after the due date without dunning; what is overdue counts from the due date."),
    )
    statement_months = forms.TypedChoiceField(
        label=_("Statement of account"),
        coerce=int,
        choices=EVERY,
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False)
