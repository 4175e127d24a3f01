"""Who manages whom: the versions of the decision table, tried before they hold, activated, taken back."""

from typing import Any

from django.db.models import Model
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.accounts.rights import Right
from crm.versions import CODE_LENGTH
from crm.web.api import Created, Deleted, Embed, Input, Listed, Money, Shape, Shown
from crm.web.api.resource import LIMIT, MOST
from customers.assignment import policies
from customers.assignment.asked import REGISTERED, SIGNED, History
from customers.assignment.policies import NAME_LENGTH, Proposal
from customers.assignment.table import COLUMNS, FACTS, OUTCOMES, SHARERS, WHOLE, Rule
from customers.assignment.tryout import Flow, Move, Page, Tryout, tryout
from customers.filters.assignment import AssignmentPolicyFilters
from customers.models import AssignmentPolicy, AssignmentRule


class AssignmentRuleShape(Shape):
    class Meta:
        model = AssignmentRule
        fields = ["id", "position", *COLUMNS]


class AssignmentPolicyShape(Shape):
    class Meta:
        model = AssignmentPolicy
        fields = ["id", "code", "valid_from", "valid_to", "version", "updated_at"]
        embeds = {"rules": Embed(AssignmentRuleShape, by="policy", order="position")}


class RuleInput(Input):
    """A row: a condition left out is any. It wins when all it asks is so and no row above has won."""

    code = serializers.CharField(max_length=20, help_text="ASSIGN- and two digits")
    outcome = serializers.ChoiceField(OUTCOMES)
    for _name in FACTS:
        locals()[_name] = serializers.BooleanField(required=False, allow_null=True)
    del _name
    amount_from = Money(required=False, allow_null=True, min_value=0)
    amount_below = Money(required=False, allow_null=True, min_value=0)
    share_to = serializers.ChoiceField(SHARERS, required=False, allow_blank=True)
    basis_points = serializers.IntegerField(required=False, min_value=0, max_value=WHOLE)
    name = serializers.CharField(required=False, allow_blank=True, max_length=NAME_LENGTH)


class AssignmentPolicyInput(Input):
    """A version from a day on; its rows in the order in which they are asked."""

    code = serializers.CharField(max_length=CODE_LENGTH)
    valid_from = serializers.DateField(help_text="tomorrow at the earliest")
    rows = RuleInput(many=True)


class TryoutInput(AssignmentPolicyInput):
    """A version that is thought of, the history it is tried against, and which of the moves are wanted."""

    since = serializers.DateField()
    until = serializers.DateField(help_text="the day after the last")
    basis = serializers.ChoiceField((REGISTERED, SIGNED), required=False)
    before = serializers.CharField(
        required=False, allow_blank=True, help_text="code of a department, empty for the pool"
    )
    after = serializers.CharField(required=False, allow_blank=True)
    page = serializers.IntegerField(required=False, min_value=1, max_value=1_000_000)
    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=MOST, help_text=f"rows of a page, {LIMIT} if left out"
    )


class TriedFlow(Input):
    before = serializers.CharField(allow_blank=True, help_text="code of a department, empty for the pool")
    after = serializers.CharField(allow_blank=True)
    customers = serializers.IntegerField()
    anyway = serializers.IntegerField(help_text="how many of them by the table in force too")
    annual_amount = Money(required=False, help_text="only for who may see amounts")


class TriedMove(Input):
    customer = serializers.UUIDField()
    name = serializers.CharField()
    contract = serializers.CharField(allow_blank=True)
    day = serializers.DateField()
    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField(allow_blank=True)
    rule = serializers.CharField()
    anyway = serializers.BooleanField()
    annual_amount = Money(required=False, help_text="only for who may see amounts")


class TryoutAnswer(Input):
    """What the table would have changed among the customers within reach."""

    asked = serializers.IntegerField(help_text="customers or contracts of the period")
    moved = serializers.IntegerField()
    anyway = serializers.IntegerField()
    wins = serializers.DictField(child=serializers.IntegerField(), help_text="how many each row decides")
    flows = TriedFlow(many=True)
    moves = TriedMove(many=True)
    listed = serializers.IntegerField(help_text="how many moves the page is a part of")


class AssignmentPolicies(Listed, Shown, Created, Deleted):
    """Dated versions of the decision table 谁开发，谁管理; `expand=rules` adds its rows.

    A new one holds from a day to come; until then it can be deleted. `preview/` tries it against history.
    """

    model, shape, filters = AssignmentPolicy, AssignmentPolicyShape, AssignmentPolicyFilters
    area = "customers"
    rights = {"read": Right.CUSTOMER_VIEW, "write": Right.ASSIGNMENT_EDIT}
    bodies = {"create": AssignmentPolicyInput, "preview": TryoutInput}
    answers = {"preview": TryoutAnswer}
    sorts = {"valid_from": "valid_from", "code": "code"}
    ordering = "-valid_from"

    def make(self, data: dict[str, Any]) -> Model:
        return policies.activate(_proposal(data), **self.act)

    def remove(self, row: AssignmentPolicy) -> None:
        policies.withdraw(row, **self.act)

    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> HttpResponse:
        """Who would have had another department by a version? Writes nothing."""
        data = self.body()
        history = History(data.pop("since"), data.pop("until"), data.pop("basis", REGISTERED))
        way = (data.pop("before", None), data.pop("after", None))
        page = Page(*way, data.pop("page", 1), data.pop("limit", LIMIT))
        found = tryout(_proposal(data), history, self.viewer, on=self.today, page=page)
        return Response(_answer(found, self.viewer.may(Right.SEE_AMOUNT)))


def _proposal(data: dict[str, Any]) -> Proposal:
    rows = [Rule(**row) for row in data["rows"]]
    return Proposal(data["code"], data["valid_from"], rows)


def _answer(found: Tryout, sees_amount: bool) -> dict[str, Any]:
    return {
        "asked": found.asked,
        "moved": found.moved,
        "anyway": found.anyway,
        "wins": found.wins,
        "flows": [_told(flow, sees_amount) for flow in found.flows],
        "moves": [_told(move, sees_amount) for move in found.moves],
        "listed": found.listed,
    }


def _told(row: Flow | Move, sees_amount: bool) -> dict[str, Any]:
    fields = row._asdict()
    amount = fields.pop("amount")
    return fields | ({"annual_amount": amount} if sees_amount else {})
