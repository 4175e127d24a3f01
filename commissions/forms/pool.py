"""The form that distributes a department's pool: a box for each of its people, 100 % in all."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from crm.accounts.models import Member
from customers.forms.boxes import DoorForm, PercentBox, refuse_unless_whole
from customers.splits import WHOLE, Share


class PoolForm(DoorForm):
    """Who gets how much of the pool; a box that stays empty gives nothing."""

    def __init__(self, *args: Any, people: Sequence[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {f"share_{person.pk.hex}": person for person in people}
        for name, person in self.people.items():
            label = f"{person.name} · {person.department.name}"
            self.fields[name] = PercentBox(label=label, required=False)
            self.fields[name].one_of = True

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            refuse_unless_whole(sum((share for share in data.values() if share), Decimal(0)))
        return data

    @property
    def shares(self) -> list[Share]:
        """The shares of a valid form."""
        found = ((self.people[name], share) for name, share in self.cleaned_data.items() if share)
        return [Share(person, int(share * WHOLE)) for person, share in found]
