"""Missed follow-ups as far as they were told, and the rules of the ladder."""

from datetime import date
from typing import Any

from rest_framework import serializers

from crm.accounts.rights import Right
from crm.web.api import Created, Derived, Input, Listed, Shape, Shown
from lifecycle import neglectrules
from lifecycle.filters import NeglectFilters, NeglectPolicyFilters
from lifecycle.models import Neglect, NeglectPolicy


def _rung(head_told_on: date | None, flagged_on: date | None) -> str:
    return Neglect(tenant_id=0, head_told_on=head_told_on, flagged_on=flagged_on).rung.value


class NeglectShape(Shape):
    rung = Derived(_rung, "head_told_on", "flagged_on", like=serializers.ChoiceField(Neglect.Rung.choices))

    class Meta:
        model = Neglect
        fields = ["id", "customer", "owner", "head", "missed_on", "rung", "owner_told_on", "head_told_on"]
        fields += ["flagged_on", "version", "created_at", "updated_at"]


class Neglects(Listed, Shown):
    """Customers whose owner missed a follow-up and has not made it good, and who was told of it."""

    model, shape, filters, area = Neglect, NeglectShape, NeglectFilters, "lifecycle"
    rights = {"read": Right.CUSTOMER_VIEW}
    sorts = {"missed_on": "missed_on"}
    ordering = "missed_on"


class NeglectPolicyShape(Shape):
    class Meta:
        model = NeglectPolicy
        fields = ["id", "valid_from", "valid_to", "owner_days", "head_days", "flag_days", "in_workdays"]
        fields += ["reassigns", "version", "created_at", "updated_at"]


class NeglectPolicyInput(Input):
    """Days after a missed follow-up: first its owner is told, then his head, then it is marked."""

    valid_from = serializers.DateField()
    owner_days = serializers.IntegerField()
    head_days = serializers.IntegerField()
    flag_days = serializers.IntegerField()
    in_workdays = serializers.BooleanField(required=False)
    reassigns = serializers.BooleanField(required=False)


class NeglectPolicies(Listed, Shown, Created):
    """The versions of the rules, each over [valid_from, valid_to); before the first 3, 5 and 7 days."""

    model, shape, filters, area = NeglectPolicy, NeglectPolicyShape, NeglectPolicyFilters, "lifecycle"
    rights = {"read": Right.CUSTOMER_VIEW, "write": Right.POLICY_EDIT}
    bodies = {"create": NeglectPolicyInput}
    sorts = {"valid_from": "valid_from"}
    ordering = "-valid_from"

    def make(self, data: dict[str, Any]) -> NeglectPolicy:
        return neglectrules.lay_down(**data, **self.act)
