"""Whose word is asked on the split of a contract, and giving it."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from crm.accounts.rights import Right
from crm.web.api import Input, Listed, Shape, Shown
from customers import confirming
from customers.filters.splits import SplitFilters
from customers.models import Contract, SplitConfirmation


class SplitConfirmationShape(Shape):
    class Meta:
        model = SplitConfirmation
        fields = ["id", "contract", "department", "asked", "asked_on", "state", "decided_by", "decided_on"]
        fields += ["words", "version", "created_at", "updated_at"]


class Nothing(Input):
    """An empty body."""


class SplitRefusalInput(Input):
    words = serializers.CharField(max_length=200)


class SplitConfirmations(Listed, Shown):
    """The word of a department's head on a split; until all of a contract are given it pays nothing.

    To confirm or refuse one speaks for every department of the contract that waits for the caller.
    """

    model, shape, filters, area = SplitConfirmation, SplitConfirmationShape, SplitFilters, "contracts"
    rights = {"read": Right.CONTRACT_VIEW, "write": Right.CREDIT_CONFIRM}
    bodies = {"confirmation": Nothing, "refusal": SplitRefusalInput}
    sorts = {"asked_on": "asked_on"}
    ordering = "asked_on"

    @action(detail=True, methods=["post"])
    def confirmation(self, request: Request, pk: UUID) -> HttpResponse:
        """Confirm the split."""
        self.body()
        confirming.confirm(self._to_decide(pk), **self.act)
        return self.answer(pk)

    @action(detail=True, methods=["post"])
    def refusal(self, request: Request, pk: UUID) -> HttpResponse:
        """Refuse it, and say why."""
        confirming.refuse(self._to_decide(pk), **self.body(), **self.act)
        return self.answer(pk)

    def _to_decide(self, pk: UUID) -> Contract:
        contract: Any = self.found(pk).contract
        if not confirming.may_stand_in(contract, self.viewer.id):
            raise PermissionDenied
        return contract
