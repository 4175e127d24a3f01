"""The months of commission and the steps of closing them."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from commissions import closing
from commissions.filters import PeriodFilters
from commissions.models import Period, PeriodReview
from crm.accounts.roles import Right
from crm.web.api import Derived, Embed, Input, Listed, Shape, Shown


class ReviewShape(Shape):
    class Meta:
        model = PeriodReview
        fields = ["id", "reviewer", "department", "at"]


def _due(name: str) -> Any:
    def make(month: str) -> Any:
        return getattr(Period(month=month), name)

    return Derived(make, "month", like=serializers.DateField())


class PeriodShape(Shape):
    calculate_by, publish_by, pay_by = _due("calculate_by"), _due("publish_by"), _due("pay_by")

    class Meta:
        model = Period
        fields = [
            *(
                "id",
                "month",
                "state",
                "calculate_by",
                "publish_by",
                "pay_by",
                "calculated_by",
                "calculated_at",
            ),
            *("reviewed_at", "approved_by", "approved_at", "shut_on", "paid_by", "paid_at"),
            *("closed_by", "closed_at", "version", "updated_at"),
        ]
        embeds = {"reviews": Embed(ReviewShape, by="period", order="at")}


class Nothing(Input):
    """An empty body."""


class Periods(Listed, Shown):
    """Months of commission: OPEN, CALCULATED, REVIEWED, APPROVED, PAID, CLOSED.

    From its approval on a month takes no entry; what comes later posts in the one after it. Calculating,
    approving and paying out take three people, and nobody approves a month that pays himself.
    """

    model, shape, filters, area = Period, PeriodShape, PeriodFilters, "commissions"
    rights = {
        "read": Right.COMMISSION_REVIEW,
        "calculation": Right.PERIOD_CALCULATE,
        "review": Right.PERIOD_REVIEW,
        "approval": Right.PERIOD_APPROVE,
        "payout": Right.PERIOD_PAY,
        "close": Right.PERIOD_PAY,
    }
    bodies = dict.fromkeys(("calculation", "review", "approval", "payout", "close"), Nothing)
    sorts = {"month": "month"}
    ordering = "-month"

    @action(detail=True, methods=["post"])
    def calculation(self, request: Request, pk: UUID) -> HttpResponse:
        """Work out what is outstanding and settle every payee's month; again until it is approved."""
        return self._do(closing.calculate, pk)

    @action(detail=True, methods=["post"])
    def review(self, request: Request, pk: UUID) -> HttpResponse:
        """Look through the statements within one's reach, but for one's own."""
        return self._do(closing.review, pk)

    @action(detail=True, methods=["post"])
    def approval(self, request: Request, pk: UUID) -> HttpResponse:
        """Approve what the month pays and publish its statements."""
        return self._do(closing.approve, pk)

    @action(detail=True, methods=["post"])
    def payout(self, request: Request, pk: UUID) -> HttpResponse:
        """Record that the month was paid out."""
        return self._do(closing.pay_out, pk)

    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: UUID) -> HttpResponse:
        """Close the month for good."""
        return self._do(closing.close, pk)

    def _do(self, verb: Any, pk: UUID) -> HttpResponse:
        row = self.found(pk)
        self.judge_version(row)
        self.body()
        verb(row, **self.act)
        return self.answer(pk)
