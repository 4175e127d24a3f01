"""Forms of disputes and adjustments: an amount may be negative, a file is judged by the verb."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from commissions import adjusting
from commissions.attachments import ACCEPTED
from commissions.linedisputes.answering import OUTCOMES
from commissions.models import LineDispute
from crm.accounts.access import Viewer
from customers.forms.boxes import AmountBox, ChoiceBox, DayBox, DoorForm

LEAST = Decimal(-(10**13) + 1)
MOST_WORDS = 2000


def _file(*, required: bool = False) -> forms.FileField:
    return forms.FileField(
        label=_("File"),
        required=required,
        allow_empty_file=True,  # the verb says in the company's words what is wrong with it
        help_text=_("PDF, PNG, JPEG, Word or Excel, at most 10 MB."),
        widget=forms.ClearableFileInput({"accept": ACCEPTED}),
    )


def _words(label: Any, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=MOST_WORDS, widget=forms.Textarea({"rows": 4}), **more)


class DisputeForm(DoorForm):
    """What is wrong with a line, what it should be, and the proof."""

    category = forms.ChoiceField(label=_("What is wrong"), choices=LineDispute.Category.choices)
    expected = AmountBox(label=_("The line should be"), least=LEAST)
    words = _words(_("Reason"), help_text=_("What you go by: the contract, the receipt, the agreed share."))
    file = _file()


class AnswerForm(DoorForm):
    """How a dispute is answered, and why."""

    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[(outcome.value, outcome.label) for outcome in OUTCOMES],
        widget=forms.RadioSelect,
    )
    amount = AmountBox(
        label=_("The line should be"), required=False, least=LEAST, help_text=_("If it is upheld in part.")
    )
    words = _words(_("Reason"), help_text=_("The payee reads it; so does whoever approves the adjustment."))

    def clean(self) -> dict[str, Any]:
        """An amount counts only in part."""
        data = super().clean() or {}
        if data.get("outcome") != LineDispute.State.PARTIAL:
            data["amount"] = None
        return data


class WithdrawForm(DoorForm):
    """Something is taken back."""


class AdjustmentForm(DoorForm):
    """An adjustment of a line, or of a payee who is chosen."""

    payee = ChoiceBox(label=_("Payee"))
    amount = AmountBox(
        label=_("Adjustment"), least=LEAST, help_text=_("What is added; with a minus what is taken back.")
    )
    effective_on = DayBox(
        label=_("Effective date"),
        help_text=_("It posts in the month that is open, whatever this day is."),
    )
    reason = _words(_("Reason"))
    file = _file(required=True)

    def __init__(self, *args: Any, viewer: Viewer, of_line: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if of_line:
            del self.fields["payee"]
        else:
            self.fields["payee"].offer(*adjusting.payees(viewer))


class ApproveForm(DoorForm):
    """An adjustment is approved; words are welcome."""

    decision = _words(pgettext_lazy("adjustment", "Note"), required=False)


class RefuseForm(DoorForm):
    """An adjustment is refused, with words."""

    decision = _words(_("Why it is refused"))


class RulesForm(DoorForm):
    """The days of disputes and the bands of adjustments."""

    valid_from = DayBox(label=_("In force from"))
    open_days = forms.IntegerField(label=_("Days to dispute, from the publication"))
    answer_workdays = forms.IntegerField(label=_("Working days to answer"))
    head_below = AmountBox(label=_("A department head approves below"))
    finance_below = AmountBox(label=_("Finance approves below"), help_text=_("From there on an executive."))
