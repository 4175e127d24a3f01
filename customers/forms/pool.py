from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.models import Department, Member
from crm.web.templatetags.marks import TIERS
from customers.forms.boxes import ChoiceBox, DayBox, DoorForm
from customers.models import CustomerPool, PoolPolicy
from customers.pools.rules import MOST_DAYS, NUMBERS


class ReasonForm(DoorForm):
    """Why a customer is given back, locked, or let go."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


class GrantForm(DoorForm):
    """A word to whom more days are granted."""

    answer = forms.CharField(label=_("Note"), max_length=200, required=False)


class RefusalForm(DoorForm):
    """Why more days are not granted."""

    answer = forms.CharField(label=_("Reason"), max_length=200)


class DealForm(DoorForm):
    """To whom customers of a pool are dealt in turn: one person, or up to three."""

    first = ChoiceBox(label=_("To"))
    second = ChoiceBox(label=_("And to"), required=False)
    third = ChoiceBox(label=_("And to"), required=False)
    reason = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("first", "second", "third"):
            self.fields[name].offer(Member.objects.filter(status=Member.Status.ACTIVE))

    @property
    def among(self) -> list[Member]:
        """The people chosen, each once."""
        chosen = [self.cleaned_data.get(name) for name in ("first", "second", "third")]
        return list(dict.fromkeys(one for one in chosen if one is not None))


class PoolForm(DoorForm):
    """A pool for the people of a department."""

    code = forms.CharField(label=pgettext_lazy("pool", "Code"), max_length=40)
    name = forms.CharField(label=pgettext_lazy("pool", "Name"), max_length=80)
    department = ChoiceBox(label=_("Claimed by the people of"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].offer(Department.objects.filter(is_active=True))


class RulesForm(DoorForm):
    """A version of a pool's rules: its numbers, and by how much the days of a tier are longer."""

    code = forms.CharField(label=_("Version"), max_length=40)
    valid_from = DayBox(label=_("In force from"))

    def __init__(self, *args: Any, last: PoolPolicy, **kwargs: Any) -> None:
        numbers = {name: getattr(last, name) for name in NUMBERS}
        stretch = {f"stretch_{tier}": last.stretch.get(tier, 1) for tier in TIERS}
        super().__init__(*args, initial=numbers | stretch, **kwargs)
        for name in NUMBERS:
            self.fields[name] = forms.IntegerField(label=label_of(name), min_value=1, max_value=MOST_DAYS)
        for tier, (_short, long) in TIERS.items():
            label = _("%(tier)s: days times") % {"tier": long}
            self.fields[f"stretch_{tier}"] = forms.IntegerField(label=label, min_value=1, max_value=10)

    @property
    def rules(self) -> dict[str, Any]:
        """The numbers as the verb takes them."""
        found = {name: self.cleaned_data[name] for name in NUMBERS}
        stretch = {tier: self.cleaned_data[f"stretch_{tier}"] for tier in TIERS}
        return found | {"stretch": {tier: times for tier, times in stretch.items() if times != 1}}


def label_of(name: str) -> str:
    """How a number of the rules is called."""
    return str(getattr(PoolPolicy._meta.get_field(name), "verbose_name", name))


def pools() -> "list[CustomerPool]":
    """All pools of the tenant, the company's own first."""
    return list(CustomerPool.objects.select_related("department").order_by("department__code", "code"))
