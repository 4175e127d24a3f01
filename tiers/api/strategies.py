"""Strategies: how customers of a tier, a stage and a segment are served."""

from typing import Any

from django.db.models import Model
from rest_framework import serializers

from crm.accounts.rights import Right, Role
from crm.web.api import Created, Deleted, Input, Listed, Reference, Shape, Shown
from crm.web.templatetags.marks import STAGES
from customers.models import Segment
from tiers import strategies
from tiers.filters import StrategyFilters
from tiers.models import Strategy
from tiers.strategies import LONGEST


class StrategyShape(Shape):
    class Meta:
        model = Strategy
        fields = [
            *("id", "tier", "stage", "segment", "service_level", "rhythm_days", "visitor", "benefits"),
            *("valid_from", "valid_to", "version"),
        ]


class StrategyInput(Input):
    """Left out, tier, stage and segment mean any; without a visitor the responsible person visits."""

    tier = serializers.CharField(max_length=20, required=False, allow_blank=True)
    stage = serializers.ChoiceField([*STAGES], required=False, allow_blank=True)
    segment = Reference(queryset=Segment.objects, required=False, allow_null=True)
    service_level = serializers.CharField(max_length=60)
    rhythm_days = serializers.IntegerField(min_value=1, max_value=LONGEST)
    visitor = serializers.ChoiceField(Role.choices, required=False, allow_blank=True)
    benefits = serializers.CharField(max_length=500, required=False, allow_blank=True)


class Strategies(Listed, Shown, Created, Deleted):
    """How customers are served; of those that fit one the most specific holds.

    A new one takes the place of the one for the same tier, stage and segment; deleting one lets it end.
    """

    model, shape, filters, area = Strategy, StrategyShape, StrategyFilters, "customers"
    rights = {"read": Right.CUSTOMER_VIEW, "write": Right.POLICY_EDIT}
    bodies = {"create": StrategyInput}
    sorts = {"valid_from": "valid_from", "rhythm_days": "rhythm_days"}
    ordering = "-valid_from"

    def make(self, data: dict[str, Any]) -> Model:
        return strategies.lay_down(**data, **self.act)

    def remove(self, row: Strategy) -> None:
        strategies.end(row, **self.act)
