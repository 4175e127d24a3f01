"""Customer value: the judgements with their inputs, and the versions of their rules."""

from typing import Any

from django.db.models import Model
from rest_framework import serializers

from crm.accounts.rights import Right
from crm.versions import CODE_LENGTH
from crm.web.api import Created, Input, Listed, Money, Shape, Shown
from crm.web.keyset import Sort
from tiers import rfmrules
from tiers.filters import RfmPolicyFilters, RfmScoreFilters
from tiers.models import RfmPolicy, RfmScore
from tiers.rfmrules import LETTERS, RfmRules


class RfmRuleShape(Shape):
    class Meta:
        model = RfmPolicy
        fields = ["id", "code", "valid_from"]


class RfmScoreShape(Shape):
    policy = RfmRuleShape()
    inputs: Any = serializers.DictField(help_text="customers judged, by_fifths, ranks and means of R, F, M")

    class Meta:
        model = RfmScore
        fields = [
            *("id", "customer", "last_on", "contracts", "cash", "r", "f", "m", "value", "segment"),
            *("segment_before", "inputs", "policy", "on", "at"),
        ]
        secrets = {"cash": Right.SEE_AMOUNT}


class RfmScores(Listed, Shown):
    """Judgements of customer value, append-only: each time an input, a score or the version differed."""

    model, shape, filters, area = RfmScore, RfmScoreShape, RfmScoreFilters, "customers"
    rights = {"read": Right.CUSTOMER_VIEW}
    sorts = {"at": "at", "value": Sort("value", nullable=True)}
    ordering = "-at"


class RfmPolicyShape(Shape):
    cuts: Any = serializers.DictField(help_text="four rising bounds for each of r (days), f, m (amounts)")

    class Meta:
        model = RfmPolicy
        fields = [
            *("id", "code", "valid_from", "valid_to", "weight_r", "weight_f", "weight_m", "fewest", "cuts"),
            *("version", "updated_at"),
        ]


def _bounds() -> serializers.ListField:
    return serializers.ListField(child=Money(), min_length=4, max_length=4)


class CutsInput(Input):
    """Four rising bounds for each letter, for when there are too few customers for fifths."""

    r, f, m = _bounds(), _bounds(), _bounds()


class RfmPolicyInput(Input):
    """A version from a day on; the weights make 1.00 together."""

    code = serializers.CharField(max_length=CODE_LENGTH)
    valid_from = serializers.DateField(help_text="tomorrow at the earliest")
    weight_r, weight_f, weight_m = (serializers.DecimalField(max_digits=3, decimal_places=2) for _ in LETTERS)
    fewest = serializers.IntegerField(required=False, help_text="customers from which fifths are taken")
    cuts = CutsInput(required=False)


class RfmPolicies(Listed, Shown, Created):
    """Dated versions of the rules of customer value: weights, and the cuts for few customers."""

    model, shape, filters, area = RfmPolicy, RfmPolicyShape, RfmPolicyFilters, "customers"
    rights = {"read": Right.CUSTOMER_VIEW, "write": Right.POLICY_EDIT}
    bodies = {"create": RfmPolicyInput}
    sorts = {"valid_from": "valid_from", "code": "code"}
    ordering = "-valid_from"

    def make(self, data: dict[str, Any]) -> Model:
        code, valid_from = data.pop("code"), data.pop("valid_from")
        given: dict[str, Any] = {"fewest": rfmrules.DEFAULT.fewest, "cuts": rfmrules.DEFAULT.cuts} | data
        return rfmrules.lay_down(RfmRules(**given), code=code, valid_from=valid_from, **self.act)
