"""Contacts that happened, use of the service, and who is responsible."""

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.accounts.models import Member
from crm.accounts.rights import Right
from crm.web.api import ApiView, Created, Input, Listed, Reference, Shape, Shown
from customers import interactions, ownership
from customers.api.naming import named
from customers.filters.records import InteractionFilters, OwnershipFilters, UsageFilters
from customers.models import Contact, Customer, Interaction, OwnershipCredit, Usage


class InteractionShape(Shape):
    class Meta:
        model = Interaction
        fields = ["id", "number", "customer", "contact", "member", "kind", "on", "at", "note", "is_effective"]
        fields += ["version", "created_at", "updated_at"]


class InteractionInput(Input):
    """A contact that happened; `next_on` opens the agreed next step."""

    customer = Reference(queryset=Customer.objects)
    kind = serializers.ChoiceField(Interaction.Kind.choices)
    note = serializers.CharField(max_length=10_000, allow_blank=True)
    happened_on = serializers.DateField(required=False, help_text="today, if left out")
    contact = Reference(queryset=Contact.objects, required=False, allow_null=True)
    member = Reference(queryset=Member.objects, required=False, allow_null=True)
    is_effective = serializers.BooleanField(required=False, default=True)
    next_on = serializers.DateField(required=False, allow_null=True)
    next_note = serializers.CharField(required=False, allow_blank=True, max_length=200)
    number = serializers.CharField(required=False, allow_blank=True, max_length=60)


class Interactions(Listed, Shown, Created):
    """Contacts with customers, append-only."""

    model, shape, filters, area = Interaction, InteractionShape, InteractionFilters, "interactions"
    rights = {"read": Right.INTERACTION_VIEW, "write": Right.INTERACTION_LOG}
    bodies = {"create": InteractionInput}
    sorts = {"at": "at", "on": "on"}
    ordering = "-at"

    def make(self, data: dict[str, Any]) -> Interaction:
        data.setdefault("happened_on", self.today)
        return interactions.log(data.pop("customer"), **data, **self.act)


class UsageShape(Shape):
    class Meta:
        model = Usage
        fields = ["id", "customer", "day", "measure", "value"]


class UsageDays(Listed, Shown):
    """How much customers used the service, by day and measure."""

    model, shape, filters, area = Usage, UsageShape, UsageFilters, "usage"
    rights = {"read": Right.CUSTOMER_VIEW}
    sorts = {"day": "day"}
    ordering = "-day"


class OwnershipShape(Shape):
    class Meta:
        model = OwnershipCredit
        fields = ["id", "customer", "role", "department", "member", "basis_points", "valid_from", "valid_to"]
        fields += ["rule", "policy", "inputs", "reason", "decided_by"]
        secrets = {"inputs": Right.SEE_AMOUNT}


class Ownerships(Listed, Shown):
    """Who developed and who manages a customer over [valid_from, valid_to), and by which rule."""

    model, shape, filters, area = OwnershipCredit, OwnershipShape, OwnershipFilters, "ownerships"
    rights = {"read": Right.CUSTOMER_VIEW}
    sorts = {"valid_from": "valid_from"}
    ordering = "-valid_from"


class TransferInput(Input):
    customers = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=1000)
    to = Reference(queryset=Member.objects)
    reason = serializers.CharField(max_length=200)


class TransferAnswer(Input):
    moved = serializers.IntegerField(help_text="customers for which it was a change")
    skipped = serializers.IntegerField(help_text="customers that were with that person already")


class Transfers(ApiView):
    """Handing customers over to another person."""

    resource, area = "transfers", "ownerships"
    rights = {"write": Right.OWNERSHIP_TRANSFER}
    bodies = {"post": TransferInput}
    answers = {"post": TransferAnswer}

    def post(self, request: Request) -> HttpResponse:
        """Make somebody responsible for customers from today on."""
        data = self.body()
        chosen = named(self.viewer, data["customers"])
        moved = ownership.transfer(chosen, to=data["to"], reason=data["reason"], **self.act)
        answer = {"moved": moved, "skipped": len(chosen) - moved}
        return Response(answer, status=201)
