"""催收 by the API: how far accounts have come, and the steps."""

from typing import Any

from rest_framework import serializers

from crm.accounts.rights import Right
from crm.web.api import Created, Input, Listed, Shape, Shown
from customers.filters.receivables import DunningFilters, DunningPolicyFilters
from customers.models import Dunning, DunningPolicy
from customers.receivables import dunning


class DunningShape(Shape):
    class Meta:
        model = Dunning
        fields = ["id", "customer", "contract", "step", "since", "reached_on"]
        fields += ["version", "created_at", "updated_at"]


class Dunnings(Listed, Shown):
    """Overdue accounts at their step: 1 to 3 reminders, 4 sales and finance together, 5 legal letter."""

    model, shape, filters, area = Dunning, DunningShape, DunningFilters, "receivables"
    rights = {"read": Right.RECEIVABLE_VIEW}
    sorts = {"since": "since"}
    ordering = "since"


class DunningPolicyShape(Shape):
    class Meta:
        model = DunningPolicy
        fields = ["id", "valid_from", "valid_to", *dunning.STEPS, "version", "created_at", "updated_at"]


class DunningPolicyInput(Input):
    """Days after the due date and the days of credit; each later than the one before."""

    valid_from = serializers.DateField()
    first_days = serializers.IntegerField(min_value=1)
    second_days = serializers.IntegerField(min_value=1)
    third_days = serializers.IntegerField(min_value=1)
    joint_days = serializers.IntegerField(min_value=1)
    legal_days = serializers.IntegerField(min_value=1)


class DunningPolicies(Listed, Shown, Created):
    """The versions of the steps over [valid_from, valid_to); before the first 1, 15, 30, 31, 91 days."""

    model, shape, filters, area = DunningPolicy, DunningPolicyShape, DunningPolicyFilters, "receivables"
    rights = {"read": Right.CUSTOMER_VIEW, "write": Right.POLICY_EDIT}
    bodies = {"create": DunningPolicyInput}
    sorts = {"valid_from": "valid_from"}
    ordering = "-valid_from"

    def make(self, data: dict[str, Any]) -> DunningPolicy:
        return dunning.lay_down(**data, **self.act)
