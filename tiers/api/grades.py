from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.accounts.rights import Right
from crm.refusal import Fault, Refused
from crm.web.api import Input, Listed, Money, Shape, Shown
from tiers import movement
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


class MovementInput(Input):
    since = serializers.DateField(help_text="the tiers at the end of this day")
    until = serializers.DateField(help_text="and of this one, which has come")


class FlowAnswer(serializers.Serializer):
    before = serializers.CharField(help_text="a tier, or OUTSIDE: no contract in force")
    after = serializers.CharField()
    customers = serializers.IntegerField()
    amount_before = Money(help_text="only for who sees amounts")
    amount_after = Money(help_text="only for who sees amounts")


class PopulationAnswer(serializers.Serializer):
    day = serializers.DateField()
    tier = serializers.CharField()
    customers = serializers.IntegerField()
    annual_amount = Money(help_text="only for who sees amounts")


class MovementAnswer(serializers.Serializer):
    flows = FlowAnswer(many=True)
    population = PopulationAnswer(many=True, help_text="on both days")


class Grades(Listed, Shown):
    """Judgements of tiers, append-only, each with its reason, the version of the rules and the inputs.

    `movement/` compares two days: who went from which tier to which.
    """

    bodies = {"movement": MovementInput}
    answers = {"movement": MovementAnswer}
    model, shape, filters, area = Grade, GradeShape, GradeFilters, "customers"
    rights = {"read": Right.CUSTOMER_VIEW, "movement": Right.CUSTOMER_VIEW}
    sorts = {"at": "at"}
    ordering = "-at"

    @action(detail=False, methods=["post"])
    def movement(self, request: Request) -> Response:
        """Who moved between the tiers, among the customers within reach today? Writes nothing."""
        days = self.body()
        since, until = days["since"], days["until"]
        if until > self.today:
            raise Refused(Fault("until", "in_future", _("This day is still to come.")))
        if since >= until:
            raise Refused(Fault("since", "not_before", _("The first day lies before the second.")))
        sees = self.viewer.may(Right.SEE_AMOUNT)
        flows = [_flow(each, sees) for each in movement.flows(self.viewer, **days)]
        people = [_people(each, sees) for each in movement.population(self.viewer, [since, until])]
        return Response({"flows": flows, "population": people})


def _flow(found: movement.Flow, sees: bool) -> dict[str, Any]:
    told = found._asdict()
    return told if sees else {key: told[key] for key in ("before", "after", "customers")}


def _people(found: movement.Population, sees: bool) -> dict[str, Any]:
    told = {"day": found.day, "tier": found.tier, "customers": found.customers}
    return told | ({"annual_amount": found.amount} if sees else {})
