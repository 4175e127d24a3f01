from typing import Any

from rest_framework import serializers

from crm.accounts.roles import Right
from crm.web.api import Embed, Listed, Shape, Shown
from tiers.filters import GradeFilters, TierPolicyFilters
from tiers.models import Grade, TierBand, TierPolicy


class BandShape(Shape):
    class Meta:
        model = TierBand
        fields = ["id", "tier", "name", "lower", "upper", "rank"]


class TierPolicyShape(Shape):
    class Meta:
        model = TierPolicy
        fields = [
            *("id", "code", "valid_from", "valid_to", "class_basis", "gross_up_short", "class_scope"),
            *("downgrade_grace_days", "currency", "version", "updated_at"),
        ]
        embeds = {"bands": Embed(BandShape, by="policy", order="-rank")}


class TierPolicies(Listed, Shown):
    """Dated versions of the rules of grading; `expand=bands` adds the bounds of the tiers."""

    model, shape, filters, area = TierPolicy, TierPolicyShape, TierPolicyFilters, "customers"
    rights = {"read": Right.CUSTOMER_VIEW}
    sorts = {"valid_from": "valid_from", "code": "code"}
    ordering = "-valid_from"


class RuleShape(Shape):
    class Meta:
        model = TierPolicy
        fields = ["id", "code", "valid_from"]


class GradeShape(Shape):
    policy = RuleShape()
    inputs: Any = serializers.DictField(help_text="contracts that counted, with amounts; a decision in force")

    class Meta:
        model = Grade
        fields = [
            *("id", "customer", "tier", "previous", "computed_tier", "annual_amount"),
            *(
                "contracts_in_force",
                "first_ends_on",
                "below_since",
                "trigger",
                "policy",
                "inputs",
                "on",
                "at",
            ),
        ]
        secrets = dict.fromkeys(["annual_amount", "inputs"], Right.SEE_AMOUNT)


class Grades(Listed, Shown):
    """Judgements of tiers, append-only, each with its reason, the version of the rules and the inputs."""

    model, shape, filters, area = Grade, GradeShape, GradeFilters, "customers"
    rights = {"read": Right.CUSTOMER_VIEW}
    sorts = {"at": "at"}
    ordering = "-at"
