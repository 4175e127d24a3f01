"""Periodic evaluation: cycles, and their customers."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from crm.accounts.rights import Right
from crm.web.api import Created, Input, Listed, Shape, Shown
from tiers import overrides, reviews
from tiers.filters import ReviewFilters, ReviewLineFilters
from tiers.models import Review, ReviewLine


class ReviewShape(Shape):
    class Meta:
        model = Review
        fields = ["id", "code", "frozen_on", "due_on", "holds_until", "opened_by", "signed_by", "signed_on"]
        fields += ["version", "created_at", "updated_at"]


class ReviewInput(Input):
    """A cycle whose list is frozen now."""

    code = serializers.CharField(max_length=reviews.CODE)
    due_on = serializers.DateField(help_text="to be judged by")
    holds_until = serializers.DateField(help_text="until when agreed changes hold")


class SignatureInput(Input):
    leave_open = serializers.BooleanField(
        required=False, help_text="sign although customers are not confirmed; they keep their tier"
    )


class Reviews(Listed, Shown, Created):
    """Cycles of periodic evaluation. `signature/` closes one: what was agreed holds from then on."""

    model, shape, filters, area = Review, ReviewShape, ReviewFilters, "customers"
    rights = {"read": Right.CUSTOMER_VIEW, "write": Right.TIER_DECIDE}
    bodies = {"create": ReviewInput, "signature": SignatureInput}
    sorts = {"frozen_on": "frozen_on"}
    ordering = "-frozen_on"

    def make(self, data: dict[str, Any]) -> Review:
        return reviews.begin(**data, **self.act)

    @action(detail=True, methods=["post"])
    def signature(self, request: Request, pk: UUID) -> HttpResponse:
        """Sign the cycle."""
        reviews.sign(self.found(pk), **self.body(), **self.act)
        return self.answer(pk)


class ReviewLineShape(Shape):
    class Meta:
        model = ReviewLine
        fields = ["id", "review", "customer", "owner", "tier", "annual_amount", "verdict", "proposed_tier"]
        fields += ["reason", "next_step", "next_on", "proposed_by", "proposed_on", "is_agreed", "answer"]
        fields += ["confirmed_by", "confirmed_on", "version", "created_at", "updated_at"]
        secrets = {"annual_amount": Right.SEE_AMOUNT}


class VerdictInput(Input):
    verdict = serializers.ChoiceField(ReviewLine.Verdict.choices)
    tier = serializers.CharField(required=False, max_length=20, help_text="for UP and DOWN")
    reason = serializers.CharField(required=False, max_length=overrides.REASON_LENGTH)
    next_step = serializers.CharField(required=False, max_length=overrides.REASON_LENGTH)
    next_on = serializers.DateField(required=False)


class ConfirmationInput(Input):
    agrees = serializers.BooleanField()
    answer = serializers.CharField(required=False, allow_blank=True, max_length=overrides.REASON_LENGTH)


class ReviewLines(Listed, Shown):
    """Customers of a cycle as they stood when it was frozen, and what is judged of them.

    The owner proposes by `proposal/`, a head who has not proposed confirms by `confirmation/`.
    """

    model, shape, filters, area = ReviewLine, ReviewLineShape, ReviewLineFilters, "customers"
    rights = {
        "read": Right.CUSTOMER_VIEW,
        "proposal": Right.CUSTOMER_EDIT,
        "confirmation": Right.TIER_PROPOSE,
    }
    bodies = {"proposal": VerdictInput, "confirmation": ConfirmationInput}
    sorts = {"id": "id"}
    ordering = "id"

    def rows(self) -> QuerySet:
        return super().rows().select_related("customer")

    @action(detail=True, methods=["post"])
    def proposal(self, request: Request, pk: UUID) -> HttpResponse:
        """Propose a verdict for a customer of one's own."""
        line = self.found(pk)
        if not reviews.may_propose(self.viewer, line):
            raise PermissionDenied
        reviews.propose(line, **self.body(), **self.act)
        return self.answer(pk)

    @action(detail=True, methods=["post"])
    def confirmation(self, request: Request, pk: UUID) -> HttpResponse:
        """Agree with what is proposed, or say why not."""
        line = self.found(pk)
        if not reviews.may_confirm(self.viewer, line):
            raise PermissionDenied
        reviews.confirm(line, **self.body(), **self.act)
        return self.answer(pk)
