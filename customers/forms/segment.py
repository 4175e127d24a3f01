"""The form of a segment: its name, and the boxes of the list's filters with days that may move."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.access import Viewer
from customers.forms.boxes import DayBox, read_day
from customers.forms.filtering import FilterForm
from customers.segments import NOT_KEPT, SHARERS

OWN = ("name", "note", "is_shared", "rest")
SHIFT = re.compile(r"([+-])(\d{1,4})")
MOVING = re.compile(r"today([+-]\d{1,4})?")


class MovingDay(forms.CharField):
    """A day, or one that moves: `-60` is always 60 days before the day that is asked about."""

    def to_python(self, value: Any) -> str:
        text = str(value or "").strip().replace(" ", "")
        if not text or MOVING.fullmatch(text):
            return text
        if SHIFT.fullmatch(text):
            return f"today{text}"
        try:
            return read_day(text, self.on).isoformat()  # type: ignore[attr-defined]
        except (ValueError, OverflowError):
            raise ValidationError(DayBox.default_error_messages["invalid"], "invalid") from None

    def prepare_value(self, value: Any) -> Any:
        return str(value).removeprefix("today") or "+0" if value and MOVING.fullmatch(str(value)) else value


class SegmentForm(FilterForm):
    """Name, note, who may use it, and one box a filter; filters that have no box stay as they are."""

    name = forms.CharField(label=pgettext_lazy("segment", "Name"), max_length=60)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)
    is_shared = forms.BooleanField(label=_("For everybody in the company"), required=False)
    rest = forms.CharField(required=False, widget=forms.HiddenInput, max_length=2000)

    field_order = ("name", "note", "is_shared")

    def __init__(self, *args: Any, viewer: Viewer, words: QueryDict, on: Any, **kwargs: Any) -> None:
        """`words` are the filters that stand in the form at first."""
        own = {name: type(self).base_fields[name] for name in OWN}
        boxes, rest = _boxes(words, set(FilterForm.base_fields))
        initial = {**boxes, "rest": rest, **kwargs.pop("initial", {})}
        super().__init__(*args, viewer=viewer, on=on, initial=initial, **kwargs)
        self.fields = own | {
            name: _moving(field, on) for name, field in self.fields.items() if name not in NOT_KEPT | {*OWN}
        }
        if not any(map(viewer.may, SHARERS)):
            del self.fields["is_shared"]

    @property
    def filters(self) -> list[forms.BoundField]:
        """The boxes of the filters."""
        return [self[name] for name in self.fields if name not in OWN]

    @property
    def about(self) -> dict[str, Any]:
        """What the verb wants, of a valid form."""
        words = QueryDict(self.cleaned_data["rest"], mutable=True)
        for name, value in self.cleaned_data.items():
            if name not in OWN and value not in ("", None):
                words[name] = str(value)
        data = {name: self.cleaned_data[name] for name in ("name", "note")}
        return data | {"query": words.urlencode(), "is_shared": self.cleaned_data.get("is_shared", False)}


def _boxes(words: Mapping[str, Any], known: set[str]) -> tuple[dict[str, str], str]:
    """What fits into the boxes, and the other filters as words of an address."""
    given = words if isinstance(words, QueryDict) else QueryDict()
    boxes, rest = {}, QueryDict(mutable=True)
    for name in given:
        values = given.getlist(name)
        if name in known and len(values) == 1 and "," not in values[0]:
            boxes[name] = values[0]
        else:
            rest.setlist(name, values)
    return boxes, rest.urlencode()


def _moving(field: forms.Field, on: Any) -> forms.Field:
    if not isinstance(field, DayBox):
        return field
    moving = MovingDay(label=field.label, required=False, max_length=20)
    moving.help_text = _("A date, or days from today that move along: -60, +90.")
    moving.on = on  # type: ignore[attr-defined]
    return moving
