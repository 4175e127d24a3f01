"""The form that says with which month commission begins."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commissions.models import Period
from crm.periods import month_from, month_number, month_text


class CommencementForm(forms.Form):
    """One of the months up to that of `on`, the latest first."""

    month = forms.ChoiceField(label=_("Commission begins with"))

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first = Period.objects.order_by("month").values_list("month", flat=True).first()
        last = month_number(on)
        months = range(last, min(last, month_from(first) if first else last) - 1, -1)
        box: Any = self.fields["month"]
        box.choices = [(month_text(n), month_text(n)) for n in months]
