"""Forms of accounts (往来账款)."""

from datetime import date
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer, changeable
from crm.web.templatetags.amounts import money
from crm.web.templatetags.days import day
from customers.forms.boxes import AmountBox, ChoiceBox, DayBox, DoorForm
from customers.models import Contract, Receivable
from customers.models.openitems import FEN, MOST_DAYS

EVERY = [(1, _("every month")), (3, _("every quarter")), (6, _("every half-year")), (12, _("once a year"))]


class ReasonBox(forms.CharField):
    """A reason in a few sentences."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=500, widget=forms.Textarea({"rows": 3}), **kwargs)


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


class WriteOffForm(DoorForm):
    """Money of an overdue instalment that is to be given up."""

    receivable: Any = forms.ModelChoiceField(label=_("Instalment"), queryset=None, empty_label=None)
    amount = AmountBox(label=_("Amount"), least=FEN)
    reason = ReasonBox(label=_("Reason"), help_text=_("What was tried, and why it will not come."))

    def __init__(self, *args: Any, contract: Contract, on: date, **kwargs: Any) -> None:
        super().__init__(*args, on=on, **kwargs)
        rows = contract.receivables.filter(open__gt=0, due_on__lt=on).order_by("due_on", "id")
        self.fields["receivable"].queryset = rows
        self.fields["receivable"].label_from_instance = partial(_overdue, contract.currency)


class CorrectionForm(DoorForm):
    """What of a write-off is taken back."""

    amount = AmountBox(label=_("Amount"), least=FEN)
    reason = ReasonBox(label=_("Reason"))


class RefusalForm(DoorForm):
    """Why a proposal is refused."""

    answer = ReasonBox(label=_("Reason"))


def _overdue(currency: str, row: Receivable) -> str:
    return f"{row.number} · {day(row.due_on)} · {money(row.open, currency)}"


class MatchForm(DoorForm):
    """Which contract a bank line pays: confirmed by its id, or typed by its number."""

    contract = ChoiceBox(label=_("Contract"), names=("number",), help_text=_("Its number, or its customer."))

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contract"].offer(changeable(viewer, Contract.objects.all()))


class SetAsideForm(DoorForm):
    """Why a bank line is no receipt of a customer."""

    reason = forms.CharField(label=_("What it is"), max_length=200)


class DunningForm(DoorForm):
    """From when, and after how many days overdue each step is taken."""

    valid_from = DayBox(label=_("From"))
    first_days = forms.IntegerField(label=_("First reminder after, days"), min_value=1)
    second_days = forms.IntegerField(label=_("Second reminder after, days"), min_value=1)
    third_days = forms.IntegerField(label=_("Third reminder after, days"), min_value=1)
    joint_days = forms.IntegerField(label=_("Sales and finance together after, days"), min_value=1)
    legal_days = forms.IntegerField(label=_("Legal letter after, days"), min_value=1)
