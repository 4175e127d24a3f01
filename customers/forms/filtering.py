"""The form behind "+ Filter": the filters of the customer list that people reach for."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.access import Viewer, reach
from crm.accounts.models import Department, Member
from crm.accounts.rights import Right
from crm.web.templatetags.marks import STAGES
from customers.filters.records import BANDS, CustomerFilters
from customers.forms.boxes import DayBox, DoorForm
from customers.models import Segment, Tag, ValueSegment

ANY = ("", pgettext_lazy("filter", "any"))


def _amount(label: Any) -> forms.Field:
    return forms.DecimalField(label=label, required=False, min_value=0)


class FilterForm(DoorForm):
    """One box a filter, named like it; a filter that the viewer may not use has none."""

    tier = forms.ChoiceField(label=_("Tier"), required=False)
    stage = forms.ChoiceField(label=_("Stage"), required=False, choices=[ANY, *STAGES.items()])
    risk_band = forms.ChoiceField(label=_("Risk"), required=False, choices=[ANY, *BANDS])
    rfm_segment = forms.ChoiceField(
        label=_("Value segment"), required=False, choices=[ANY, *ValueSegment.choices]
    )
    owner = forms.ChoiceField(label=_("Responsible"), required=False)
    department = forms.ChoiceField(label=_("Department with those below it"), required=False)
    tag = forms.ChoiceField(label=_("Tag"), required=False)
    segment = forms.ChoiceField(label=_("Segment"), required=False)
    late_by_strategy = forms.ChoiceField(
        label=_("Late by strategy"), required=False, choices=[ANY, ("true", _("yes")), ("false", _("no"))]
    )
    region = forms.CharField(label=_("Province or city"), required=False, max_length=60)
    industry = forms.CharField(label=_("Industry"), required=False, max_length=60)
    annual_amount__gte = _amount(_("Annual amount from"))
    annual_amount__lt = _amount(_("Annual amount below"))
    first_ends_on__gte = DayBox(label=_("Ends from"), required=False)
    first_ends_on__lte = DayBox(label=_("Ends until"), required=False)
    last_contact_on__lte = DayBox(label=_("Not contacted since"), required=False)
    overdue_amount__gt = _amount(_("Overdue above"))

    def __init__(self, *args: Any, viewer: Viewer, tiers: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = CustomerFilters.offered(viewer)
        self.fields = {name: field for name, field in self.fields.items() if name in offered}
        people = Member.objects.exclude(status=Member.Status.LEFT) if viewer.may(Right.TEAM_VIEW) else ()
        self.fields["tier"].choices = [ANY, *tiers]
        self.fields["owner"].choices = [ANY, ("me", _("me")), ("none", _("nobody")), *_named(people)]
        self.fields["department"].choices = [ANY, ("me", _("mine")), *_named(Department.objects.all())]
        self.fields["segment"].choices = [ANY, *_named(reach(viewer, Segment.objects.all()))]
        self.fields["tag"].choices = [ANY, *_named(Tag.objects.all())]

    @property
    def words(self) -> dict[str, str]:
        """What was filled in, as words of the list's address; of a valid form."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value not in ("", None)}


def _named(rows: Iterable[Any]) -> list[tuple[str, str]]:
    return [(str(row.pk), str(row)) for row in rows]
