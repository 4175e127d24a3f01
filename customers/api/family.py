"""The group of a customer, as the caller may see it."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.accounts.access import reach
from crm.accounts.rights import Right
from crm.web.api import ApiView, Input, Money
from customers import families
from customers.models import Customer

ONLY = "only for who sees amounts"


class RelativeAnswer(Input):
    customer = serializers.UUIDField()
    name = serializers.CharField()
    parent = serializers.UUIDField(  # type: ignore[assignment]
        allow_null=True, help_text="null at the top, and below one out of reach"
    )
    level = serializers.IntegerField(help_text="steps below the top")
    tier = serializers.CharField(allow_blank=True)
    contracts_in_force = serializers.IntegerField()
    annual_amount = Money(required=False, help_text=f"of its own contracts; {ONLY}")


class FamilyAnswer(Input):
    members = RelativeAnswer(many=True)
    contracts_in_force = serializers.IntegerField()
    annual_amount = Money(required=False, help_text=f"together; {ONLY}")


class Families(ApiView):
    """The companies of a customer's group within the caller's reach, and what they are worth together."""

    resource, area = "customers", "customers"
    rights = {"read": Right.CUSTOMER_VIEW}
    answers = {"get": FamilyAnswer}

    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """Each company stands after the one above it."""
        customer = reach(self.viewer, Customer.objects.filter(pk=pk)).first()
        if customer is None:
            raise Http404
        found, sees = families.family(customer, self.viewer, self.today), self.viewer.may(Right.SEE_AMOUNT)
        near = {one.customer.pk for one in found.members}
        answer: dict[str, Any] = {
            "members": [_told(one, near, sees) for one in found.members],
            "contracts_in_force": found.contracts_in_force,
        }
        return Response(answer | ({"annual_amount": found.annual_amount} if sees else {}))


def _told(one: families.Relative, near: set[Any], sees: bool) -> dict[str, Any]:
    row = one.customer
    told = {
        "customer": row.pk,
        "name": row.name,
        "parent": row.parent_id if row.parent_id in near else None,
        "level": one.level,
        "tier": row.standing.tier,
        "contracts_in_force": row.standing.contracts_in_force,
    }
    return told | ({"annual_amount": one.annual_amount} if sees else {})
