"""The small forms of plans: a new one, a refusal, an assignment and its end."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commissions.approvals import REASON_LENGTH
from commissions.drafts import NAME_LENGTH
from crm.accounts.models import Department, Member
from crm.versions import CODE_LENGTH
from customers.forms.boxes import ChoiceBox, DayBox, DoorForm


class PlanForm(DoorForm):
    """A new plan."""

    code = forms.CharField(
        label=_("Code"), max_length=CODE_LENGTH, help_text=_("A word of capital letters, such as SALES.")
    )
    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH)


class RefusalForm(DoorForm):
    """Why a version is refused."""

    reason = forms.CharField(
        label=_("Reason"), max_length=REASON_LENGTH, widget=forms.Textarea({"rows": 2}), required=False
    )


class AssignmentForm(DoorForm):
    """Whom a plan pays: a department or a person, from a day on."""

    subject = ChoiceBox(
        label=_("Department or person"),
        help_text=_("A department with all below it that has no plan of its own."),
    )
    valid_from = DayBox(label=_("From"))
    valid_to = DayBox(label=_("Until, this day excluded"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subject"].offer(
            Department.objects.filter(is_active=True), Member.objects.exclude(status=Member.Status.LEFT)
        )


class EndForm(DoorForm):
    """The day from which an assignment no longer holds."""

    valid_to = DayBox(label=_("Ends on, this day excluded"))


class ReplayForm(DoorForm):
    """Which days a version is tried on, and whose contracts."""

    since = DayBox(label=_("From"))
    until = DayBox(label=_("Until, this day excluded"))
    department = ChoiceBox(
        label=_("Department"), required=False, help_text=_("Empty: all contracts that the plan pays.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].offer(Department.objects.all())
