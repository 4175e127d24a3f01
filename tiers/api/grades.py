from typing import Any

from rest_framework import serializers

from crm.accounts.roles import Right
from crm.web.api import Listed, Shape, Shown
from tiers.filters import GradeFilters
from tiers.models import Grade, TierPolicy


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
