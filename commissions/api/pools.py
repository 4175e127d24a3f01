"""Pools that a plan gives to departments, and distributing them."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from commissions import distributing
from commissions.filters import PoolFilters
from commissions.models import PoolDistribution, PoolShare
from commissions.views.pools import SORTS, with_amounts
from crm.accounts.models import Member
from crm.accounts.rights import Right
from crm.web.api import Embed, Input, Listed, Money, Reference, Shape, Shown
from customers.api.agreements import in_words_of_the_api
from customers.splits import Share


class PoolShareShape(Shape):
    class Meta:
        model = PoolShare
        fields = ["id", "distribution", "position", "member", "basis_points"]


class PoolShape(Shape):
    total = Money(read_only=True, help_text="what all contract years pay in all")
    held = Money(read_only=True, help_text="what of it has come and waits")

    class Meta:
        model = PoolDistribution
        fields = ["id", "contract", "department", "asked", "opened_on", "due_on", "escalated_on", "total"]
        fields += ["held", "distributed_by", "distributed_on", "version", "created_at", "updated_at"]
        embeds = {"shares": Embed(PoolShareShape, by="distribution", order="position")}


class PartInput(Input):
    member = Reference(queryset=Member.objects)
    basis_points = serializers.IntegerField(min_value=1, max_value=10_000)


class DistributionInput(Input):
    """Who gets which part of the pool, 10,000 basis points in all."""

    shares = PartInput(many=True)


class PoolDistributions(Listed, Shown):
    """Pools of contracts whose plan gives them to the department (POOL): held until they are distributed."""

    model, shape, filters, area = PoolDistribution, PoolShape, PoolFilters, "commissions"
    rights = {"read": Right.COMMISSION_REVIEW, "write": Right.CREDIT_CONFIRM}
    bodies = {"distribution": DistributionInput}
    sorts = SORTS
    ordering = "due_on"

    def rows(self) -> QuerySet:
        return with_amounts(super().rows())

    @action(detail=True, methods=["post"])
    def distribution(self, request: Request, pk: UUID) -> HttpResponse:
        """Distribute the pool among people of the department, for good."""
        row = self.found(pk)
        if not distributing.may_distribute(row, self.viewer.id):
            raise PermissionDenied
        self.judge_version(row)
        shares = [Share(each["member"], each["basis_points"]) for each in self.body()["shares"]]
        with in_words_of_the_api({}):
            distributing.distribute(row, shares=shares, **self.act)
        return self.answer(pk)
