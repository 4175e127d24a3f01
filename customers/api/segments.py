"""Segments, who is in one now, and how many there were on each night."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from crm.accounts.access import reach
from crm.accounts.rights import Right
from crm.web.api import Changed, Created, Deleted, Input, Listed, Shape, Shown
from customers import segments
from customers.filters.segments import SegmentCountFilters, SegmentFilters
from customers.models import Customer, Segment, SegmentCount


class SegmentShape(Shape):
    class Meta:
        model = Segment
        fields = ["id", "name", "note", "query", "is_shared", "owner", "version", "created_at", "updated_at"]
        read_only_fields = ["owner", "version"]


class SegmentInput(Input):
    """A filter of the customer list as its address says it; days may move: `last_contact_on__lt=today-60`."""

    name = serializers.CharField(max_length=60)
    query = serializers.CharField(max_length=2000)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)
    is_shared = serializers.BooleanField(required=False)


class NumberAnswer(Input):
    number = serializers.IntegerField(help_text="customers in it now, of those within reach")
    on = serializers.DateField()


class Segments(Listed, Shown, Created, Changed, Deleted):
    """Saved filters of the customers; `customers/?segment=…` lists who is in one.

    A segment whose filters ask for what the reader may not see does not exist for him.
    """

    model, shape, filters, area = Segment, SegmentShape, SegmentFilters, "customers"
    rights = {"read": Right.CUSTOMER_VIEW, "write": Right.CUSTOMER_VIEW}  # and one of MAKERS: see initial
    bodies = {"create": SegmentInput, "partial_update": SegmentInput}
    answers = {"number": NumberAnswer}
    sorts = {"name": "name", "updated_at": "updated_at"}
    ordering = "name"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.kind() == "write" and not any(map(self.viewer.may, segments.MAKERS)):
            raise PermissionDenied

    def make(self, data: dict[str, Any]) -> Segment:
        return segments.make(**data, **self.act)

    def change(self, row: Segment, changes: dict[str, Any], version: int) -> Segment:
        self._judge(row)
        return segments.edit(row, changes=changes, version=version, **self.act)

    def remove(self, row: Segment) -> None:
        self._judge(row)
        segments.remove(row, **self.act)

    def _judge(self, row: Segment) -> None:
        if not segments.may_change(self.viewer, row):
            raise PermissionDenied

    @action(detail=True, methods=["get"])
    def number(self, request: Request, pk: UUID) -> HttpResponse:
        """How many customers are in it now?"""
        row = self.found(pk)
        rows = reach(self.viewer, Customer.objects.order_by())
        return Response({"number": segments.numbers([row], rows, self.today)[pk], "on": self.today})


class SegmentCountShape(Shape):
    class Meta:
        model = SegmentCount
        fields = ["id", "segment", "on", "number"]


class SegmentCounts(Listed, Shown):
    """How many customers of the whole company each segment had, night by night; for who sees all of them."""

    model, shape, filters, area = SegmentCount, SegmentCountShape, SegmentCountFilters, "customers"
    rights = {"read": Right.CUSTOMER_VIEW}
    sorts = {"on": "on"}
    ordering = "-on"
