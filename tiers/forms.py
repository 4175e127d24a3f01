"""The forms of tiers: new versions of the rules of grading and of customer value, a span, a strategy."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.rights import Role
from crm.versions import CODE_LENGTH
from crm.web.templatetags.marks import STAGES
from customers.forms.boxes import AmountBox, DayBox, DoorForm
from customers.models import Segment
from tiers.models import Basis, ReviewLine, Scope, Strategy, TierPolicy
from tiers.overrides import REASON_LENGTH
from tiers.policies import LONGEST_GRACE, MOST_BANDS, NAME_LENGTH, Band, Proposal
from tiers.rfmrules import LETTERS, RfmRules

SPARE = 2
ROW = ("tier", "name", "lower")


class RulesForm(DoorForm):
    """A version as it is typed: of a band only its start, since it reaches up to the start of the next."""

    code = forms.CharField(label=_("Name of the version"), max_length=CODE_LENGTH)
    valid_from = DayBox(
        label=_("Holds from"), help_text=_("Tomorrow at the earliest: the night of that day applies it.")
    )
    class_basis = forms.ChoiceField(label=_("Amount that counts"), choices=Basis)
    class_scope = forms.ChoiceField(label=_("Counted over"), choices=Scope)
    downgrade_grace_days = forms.IntegerField(
        label=_("Days below before a downgrade"), min_value=0, max_value=LONGEST_GRACE
    )
    gross_up_short = forms.BooleanField(label=_("Annualise terms below a year"), required=False)
    bands = forms.Field(required=False, label=_("Bands"), widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, on: date, like: TierPolicy, **kwargs: Any) -> None:
        """`like` is the version whose rules stand in the form at first, with its bands fetched."""
        super().__init__(data, on=on, initial=_initial(like), **kwargs)
        self.count = self._rows(like)
        for number in range(self.count):
            self.fields |= {f"{part}_{number}": field for part, field in _row_fields()}

    def _rows(self, like: TierPolicy) -> int:
        typed = sum(f"tier_{number}" in self.data for number in range(MOST_BANDS)) if self.is_bound else 0
        return min(MOST_BANDS, max(typed, len(like.bands.all()) + SPARE))

    @property
    def rows(self) -> list[list[forms.BoundField]]:
        """The boxes of the bands, row by row."""
        return [[self[f"{part}_{number}"] for part in ROW] for number in range(self.count)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        typed = [found for number in range(self.count) if (found := self._band(number, data))]
        if not typed and not self.errors:
            self.add_error("bands", ValidationError(_("Give at least one band."), "required"))
        typed.sort(key=lambda band: band.lower)
        uppers = [above.lower for _below, above in pairwise(typed)]
        self.bands_typed = (
            [band._replace(upper=upper) for band, upper in zip(typed, [*uppers, None], strict=True)]
            if typed
            else []
        )
        return data

    def _band(self, number: int, data: Mapping[str, Any]) -> Band | None:
        """The band of a row; None for an empty or a wrong one."""
        tier, name, lower = (data.get(f"{part}_{number}") for part in ROW)
        boxes = [f"{part}_{number}" for part in ROW]
        if any(box in self.errors for box in boxes) or not (tier or name or lower is not None):
            return None
        for box, value in zip(boxes, (tier, True, lower), strict=True):
            if value is None or value == "":
                self.add_error(box, ValidationError(_("This field is required."), "required"))
        return (
            Band(str(tier).strip().upper(), lower, None, name or "") if tier and lower is not None else None
        )

    @property
    def proposal(self) -> Proposal:
        """What was typed, once the form was found valid."""
        names = ("code", "valid_from", "class_basis", "class_scope", "gross_up_short", "downgrade_grace_days")
        return Proposal(**{name: self.cleaned_data[name] for name in names}, bands=self.bands_typed)

    @property
    def kept(self) -> Iterator[tuple[str, str]]:
        """Names and texts of everything typed, for a form that sends it on."""
        for name in self.fields:
            if self.data.get(name):
                yield name, self.data[name]


class DecisionForm(DoorForm):
    """A tier for one customer by decision, until the day before `until`."""

    tier = forms.ChoiceField(label=_("Tier"))
    until = DayBox(
        label=_("Until, this day excluded"), help_text=_("The night of that day grades by amount again.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=REASON_LENGTH)

    def __init__(self, *args: Any, policy: TierPolicy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tier"].choices = [(band.tier, str(band)) for band in policy.bands.all()]


class ReviewForm(DoorForm):
    """A cycle of evaluation: its name, until when it is judged, and until when its results hold."""

    code = forms.CharField(label=_("Name of the cycle"), max_length=40)
    due_on = DayBox(label=_("To be judged by"))
    holds_until = DayBox(label=_("Results hold until, this day excluded"))


class SignatureForm(DoorForm):
    """Whether customers that nobody confirmed keep their tier."""

    leave_open = forms.BooleanField(label=_("Customers not confirmed keep their tier"), required=False)


class VerdictForm(DoorForm):
    """What the owner proposes for a customer, and what he will do about it."""

    verdict = forms.ChoiceField(
        label=_("Verdict"), choices=ReviewLine.Verdict.choices, widget=forms.RadioSelect
    )
    tier = forms.ChoiceField(label=_("Tier, if it changes"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=REASON_LENGTH, required=False)
    next_step = forms.CharField(label=_("Next step"), max_length=REASON_LENGTH, required=False)
    next_on = DayBox(label=_("By"), required=False)

    def __init__(self, *args: Any, policy: TierPolicy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tier"].choices = [("", "—"), *((band.tier, str(band)) for band in policy.bands.all())]


class ConfirmationForm(DoorForm):
    """Whether the head agrees; who does not says why."""

    agrees = forms.TypedChoiceField(
        label=_("Answer"),
        choices=[("yes", _("I agree")), ("no", _("I do not agree"))],
        coerce=lambda word: word == "yes",
    )
    answer = forms.CharField(label=_("Reason"), max_length=REASON_LENGTH, required=False)


class RefusalForm(DoorForm):
    """Why a proposal is refused; who takes back his own need not say."""

    note = forms.CharField(label=_("Reason"), max_length=REASON_LENGTH, required=False)


def _row_fields() -> Iterator[tuple[str, forms.Field]]:
    yield "tier", forms.CharField(label=_("Code of the tier"), max_length=20, required=False)
    yield "name", forms.CharField(label=_("Own name"), max_length=NAME_LENGTH, required=False)
    yield "lower", AmountBox(label=pgettext_lazy("band", "from"), required=False)


def _initial(like: TierPolicy) -> dict[str, Any]:
    names = ("class_basis", "class_scope", "gross_up_short", "downgrade_grace_days")
    found = {name: getattr(like, name) for name in names}
    for number, band in enumerate(like.bands.all()):
        row = {"tier": band.tier, "name": band.name, "lower": band.lower}
        found |= {f"{part}_{number}": value for part, value in row.items()}
    return found


class ValueRulesForm(DoorForm):
    """A version of the rules of customer value: three weights, the fewest for fifths, four cuts a letter."""

    code = forms.CharField(label=_("Name of the version"), max_length=CODE_LENGTH)
    valid_from = DayBox(
        label=_("Holds from"), help_text=_("Tomorrow at the earliest: the night of that day applies it.")
    )
    weight_r = forms.DecimalField(label=_("Weight of R, recency"), max_digits=3, decimal_places=2)
    weight_f = forms.DecimalField(label=_("Weight of F, frequency"), max_digits=3, decimal_places=2)
    weight_m = forms.DecimalField(label=_("Weight of M, money"), max_digits=3, decimal_places=2)
    fewest = forms.IntegerField(
        label=_("Fifths from this many customers"), help_text=_("With fewer, the fixed cuts give the scores.")
    )
    cuts_r = forms.CharField(
        label=_("Cuts of R, in days"), help_text=_("Four, rising: from each on the score is one lower.")
    )
    cuts_f = forms.CharField(
        label=_("Cuts of F, in contracts"), help_text=_("Four, rising: from each on the score is one higher.")
    )
    cuts_m = forms.CharField(
        label=_("Cuts of M, in amounts"), help_text=_("Four, rising: from each on the score is one higher.")
    )

    def __init__(self, data: Any = None, *, on: date, like: RfmRules, **kwargs: Any) -> None:
        """`like` are the rules that stand in the form at first."""
        found = {name: getattr(like, name) for name in ("weight_r", "weight_f", "weight_m", "fewest")}
        cuts = {f"cuts_{letter}": _plain(like.cuts[letter]) for letter in LETTERS}
        super().__init__(data, on=on, initial=found | cuts, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for letter in LETTERS:
            name = f"cuts_{letter}"
            if name not in self.errors:
                try:
                    data[name] = tuple(Decimal(part) for part in _PARTS.split(data[name].strip()))
                except InvalidOperation:
                    words = _("Write four numbers with spaces between them, such as 31 91 181 366.")
                    self.add_error(name, ValidationError(words, "invalid"))
        return data

    @property
    def rules(self) -> RfmRules:
        """What was typed, once the form was found valid."""
        found = {name: self.cleaned_data[name] for name in ("weight_r", "weight_f", "weight_m", "fewest")}
        return RfmRules(**found, cuts={letter: self.cleaned_data[f"cuts_{letter}"] for letter in LETTERS})


_PARTS = re.compile(r"[\s;、]+")


def _plain(cuts: Sequence[Decimal]) -> str:
    return " ".join(f"{bound.normalize():f}" for bound in cuts)


class SpanForm(DoorForm):
    """Two days, of which the later one has come."""

    since = DayBox(label=pgettext_lazy("span", "From"))
    until = DayBox(label=pgettext_lazy("span", "To"))

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, on=on, **kwargs)
        self.on = on

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        since, until = found.get("since"), found.get("until")
        if until and until > self.on:
            self.add_error("until", ValidationError(_("This day is still to come."), "in_future"))
        elif since and until and since >= until:
            self.add_error("since", ValidationError(_("The first day lies before the second."), "not_before"))
        return found


class StrategyForm(DoorForm):
    """How customers of a tier, a stage and a segment are served; left open, each means any."""

    tier = forms.ChoiceField(label=_("Tier"), required=False)
    stage = forms.ChoiceField(label=_("Stage"), required=False)
    segment: Any = forms.ModelChoiceField(
        label=_("Segment"), required=False, queryset=None, empty_label=pgettext_lazy("strategy", "any")
    )
    service_level = forms.CharField(label=_("Service level"), max_length=60)
    rhythm_days = forms.IntegerField(label=_("Days between contacts"), min_value=1, max_value=3650)
    visitor = forms.ChoiceField(label=_("Who visits"), required=False)
    benefits = forms.CharField(
        label=_("Benefits"), required=False, max_length=500, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, *args: Any, tiers: Sequence[tuple[str, str]], like: Strategy | None, **kwargs: Any):
        """`like` is the strategy that is changed: what it speaks of stays."""
        names = ("service_level", "rhythm_days", "visitor", "benefits")
        initial = {name: getattr(like, name) for name in names} if like else kwargs.pop("initial", {})
        super().__init__(*args, initial=initial, **kwargs)
        every = ("", pgettext_lazy("strategy", "any"))
        self.fields["tier"].choices = [every, *tiers]
        self.fields["stage"].choices = [every, *STAGES.items()]
        self.fields["segment"].queryset = Segment.objects.filter(is_shared=True)
        self.fields["visitor"].choices = [("", _("the responsible person")), *Role.choices]
        if like is not None:
            for name in ("tier", "stage", "segment"):
                del self.fields[name]
