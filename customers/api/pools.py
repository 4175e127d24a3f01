"""Pools of the public sea 公海, who waits in them, claims, and customers given back."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.accounts.access import reach
from crm.accounts.models import Department, Member
from crm.accounts.rights import Right
from crm.web.api import ApiView, Created, Input, Listed, Reference, Shape, Shown
from customers.api.naming import named
from customers.filters.pools import ClaimFilters, PooledFilters, PoolFilters, PoolPolicyFilters
from customers.models import Claim, Customer, CustomerPool, PooledCustomer, PoolPolicy
from customers.pools import rules, sea
from customers.pools.rules import NUMBERS


class PoolShape(Shape):
    class Meta:
        model = CustomerPool
        fields = ["id", "code", "name", "department", "version", "created_at", "updated_at"]


class PoolInput(Input):
    """A pool for the people of a department."""

    code = serializers.CharField(max_length=40)
    name = serializers.CharField(max_length=80)
    department = Reference(queryset=Department.objects)


class Pools(Listed, Shown, Created):
    """Pools: the company's own has no department and takes what no other pool takes."""

    model, shape, filters, area = CustomerPool, PoolShape, PoolFilters, "pools"
    rights = {"read": Right.CUSTOMER_VIEW, "write": Right.POLICY_EDIT}
    bodies = {"create": PoolInput}
    sorts = {"code": "code"}
    ordering = "code"

    def make(self, data: dict[str, Any]) -> CustomerPool:
        return rules.open_pool(**data, **self.act)


class PooledShape(Shape):
    class Meta:
        model = PooledCustomer
        fields = ["id", "code", "name", "industry", "province", "city", "pool", "is_locked", "updated_at"]


class PooledCustomers(Listed):
    """Customers that wait in a pool open to the caller; contacts and amounts are not shown here."""

    model, shape, filters, area = PooledCustomer, PooledShape, PooledFilters, "pools"
    rights = {"read": Right.POOL_CLAIM}
    sorts = {"name": "name", "updated_at": "updated_at"}
    ordering = "name"

    def rows(self) -> QuerySet:
        pool = CustomerPool.objects.filter(CustomerPool.reach(self.viewer), pk=self.kwargs["pk"]).first()
        if pool is None:
            raise Http404
        return super().rows().filter(pool=pool)


class PoolPolicyShape(Shape):
    class Meta:
        model = PoolPolicy
        fields = [
            "id",
            "pool",
            "code",
            "valid_from",
            "valid_to",
            *NUMBERS,
            "stretch",
            "version",
            "updated_at",
        ]


class PoolPolicyInput(Input):
    """A new version of a pool's rules; a number that is left out stays as it is."""

    pool = Reference(queryset=CustomerPool.objects)
    code = serializers.CharField(max_length=40)
    valid_from = serializers.DateField()
    for _name in NUMBERS:
        locals()[_name] = serializers.IntegerField(required=False)
    del _name
    stretch = serializers.DictField(child=serializers.IntegerField(), required=False)


class PoolPolicies(Listed, Shown, Created):
    """The versions of the pools' rules, each over [valid_from, valid_to)."""

    model, shape, filters, area = PoolPolicy, PoolPolicyShape, PoolPolicyFilters, "pools"
    rights = {"read": Right.CUSTOMER_VIEW, "write": Right.POLICY_EDIT}
    bodies = {"create": PoolPolicyInput}
    sorts = {"valid_from": "valid_from"}
    ordering = "-valid_from"

    def make(self, data: dict[str, Any]) -> PoolPolicy:
        about = {name: data.pop(name) for name in ("pool", "code", "valid_from")}
        return rules.lay_down(**about, rules=data, **self.act)


class ClaimShape(Shape):
    class Meta:
        model = Claim
        fields = ["id", "customer", "member", "pool", "on", "at"]


class ClaimInput(Input):
    """The id of a customer that waits in a pool open to the caller."""

    customer = serializers.UUIDField()


class Claims(Listed, Shown, Created):
    """Customers taken out of pools. One of many claims at once wins; the others get 409 with the reason."""

    model, shape, filters, area = Claim, ClaimShape, ClaimFilters, "pools"
    rights = {"read": Right.CUSTOMER_VIEW, "write": Right.POOL_CLAIM}
    bodies = {"create": ClaimInput}
    sorts = {"at": "at"}
    ordering = "-at"

    def make(self, data: dict[str, Any]) -> Claim:
        found = Customer.objects.filter(pk=data["customer"])
        row = reach(self.viewer, PooledCustomer.objects.filter(pk=data["customer"])).first()
        row = row or reach(self.viewer, found).first()
        if row is None:
            raise Http404
        sea.claim(row, **self.act)
        return Claim.objects.filter(customer=row.pk, member=self.viewer.id).latest("at")


class ReturnInput(Input):
    customers = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=200)
    reason = serializers.CharField(max_length=200)


class DealInput(Input):
    customers = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=1000)
    among = serializers.ListField(child=Reference(queryset=Member.objects), min_length=1, max_length=100)
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class Answer(Input):
    moved = serializers.IntegerField(help_text="customers for which it was a change")
    skipped = serializers.IntegerField(help_text="taken, locked, or more than people may hold")


class Returns(ApiView):
    """Giving customers back to the pool of their department: all of them, or none."""

    resource, area = "returns", "pools"
    rights = {"write": Right.POOL_CLAIM}
    bodies = {"post": ReturnInput}
    answers = {"post": Answer}

    def post(self, request: Request) -> HttpResponse:
        data = self.body()
        chosen = named(self.viewer, data["customers"])
        for row in chosen:
            sea.give_back(row, reason=data["reason"], **self.act)
        return Response({"moved": len(chosen), "skipped": 0}, status=201)


class Distributions(ApiView):
    """Dealing customers out of pools to people in turn."""

    resource, area = "distributions", "pools"
    rights = {"write": Right.OWNERSHIP_TRANSFER}
    bodies = {"post": DealInput}
    answers = {"post": Answer}

    def post(self, request: Request) -> HttpResponse:
        data = self.body()
        wanted = set(data.pop("customers"))
        rows = reach(self.viewer, PooledCustomer.objects.filter(pk__in=wanted)).select_related("pool")
        dealt = sea.distribute(list(rows), **data, **self.act)
        return Response({"moved": dealt, "skipped": len(wanted) - dealt}, status=201)
