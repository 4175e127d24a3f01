"""Forms about a row that others change too: what the reader saw, what he typed, what stands now.

Every field travels with the value its reader saw. So a change is what differs from that, untouched
fields follow what others saved meanwhile, and only a field that both changed has to be chosen.
"""

from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.db.models import Model

from customers.forms.boxes import DoorForm

SEEN, KEEP = "seen_", "keep_"


@dataclass(frozen=True)
class Dispute:
    """A field that two people changed to different things."""

    name: str
    label: str
    yours: str
    theirs: str


def text(value: Any) -> str:
    """A value as the form carries it: a record by its id, line ends alike, an unknown value as nothing."""
    if value is None:
        return ""
    if isinstance(value, Model):
        return str(value.pk)
    return str(value).replace("\r\n", "\n").strip()


class ComparedForm(DoorForm):
    """Base of a form that changes `row`; its fields are named like the columns."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, row: Any, **kwargs: Any) -> None:
        self.row = row
        super().__init__(*args, **kwargs)

    @property
    def compared(self) -> list[str]:
        """The fields that a person changes."""
        return [name for name in self.fields if name != "version"]

    @property
    def seen(self) -> list[tuple[str, str]]:
        """Names and values of the hidden inputs that say what the reader saw."""
        if self.is_bound:
            return [(f"{SEEN}{name}", self.data.get(f"{SEEN}{name}", "")) for name in self.compared]
        return [(f"{SEEN}{name}", text(getattr(self.row, name))) for name in self.compared]

    @property
    def changes(self) -> dict[str, Any]:
        """What the person changed and does not give up; of a valid form."""
        return {
            name: self.cleaned_data[name]
            for name in self.compared
            if text(self.cleaned_data[name]) != self._saw(name) and self.data.get(f"{KEEP}{name}") != "theirs"
        }

    @property
    def disputes(self) -> list[Dispute]:
        """Changes of fields that somebody else has changed to something else since the reader saw them."""
        found = []
        for name, mine in self.changes.items():
            stands = getattr(self.row, name)
            if text(stands) not in (self._saw(name), text(mine)):
                label = str(self.fields[name].label)
                found.append(Dispute(name, label, self._shown(name, mine), self._shown(name, stands)))
        return found

    def caught_up(self) -> dict[str, Any]:
        """The posted data as if the form had been opened now: the changes on top of what stands."""
        data = cast(Any, self.data).copy()
        for name in self.compared:
            stands = getattr(self.row, name)
            data[f"{SEEN}{name}"] = text(stands)
            if name not in self.changes:
                data[name] = text(stands)
                data[f"{name}_text"] = text(stands) and str(stands)
        data["version"] = self.row.version
        return data

    def _saw(self, name: str) -> str:
        return text(self.data.get(f"{SEEN}{name}", ""))

    def _shown(self, name: str, value: Any) -> str:
        choices = dict(getattr(self.fields[name], "choices", ()))
        return str(choices.get(value, value if value is not None else "")) or "—"
