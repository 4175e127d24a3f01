"""The month with which commission begins."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from commissions import commencing
from commissions.filters import CommencementFilters
from commissions.models import Commencement
from crm.accounts.rights import Right
from crm.web.api import Created, Input, Listed, Shape, Shown


class CommencementShape(Shape):
    class Meta:
        model = Commencement
        fields = [
            *("id", "month", "proposed_by", "proposed_at", "approved_by", "approved_at"),
            *("version", "updated_at"),
        ]


class CommencementInput(Input):
    month = serializers.CharField(max_length=7, help_text="YYYY-MM, not after the month that runs")


class Nothing(Input):
    """An empty body."""


class Commencements(Listed, Shown, Created):
    """With which month commission begins: everything before it is settled elsewhere and not paid here.

    At most one, set before any month is approved: POST proposes it, `approval/` by somebody else lets it
    hold, `withdrawal/` takes a proposal back.
    """

    model, shape, filters, area = Commencement, CommencementShape, CommencementFilters, "commissions"
    rights = {
        "read": Right.COMMISSION_REVIEW,
        "write": Right.PERIOD_CALCULATE,
        "approval": Right.PERIOD_APPROVE,
        "withdrawal": None,
    }
    bodies = {"create": CommencementInput, "approval": Nothing, "withdrawal": Nothing}
    sorts = {"month": "month"}
    ordering = "month"

    def make(self, data: dict[str, Any]) -> Model:
        return commencing.propose(**data, **self.act)

    @action(detail=True, methods=["post"])
    def approval(self, request: Request, pk: UUID) -> HttpResponse:
        """Let it hold: works out what is outstanding and shuts every month before it, unpaid."""
        row: Any = self.found(pk)
        self.judge_version(row)
        self.body()
        commencing.approve(row, **self.act)
        return self.answer(pk)

    @action(detail=True, methods=["post"])
    def withdrawal(self, request: Request, pk: UUID) -> HttpResponse:
        """Take a proposal back, or refuse it."""
        if not (self.viewer.may(Right.PERIOD_CALCULATE) or self.viewer.may(Right.PERIOD_APPROVE)):
            raise PermissionDenied
        row: Any = self.found(pk)
        self.judge_version(row)
        self.body()
        commencing.withdraw(row, **self.act)
        return HttpResponse(status=204)
