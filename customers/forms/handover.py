from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer
from crm.accounts.models import Department, Member
from customers.forms.boxes import ChoiceBox, DoorForm
from customers.handovers import books


class WhoseForm(DoorForm):
    """Whose customers are handed over: those of a person, or those of a department."""

    one_of = ("member", "department")
    member = ChoiceBox(label=_("Of a person"), required=False)
    department = ChoiceBox(label=_("Or of a department"), required=False)

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].offer(books.people(viewer).select_related("department"))
        self.fields["department"].offer(books.departments(viewer))

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        data = super().clean() or {}
        if not self.errors and bool(data.get("member")) == bool(data.get("department")):
            self.add_error("member", _("Choose a person, or a department."))
        return data

    @property
    def whose(self) -> Member | Department:
        """The one chosen; of a valid form."""
        return self.cleaned_data["member"] or self.cleaned_data["department"]


class HandOverForm(DoorForm):
    """Who takes turns, and why."""

    one_of = ("among", "other")
    among = forms.MultipleChoiceField(
        label=_("In turn to"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        choices=(),
        help_text=_("At least one person: ticked here, or named below."),
    )
    other = ChoiceBox(label=_("And to"), required=False)
    reason = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, near: Sequence[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.near = {str(one.pk): one for one in near}
        self.fields["among"].choices = [
            (key, f"{one.name} · {one.department.name}") for key, one in self.near.items()
        ]
        active = Member.objects.filter(status=Member.Status.ACTIVE)
        self.fields["other"].offer(active.select_related("department"))

    def clean(self) -> dict[str, Any]:
        """At least one person."""
        data = super().clean() or {}
        if not self.errors and not data.get("among") and not data.get("other"):
            self.add_error("among", forms.ValidationError(_("Choose at least one person."), "required"))
        return data

    @property
    def people(self) -> list[Member]:
        """Everybody chosen, each once; of a valid form."""
        chosen = [self.near[key] for key in self.cleaned_data["among"]]
        other = self.cleaned_data.get("other")
        return list(dict.fromkeys([*chosen, *([other] if other else [])]))
