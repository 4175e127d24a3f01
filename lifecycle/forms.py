"""The forms of follow-ups: open, done, move, hand on, no longer needed."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from crm.accounts.models import Member
from crm.periods import add_workdays, is_published
from crm.web.templatetags.days import day_task
from customers.forms.boxes import ChoiceBox, DayBox, DoorForm
from lifecycle.followups import TITLE_LENGTH
from lifecycle.neglectrules import MOST_DAYS

WORKDAYS = (1, 2, 3, 5, 10)
USUAL = 2


class OpenForm(DoorForm):
    """What is to be done, in how many working days, and by whom if that may be somebody else."""

    title = forms.CharField(label=_("What to do"), max_length=TITLE_LENGTH)
    workdays = forms.TypedChoiceField(label=_("Due"), coerce=int, initial=USUAL)
    owner = ChoiceBox(label=_("To be done by"))

    def __init__(self, *args: Any, on: date, may_assign: bool, **kwargs: Any) -> None:
        super().__init__(*args, on=on, **kwargs)
        self.fields["workdays"].choices = [(n, _in_workdays(n, on)) for n in WORKDAYS]
        if may_assign:
            self.fields["owner"].offer(_colleagues())
        else:
            del self.fields["owner"]


def _in_workdays(number: int, on: date) -> str:
    words = ngettext_lazy("in %(n)d working day, %(day)s", "in %(n)d working days, %(day)s", number)
    due_on = add_workdays(on, number)
    said = str(words % {"n": number, "day": day_task(due_on, on)})
    return said if is_published(due_on) else f"{said} · {_('holidays not published yet')}"


def _colleagues() -> Any:
    return Member.objects.filter(status=Member.Status.ACTIVE)


class DoneForm(DoorForm):
    """What came of it."""

    outcome = forms.CharField(
        label=_("Outcome"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )


class MoveForm(DoorForm):
    """Another day."""

    due_on = DayBox(label=_("Due"))


class AssignForm(DoorForm):
    """Another person."""

    to = ChoiceBox(label=_("To be done by"))

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, on=on, **kwargs)
        self.fields["to"].offer(_colleagues())


class CancelForm(DoorForm):
    """Why it need not be done any more."""

    reason = forms.CharField(label=_("Reason"), max_length=500)


class NeglectRulesForm(DoorForm):
    """A version of the rules for missed follow-ups."""

    valid_from = DayBox(label=_("In force from"))
    owner_days = forms.IntegerField(label=_("Owner told after days"), min_value=1, max_value=MOST_DAYS)
    head_days = forms.IntegerField(label=_("Head told after days"), min_value=1, max_value=MOST_DAYS)
    flag_days = forms.IntegerField(label=_("Marked after days"), min_value=1, max_value=MOST_DAYS)
    in_workdays = forms.BooleanField(label=_("Count working days"), required=False)
    reassigns = forms.BooleanField(
        label=_("Hand marked customers to colleagues of the department, in turn"), required=False
    )
