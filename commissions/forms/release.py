from django.utils.translation import gettext_lazy as _

from customers.forms.boxes import AmountBox, DayBox, DoorForm
from customers.forms.cash import FEN


class ReleaseForm(DoorForm):
    """The two boxes of a receipt that decide what it releases."""

    amount = AmountBox(label=_("Amount"), least=FEN)
    received_on = DayBox(label=_("Received on"))
