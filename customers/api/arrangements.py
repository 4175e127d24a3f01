"""公司安排: departments that are responsible by decision of the company."""

from typing import Any

from django.db.models import Model
from rest_framework import serializers

from crm.accounts.models import Department
from crm.accounts.rights import Right
from crm.web.api import Created, Deleted, Input, Listed, Reference, Shape, Shown
from customers import arranging
from customers.filters.assignment import ArrangementFilters
from customers.models import Arrangement, Customer


class ArrangementShape(Shape):
    class Meta:
        model = Arrangement
        fields = ["id", "customer", "department", "reason", "approved_by", "valid_from", "valid_to"]
        fields += ["version", "updated_at"]


class ArrangementInput(Input):
    """A customer, and the department that is responsible for it from today on."""

    customer = Reference(queryset=Customer.objects)
    department = Reference(queryset=Department.objects)
    reason = serializers.CharField(max_length=200)


class Arrangements(Listed, Shown, Created, Deleted):
    """Arrangements of the company over [valid_from, valid_to). Deleting one ends it today; it stays told."""

    model, shape, filters, area = Arrangement, ArrangementShape, ArrangementFilters, "ownerships"
    rights = {"read": Right.CUSTOMER_VIEW, "write": Right.OWNERSHIP_OVERRIDE}
    bodies = {"create": ArrangementInput}
    sorts = {"valid_from": "valid_from"}
    ordering = "-valid_from"

    def make(self, data: dict[str, Any]) -> Model:
        return arranging.arrange(**data, **self.act)

    def remove(self, row: Arrangement) -> None:
        arranging.end(row, **self.act)
