"""The rules of grading: read, tried before they hold, activated, taken back."""

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
from tiers import policies
from tiers.filters import TierPolicyFilters
from tiers.models import Basis, Scope, TierBand, TierPolicy
from tiers.policies import LONGEST_GRACE, NAME_LENGTH, Band, Proposal
from tiers.preview import Flow, Move, Page, Preview, preview


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


class BandInput(Input):
    """A tier and its amounts [lower, upper); the highest has no `upper`."""

    tier = serializers.CharField(max_length=20)
    name = serializers.CharField(max_length=NAME_LENGTH, required=False, allow_blank=True)
    lower = Money(min_value=0)
    upper = Money(min_value=0, required=False, allow_null=True)


class TierPolicyInput(Input):
    """A version from a day on. Its bands tile [0, ∞) without hole or overlap."""

    code = serializers.CharField(max_length=CODE_LENGTH)
    valid_from = serializers.DateField(help_text="tomorrow at the earliest")
    bands = BandInput(many=True)
    class_basis = serializers.ChoiceField(Basis.choices, required=False)
    class_scope = serializers.ChoiceField(Scope.choices, required=False)
    gross_up_short = serializers.BooleanField(required=False)
    downgrade_grace_days = serializers.IntegerField(required=False, min_value=0, max_value=LONGEST_GRACE)


class PreviewInput(TierPolicyInput):
    """A version that is thought of, and which of the customers that move are wanted."""

    before = serializers.CharField(required=False, max_length=20, help_text="moves from this tier only")
    after = serializers.CharField(required=False, max_length=20, help_text="moves to this tier only")
    page = serializers.IntegerField(required=False, min_value=1, max_value=1_000_000)
    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=MOST, help_text=f"rows of a page, {LIMIT} if left out"
    )


class FlowAnswer(Input):
    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField()
    customers = serializers.IntegerField(help_text="how many, those that stay included")
    anyway = serializers.IntegerField(help_text="how many of them would be in `after` by the old rules too")
    annual_amount = Money(required=False, help_text="only for who may see amounts")


class MoveAnswer(Input):
    customer = serializers.UUIDField()
    name = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()
    anyway = serializers.BooleanField()
    annual_amount = Money(required=False, help_text="only for who may see amounts")


class PreviewAnswer(Input):
    """What the first night would change among the customers within reach."""

    valid_from = serializers.DateField()
    moved = serializers.IntegerField()
    anyway = serializers.IntegerField()
    flows = FlowAnswer(many=True)
    moves = MoveAnswer(many=True)
    listed = serializers.IntegerField(help_text="how many moves the page is a part of")


class TierPolicies(Listed, Shown, Created, Deleted):
    """Dated versions of the rules of grading; `expand=bands` adds the bounds of the tiers.

    A new one holds from a day to come; until then it can be deleted. `preview/` tells what it would change.
    """

    model, shape, filters, area = TierPolicy, TierPolicyShape, TierPolicyFilters, "customers"
    rights = {"read": Right.CUSTOMER_VIEW, "write": Right.POLICY_EDIT}
    bodies = {"create": TierPolicyInput, "preview": PreviewInput}
    answers = {"preview": PreviewAnswer}
    sorts = {"valid_from": "valid_from", "code": "code"}
    ordering = "-valid_from"

    def make(self, data: dict[str, Any]) -> Model:
        return policies.activate(_proposal(data), **self.act)

    def remove(self, row: TierPolicy) -> None:
        policies.withdraw(row, **self.act)

    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> HttpResponse:
        """What would a version change on its first night? Writes nothing."""
        data = self.body()
        page = Page(
            data.pop("before", None), data.pop("after", None), data.pop("page", 1), data.pop("limit", LIMIT)
        )
        found = preview(_proposal(data), self.viewer, on=self.today, page=page)
        return Response(_answer(found, data["valid_from"], self.viewer.may(Right.SEE_AMOUNT)))


def _proposal(data: dict[str, Any]) -> Proposal:
    bands = [Band(**{"upper": None, **band}) for band in data["bands"]]
    return Proposal(**data | {"bands": bands})


def _answer(found: Preview, valid_from: Any, sees_amount: bool) -> dict[str, Any]:
    return {
        "valid_from": valid_from,
        "moved": found.moved,
        "anyway": found.anyway,
        "flows": [_told(flow, sees_amount) for flow in found.flows],
        "moves": [_told(move, sees_amount) for move in found.moves],
        "listed": found.listed,
    }


def _told(row: Flow | Move, sees_amount: bool) -> dict[str, Any]:
    fields = row._asdict()
    amount = fields.pop("amount")
    return fields | ({"annual_amount": amount} if sees_amount else {})
