"""Collaborators 协作人: who helps with whose customer, and whether he may write there."""

from typing import Any

from django.core.exceptions import PermissionDenied
from rest_framework import serializers

from crm.accounts.access import governed
from crm.accounts.models import Member
from crm.accounts.rights import Right
from crm.web.api import Created, Deleted, Input, Listed, Reference, Shape, Shown
from customers import collaborators
from customers.filters.collaborators import CollaborationFilters
from customers.models import Collaboration, Customer


class CollaborationShape(Shape):
    class Meta:
        model = Collaboration
        fields = ["id", "customer", "member", "role", "rights", "valid_from", "valid_to"]
        fields += ["added_by", "ended_by", "version", "created_at", "updated_at"]


class CollaborationInput(Input):
    """Somebody who helps from today on; only who has the customer, or heads who does, may add him."""

    customer = Reference(queryset=Customer.objects)
    member = Reference(queryset=Member.objects)
    role = serializers.ChoiceField(Collaboration.Role.choices, required=False)
    rights = serializers.ChoiceField(Collaboration.Rights.choices, required=False)


class Collaborators(Listed, Shown, Created, Deleted):
    """Who helps with customers over [valid_from, valid_to). Deleting one ends it today."""

    model, shape, filters, area = Collaboration, CollaborationShape, CollaborationFilters, "customers"
    rights = {"read": Right.CUSTOMER_VIEW, "write": Right.CUSTOMER_EDIT}
    bodies = {"create": CollaborationInput}
    sorts = {"valid_from": "valid_from"}
    ordering = "-valid_from"

    def make(self, data: dict[str, Any]) -> Collaboration:
        customer = data.pop("customer")
        self._judge(customer.pk)
        return collaborators.add(customer, **data, **self.act)

    def remove(self, row: Collaboration) -> None:
        if row.member_id != self.viewer.id:  # who helps may cease by himself
            self._judge(row.customer_id)
        collaborators.remove(row, **self.act)

    def _judge(self, customer: Any) -> None:
        if not governed(self.viewer, Customer.objects.filter(pk=customer)).exists():
            raise PermissionDenied
