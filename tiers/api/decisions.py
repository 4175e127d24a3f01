"""Tiers by decision, and proposals of them."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from crm.accounts.rights import Right
from crm.web.api import Created, Input, Listed, Reference, Shape, Shown
from customers.models import Customer
from tiers import overrides, proposals
from tiers.filters import TierOverrideFilters, TierProposalFilters
from tiers.models import TierOverride, TierProposal


class TierOverrideShape(Shape):
    class Meta:
        model = TierOverride
        fields = ["id", "customer", "tier", "valid_from", "valid_to", "reason", "decided_by", "proposed_by"]


class DecisionInput(Input):
    """A tier over [today, until)."""

    customer = Reference(queryset=Customer.objects)
    tier = serializers.CharField(max_length=20)
    until = serializers.DateField(help_text="the first day on which it no longer holds")
    reason = serializers.CharField(max_length=overrides.REASON_LENGTH)


class EndInput(Input):
    reason = serializers.CharField(max_length=overrides.REASON_LENGTH, required=False, allow_blank=True)


class TierOverrides(Listed, Shown, Created):
    """Tiers given by decision over [valid_from, valid_to), whatever the amount says.

    Nobody decides the tier of a customer that he earns by. `end/` lets one end today.
    """

    model, shape, filters, area = TierOverride, TierOverrideShape, TierOverrideFilters, "customers"
    rights = {"read": Right.CUSTOMER_VIEW, "write": Right.TIER_DECIDE}
    bodies = {"create": DecisionInput, "end": EndInput}
    sorts = {"valid_to": "valid_to", "valid_from": "valid_from"}
    ordering = "-valid_from"

    def make(self, data: dict[str, Any]) -> TierOverride:
        return overrides.decide(data.pop("customer"), **data, **self.act)

    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: UUID) -> HttpResponse:
        """End it today: the customer is graded by amount again. One of today is dropped altogether."""
        overrides.end(self.found(pk), **self.body(), **self.act)
        if TierOverride.objects.filter(pk=pk).exists():
            return self.answer(pk)
        return HttpResponse(status=204)


class TierProposalShape(Shape):
    class Meta:
        model = TierProposal
        fields = ["id", "customer", "tier", "until", "reason", "proposed_by", "proposed_on"]
        fields += ["outcome", "decided_by", "decided_on", "note", "version", "created_at", "updated_at"]


class RefusalInput(Input):
    note = serializers.CharField(max_length=overrides.REASON_LENGTH, required=False, allow_blank=True)


class ApprovalInput(Input):
    """Nothing to say."""


class TierProposals(Listed, Shown, Created):
    """Tiers proposed to whoever decides; who proposes never approves.

    `refusal/` needs a note, save from the proposer himself, who takes it back.
    """

    model, shape, filters, area = TierProposal, TierProposalShape, TierProposalFilters, "customers"
    rights = {"read": Right.CUSTOMER_VIEW, "write": Right.TIER_PROPOSE, "approval": Right.TIER_DECIDE}
    bodies = {"create": DecisionInput, "approval": ApprovalInput, "refusal": RefusalInput}
    sorts = {"proposed_on": "proposed_on"}
    ordering = "-proposed_on"

    def make(self, data: dict[str, Any]) -> TierProposal:
        return proposals.propose(data.pop("customer"), **data, **self.act)

    @action(detail=True, methods=["post"])
    def approval(self, request: Request, pk: UUID) -> HttpResponse:
        """Let it hold from today on."""
        self.body()
        proposals.approve(self.found(pk), **self.act)
        return self.answer(pk)

    @action(detail=True, methods=["post"])
    def refusal(self, request: Request, pk: UUID) -> HttpResponse:
        """Say no and why, or take back one's own."""
        row = self.found(pk)
        if not proposals.may_close(self.viewer, row):
            raise PermissionDenied
        proposals.refuse(row, **self.body(), **self.act)
        return self.answer(pk)
