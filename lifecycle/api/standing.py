from typing import Any

from rest_framework import serializers

from crm.accounts.access import Viewer
from crm.accounts.rights import Right
from crm.web.api import Derived, Listed, Shape, Shown
from lifecycle.filters import RiskFilters, StageFilters
from lifecycle.models import RiskPolicy, RiskScore, StageMove
from lifecycle.views.told import OF_RISK


class PolicyShape(Shape):
    class Meta:
        model = RiskPolicy
        fields = ["id", "code", "valid_from"]


class RiskShape(Shape):
    reasons = serializers.ListField(help_text="the signals that add most, largest first")
    signals = serializers.ListField(help_text="each signal: weight, points or null for no data, inputs")
    policy = PolicyShape()

    class Meta:
        model = RiskScore
        fields = [
            *("id", "customer", "score", "band", "band_before", "reasons", "signals"),
            *("policy", "on", "at"),
        ]


class Risks(Listed, Shown):
    """Churn scores, append-only: each time a customer's score changed, with everything that explains it."""

    model, shape, filters, area = RiskScore, RiskShape, RiskFilters, "lifecycle"
    rights = {"read": Right.RISK_VIEW}
    sorts = {"at": "at"}
    ordering = "-at"


def _facts(viewer: Viewer, inputs: dict[str, Any]) -> dict[str, Any]:
    seen = viewer.may(Right.RISK_VIEW)
    return {name: value for name, value in inputs.items() if seen or name not in OF_RISK}


class StageShape(Shape):
    inputs = Derived(_facts, "inputs", for_viewer=True, like=serializers.DictField())

    class Meta:
        model = StageMove
        fields = ["id", "customer", "from_stage", "to_stage", "reason", "inputs", "on", "at"]


class Stages(Listed, Shown):
    """Moves from stage to stage, append-only, each with its reason and the facts it was judged by."""

    model, shape, filters, area = StageMove, StageShape, StageFilters, "lifecycle"
    rights = {"read": Right.CUSTOMER_VIEW}
    sorts = {"at": "at"}
    ordering = "-at"
