"""More days of protection 延长保护期, as they are asked for, granted and refused."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from crm.accounts.rights import Right
from crm.web.api import Created, Input, Listed, Reference, Shape, Shown
from customers.filters.extensions import ExtensionFilters
from customers.models import Customer, Extension
from customers.pools import extending


class ExtensionShape(Shape):
    class Meta:
        model = Extension
        fields = ["id", "customer", "member", "reason", "days", "asked_on", "state", "decided_by"]
        fields += ["decided_on", "answer", "version", "created_at", "updated_at"]


class ExtensionInput(Input):
    """A customer of the caller, and why it needs more days."""

    customer = Reference(queryset=Customer.objects)
    reason = serializers.CharField(max_length=200)


class GrantInput(Input):
    answer = serializers.CharField(max_length=200, required=False, allow_blank=True)


class RefusalInput(Input):
    answer = serializers.CharField(max_length=200)


class Extensions(Listed, Shown, Created):
    """Requests for more days before a customer drops into a pool: one an ownership, decided by the head."""

    model, shape, filters, area = Extension, ExtensionShape, ExtensionFilters, "pools"
    rights = {
        "read": Right.CUSTOMER_VIEW,
        "create": Right.POOL_CLAIM,
        "write": Right.OWNERSHIP_TRANSFER,
    }
    bodies = {"create": ExtensionInput, "grant": GrantInput, "refusal": RefusalInput}
    sorts = {"asked_on": "asked_on"}
    ordering = "-asked_on"

    def make(self, data: dict[str, Any]) -> Extension:
        return extending.ask(**data, **self.act)

    @action(detail=True, methods=["post"])
    def grant(self, request: Request, pk: UUID) -> HttpResponse:
        """Give the days."""
        extending.grant(self._to_decide(pk), **self.body(), **self.act)
        return self.answer(pk)

    @action(detail=True, methods=["post"])
    def refusal(self, request: Request, pk: UUID) -> HttpResponse:
        """Do not give them, and say why."""
        extending.refuse(self._to_decide(pk), **self.body(), **self.act)
        return self.answer(pk)

    def _to_decide(self, pk: UUID) -> Extension:
        row = self.found(pk)
        if not extending.may_decide(self.viewer, row):
            raise PermissionDenied
        return row
