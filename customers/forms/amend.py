"""The form for a new price of a contract that runs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.forms.boxes import AmountBox, DayBox
from customers.forms.sign import YearBoxes
from customers.models import Contract


class AmendForm(YearBoxes):
    """The new price, from when, and why; a box for each contract year where there are several."""

    gross = AmountBox(label=_("New amount incl. VAT"))
    amended_on = DayBox(label=_("Amended on"), help_text=_("The day on which it was agreed."))
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, contract: Contract, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._fit_years(contract.years.count())
        if contract.has_schedule:
            for year in contract.years.all():
                self.fields[f"year_{year.number}"].initial = year.gross
