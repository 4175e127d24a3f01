"""Forms of one contract: money in, money back, an expense, the end before its time."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.forms.boxes import AmountBox, DayBox, DoorForm
from customers.models import ContractExpense

FEN = Decimal("0.01")


class ReceiptForm(DoorForm):
    """Money received for the contract, in its currency."""

    number = forms.CharField(label=_("Receipt number"), max_length=60)
    amount = AmountBox(label=_("Amount"), least=FEN)
    received_on = DayBox(label=_("Received on"))


class RefundForm(DoorForm):
    """Money given back, in the currency of the contract."""

    number = forms.CharField(label=_("Receipt number"), max_length=60)
    amount = AmountBox(label=_("Amount"), least=FEN)
    refunded_on = DayBox(label=_("Given back on"))


class ExpenseForm(DoorForm):
    """A direct expense, in the tenant's currency."""

    number = forms.CharField(label=_("Voucher number"), max_length=60)
    category = forms.ChoiceField(label=_("Category"), choices=ContractExpense.Category.choices)
    amount = AmountBox(label=_("Amount"), least=FEN)
    incurred_on = DayBox(label=_("Date"))


class CancelForm(DoorForm):
    """The end of a contract before its time."""

    cancelled_on = DayBox(label=_("Cancelled from"), help_text=_("The first day without the contract."))
    kept_gross = AmountBox(
        label=_("Still owed of the whole price"),
        required=False,
        help_text=_("Left empty: the part that was served, by days."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)
