"""What departments may manage: regions, abilities, authority."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.accounts.models import Department
from crm.accounts.rights import Right
from crm.web.api import ApiView, Changed, Embed, Input, Listed, Money, Shape, Shown
from customers.assignment import remits
from customers.assignment.remits import LINE_LENGTH, PLACE_LENGTH, Ability, Place, Remit
from customers.filters.assignment import RemitFilters
from customers.models import Capability, Contract, Territory


class TerritoryShape(Shape):
    class Meta:
        model = Territory
        fields = ["id", "province", "city"]


class CapabilityShape(Shape):
    class Meta:
        model = Capability
        fields = ["id", "product_kind", "line"]


class RemitShape(Shape):
    authority_amount = Money(required=False, allow_null=True)

    class Meta:
        model = Department
        fields = ["id", "code", "name", "authority_amount", "is_key_account", "version", "updated_at"]
        secrets = {"authority_amount": Right.SEE_AMOUNT}
        embeds = {
            "territories": Embed(TerritoryShape, by="department", order="province"),
            "capabilities": Embed(CapabilityShape, by="department", order="product_kind"),
        }


class PlaceInput(Input):
    """A province, or one city of it."""

    province = serializers.CharField(max_length=PLACE_LENGTH)
    city = serializers.CharField(max_length=PLACE_LENGTH, required=False, allow_blank=True)


class AbilityInput(Input):
    """A product kind, and a line of it or, left out, all of them."""

    product_kind = serializers.ChoiceField(Contract.ProductKind.choices)
    line = serializers.CharField(max_length=LINE_LENGTH, required=False, allow_blank=True)


class RemitInput(Input):
    """What changes; the places and abilities given replace all that were."""

    territories = PlaceInput(many=True, required=False)
    capabilities = AbilityInput(many=True, required=False)
    authority_amount = Money(required=False, allow_null=True, min_value=0)
    is_key_account = serializers.BooleanField(required=False)


class Remits(Listed, Shown, Changed):
    """Departments as the decision table sees them; `expand=territories,capabilities` adds both lists."""

    model, shape, filters, area = Department, RemitShape, RemitFilters, "customers"
    rights = {"read": Right.TEAM_VIEW, "write": Right.ASSIGNMENT_EDIT}
    bodies = {"partial_update": RemitInput}
    sorts = {"code": "code", "name": "name"}
    ordering = "code"

    def rows(self) -> QuerySet:
        return super().rows().filter(is_active=True)

    def change(self, row: Department, changes: dict[str, Any], version: int) -> Department:
        places, abilities = changes.pop("territories", None), changes.pop("capabilities", None)
        remit = Remit(
            None if places is None else [Place(**one) for one in places],
            None if abilities is None else [Ability(**one) for one in abilities],
            changes,
        )
        return remits.give(row, remit=remit, version=version, **self.act)


class OverlapShape(Input):
    province = serializers.CharField()
    city = serializers.CharField(allow_blank=True)
    departments = serializers.ListField(child=serializers.CharField())


class OverlapList(Input):
    results = OverlapShape(many=True)


class Overlaps(ApiView):
    """Places that more than one department has in its region."""

    resource, area = "remit-overlaps", "customers"
    rights = {"read": Right.TEAM_VIEW}
    answers = {"get": OverlapList}

    def get(self, request: Request) -> HttpResponse:
        """List the places."""
        found = remits.overlaps(remits.all_departments())
        return Response({"results": [{**o.place._asdict(), "departments": o.departments} for o in found]})
