"""The form of a new version of the decision table, row by row, and of the history it is tried against."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.periods import add_months
from crm.refusal import Refused
from crm.versions import CODE_LENGTH
from customers.assignment.asked import REGISTERED, SIGNED, History
from customers.assignment.policies import MOST_ROWS, NAME_LENGTH, Proposal
from customers.assignment.table import FACTS, WHOLE, Rule
from customers.assignment.words import when, who
from customers.forms.boxes import AmountBox, DayBox, DoorForm, PercentBox
from customers.models import AssignmentPolicy, AssignmentRule
from customers.models.assignment import Outcome, Sharer

SPARE = 1
TRIED_MONTHS = 12
YES = {"1": True, "0": False, "": None}
ANSWERS = (("", pgettext_lazy("condition", "any")), ("1", _("yes")), ("0", _("no")))
BASES = (
    (REGISTERED, _("customers registered, by the amount expected")),
    (SIGNED, _("contracts signed, by the amount of their first year")),
)


class TableForm(DoorForm):
    """A version as it is typed. A row without a code is left out; the order is that of its numbers."""

    code = forms.CharField(label=_("Name of the version"), max_length=CODE_LENGTH)
    valid_from = DayBox(label=_("Holds from"), help_text=_("Tomorrow at the earliest."))
    basis = forms.ChoiceField(label=_("Tried against"), choices=BASES)
    since = DayBox(label=pgettext_lazy("period", "From"))
    until = DayBox(label=pgettext_lazy("period", "To"), help_text=_("The last day that is looked at."))
    rows = forms.Field(required=False, label=_("Rows"), widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, on: date, like: AssignmentPolicy, **kwargs: Any) -> None:
        """`like` is the version whose rows stand in the form at first, with them fetched."""
        super().__init__(data, on=on, initial=_initial(like, on), **kwargs)
        self.count = self._count(like)
        for number in range(self.count):
            self.fields |= {f"{part}_{number}": field for part, field in _row_fields()}

    def _count(self, like: AssignmentPolicy) -> int:
        typed = sum(f"row_{number}" in self.data for number in range(MOST_ROWS)) if self.is_bound else 0
        return min(MOST_ROWS, max(typed, len(like.table) + SPARE))

    @property
    def lines(self) -> Iterator[dict[str, Any]]:
        """The boxes of each row, with what it says so far."""
        typed = dict(self.typed) if hasattr(self, "typed") else {}
        initial = {f"{n}": rule for n, rule in enumerate(self.initial["table"])}
        for number in range(self.count):
            rule = typed.get(number) if self.is_bound else initial.get(str(number))
            boxes = {part: self[f"{part}_{number}"] for part, _field in _row_fields()}
            wrong = [error for box in boxes.values() for error in box.errors]
            yield {
                "number": number,
                "boxes": boxes,
                "facts": [boxes[fact] for fact in FACTS],
                "code": rule.code if rule else "",
                "when": when(rule) if rule else "",
                "who": who(rule) if rule else "",
                "open": bool(wrong),
            }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        found = [(number, self._rule(number, data)) for number in range(self.count)]
        self.typed = [(number, rule) for number, rule in found if rule is not None]
        orders = {number: data.get(f"order_{number}") for number, _rule in self.typed}
        self.typed.sort(key=lambda each: (orders[each[0]] is None, orders[each[0]] or 0, each[0]))
        if not self.typed and not self.errors:
            self.add_error("rows", ValidationError(_("Give at least one row."), "required"))
        return data

    def _rule(self, number: int, data: Mapping[str, Any]) -> Rule | None:
        """The row of a number; None for an empty or a wrong one."""
        code = data.get(f"row_{number}")
        if not code or any(f"{part}_{number}" in self.errors for part, _field in _row_fields()):
            return None
        facts = {fact: YES[data[f"{fact}_{number}"]] for fact in FACTS}
        share = data.get(f"percent_{number}") or Decimal(0)
        return Rule(
            str(code).strip().upper(),
            data[f"outcome_{number}"],
            **facts,
            amount_from=data.get(f"amount_from_{number}"),
            amount_below=data.get(f"amount_below_{number}"),
            share_to=data[f"share_to_{number}"],
            basis_points=int(share * WHOLE),
            name=data.get(f"name_{number}") or "",
        )

    @property
    def proposal(self) -> Proposal:
        """What was typed, once the form was found valid."""
        table = [rule for _number, rule in self.typed]
        return Proposal(self.cleaned_data["code"], self.cleaned_data["valid_from"], table)

    @property
    def history(self) -> History:
        """What it is to be tried against."""
        until = self.cleaned_data["until"] + timedelta(days=1)
        return History(self.cleaned_data["since"], until, self.cleaned_data["basis"])

    @property
    def kept(self) -> Iterator[tuple[str, str]]:
        """Names and texts of everything typed, for a form that sends it on."""
        for name in self.fields:
            if self.data.get(name):
                yield name, self.data[name]

    def place(self, refused: Refused) -> Refused:
        """The refusal with rows named by their boxes: the third of the table may be the fifth typed."""
        numbers = [number for number, _rule in self.typed]
        faults = []
        for fault in refused.faults:
            place, dot, row = fault.field.partition(".")
            box = f"row_{numbers[int(row)]}" if place == "rows" and dot else fault.field
            faults.append(type(fault)(box, fault.code, fault.message, fault.about))
        return type(refused)(*faults)


def _row_fields() -> Iterator[tuple[str, forms.Field]]:
    yield "order", forms.IntegerField(label=_("Order"), required=False, min_value=1, max_value=999)
    yield "row", forms.CharField(label=_("Row"), max_length=20, required=False)
    for fact in FACTS:
        yield fact, forms.ChoiceField(label=_named(fact), choices=ANSWERS, required=False)
    yield "amount_from", AmountBox(label=_named("amount_from"), required=False)
    yield "amount_below", AmountBox(label=_named("amount_below"), required=False)
    yield "outcome", forms.ChoiceField(label=_("responsible department"), choices=Outcome, required=False)
    yield "share_to", forms.ChoiceField(label=_named("share_to"), choices=Sharer.choices, required=False)
    yield "percent", PercentBox(label=_named("basis_points"), required=False)
    yield "name", forms.CharField(label=_named("name"), max_length=NAME_LENGTH, required=False)


def _named(name: str) -> Any:
    return AssignmentRule._meta.get_field(name).verbose_name  # type: ignore[union-attr]


def _initial(like: AssignmentPolicy, on: date) -> dict[str, Any]:
    found: dict[str, Any] = {"since": add_months(on, -TRIED_MONTHS), "until": on, "table": like.table}
    texts = {answer: text for text, answer in YES.items()}
    for number, rule in enumerate(like.table):
        row: dict[str, Any] = {fact: texts[getattr(rule, fact)] for fact in FACTS}
        row |= {name: getattr(rule, name) for name in ("amount_from", "amount_below", "outcome", "share_to")}
        row |= {"order": number + 1, "row": rule.code, "name": rule.name}
        row["percent"] = Decimal(rule.basis_points) / WHOLE if rule.share_to else None
        found |= {f"{part}_{number}": value for part, value in row.items()}
    return found
