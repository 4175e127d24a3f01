"""The form of what a department may manage: a place a line, product lines of each kind."""

import re
from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Department
from customers.assignment.remits import Ability, Place, Remit
from customers.forms.boxes import AmountBox, ChoiceBox, DoorForm
from customers.models import Contract

KINDS = Contract.ProductKind
SEPARATORS = re.compile(r"[,;，；、\n\r]+")
NONE, ALL, SOME = "", "ALL", "SOME"
ABLE = ((NONE, _("no")), (ALL, _("yes, every line")), (SOME, _("only these lines")))

LINES_HELP = _("Of “only these lines”: the names of the lines, with commas between them.")


class RemitForm(DoorForm):
    """Region, ability and authority of one department."""

    territories = forms.CharField(
        label=_("Region"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("A province a line, or a province and one city of it, such as 浙江 宁波."),
    )
    able_STANDARD = forms.ChoiceField(label=_("Able: standard products"), choices=ABLE, required=False)
    lines_STANDARD = forms.CharField(
        label=_("Lines of standard products"), required=False, help_text=LINES_HELP
    )
    able_CUSTOM = forms.ChoiceField(label=_("Able: custom projects"), choices=ABLE, required=False)
    lines_CUSTOM = forms.CharField(label=_("Lines of custom projects"), required=False, help_text=LINES_HELP)
    authority_amount = AmountBox(
        label=_("May sign up to, a year"), required=False, help_text=_("Left empty, every amount.")
    )
    is_key_account = forms.BooleanField(label=_("Key-account department"), required=False)
    capabilities = forms.Field(required=False, label=_("Abilities"), widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, row: Department, **kwargs: Any) -> None:
        super().__init__(data, initial=_initial(row), **kwargs)

    @property
    def remit(self) -> Remit:
        """What was typed, once the form was found valid."""
        data = self.cleaned_data
        terms = {name: data[name] for name in ("authority_amount", "is_key_account")}
        return Remit(list(_places(data["territories"])), list(self._abilities()), terms)

    def _abilities(self) -> Iterator[Ability]:
        for kind in KINDS.values:
            how = self.cleaned_data[f"able_{kind}"]
            lines = filter(None, map(str.strip, SEPARATORS.split(self.cleaned_data[f"lines_{kind}"])))
            yield from (
                Ability(kind, line) for line in (lines if how == SOME else [""] if how == ALL else [])
            )


def _places(text: str) -> Iterator[Place]:
    for line in SEPARATORS.split(text):
        words = line.split(maxsplit=1)
        if words:
            yield Place(words[0], words[1].strip() if len(words) > 1 else "")


def _initial(row: Department) -> dict[str, Any]:
    found: dict[str, Any] = {"version": row.version, "is_key_account": row.is_key_account}
    found["authority_amount"] = row.authority_amount
    found["territories"] = "\n".join(str(Place(t.province, t.city)) for t in row.territories.all())
    for kind in KINDS.values:
        lines = [able.line for able in row.capabilities.all() if able.product_kind == kind]
        found[f"able_{kind}"] = ALL if "" in lines else SOME if lines else NONE
        found[f"lines_{kind}"] = "、".join(filter(None, lines))
    return found


class ArrangementForm(DoorForm):
    """The department that the company makes responsible, and why."""

    department = ChoiceBox(label=_("Department"))
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].offer(Department.objects.filter(is_active=True))
