"""The months of commission and the steps of closing them."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from commissions import closing, costs, payroll
from commissions.filters import PeriodFilters
from commissions.models import Period, PeriodReview
from commissions.views.exports import LONGEST_BENEFIT, benefit_of
from crm.accounts.rights import Right
from crm.money import capitals
from crm.refusal import Fault, Refused
from crm.web.api import Derived, Embed, Input, Listed, Money, Shape, Shown


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


class PayrollLine(Input):
    code = serializers.CharField(help_text="staff number, or the code of a department")
    name = serializers.CharField()
    department = serializers.CharField()
    gross = Money()
    currency = serializers.CharField()


class PayrollAnswer(Input):
    month = serializers.CharField()
    total = Money()
    currency = serializers.CharField()
    total_in_capitals = serializers.CharField(help_text="大写, for CNY")
    lines = PayrollLine(many=True)


class CostLine(Input):
    contract = serializers.CharField()
    customer = serializers.CharField()
    component = serializers.CharField()
    starts_on = serializers.DateField()
    last_on = serializers.DateField()
    term = serializers.CharField(help_text="months")
    months = serializers.CharField(help_text="over which it is amortised")
    commensurate = serializers.BooleanField(help_text="a renewal at the same price is paid at the same rate")
    cost = Money()
    amortised = Money()
    carrying = Money()
    may_be_expensed = serializers.BooleanField(help_text="amortised within a year")
    currency = serializers.CharField()


class CostsAnswer(Input):
    month = serializers.CharField()
    costs = CostLine(many=True)


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
        "payroll": Right.PAYROLL_EXPORT,
        "costs": Right.PAYROLL_EXPORT,
    }
    answers = {"payroll": PayrollAnswer, "costs": CostsAnswer}
    parameters = {"benefit_months": "costs/ only: months over which what renewals do not match is amortised"}
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

    @action(detail=True, methods=["get"])
    def payroll(self, request: Request, pk: UUID) -> HttpResponse:
        """Gross amounts per payee of an approved month with their total, for payroll."""
        period: Any = self.found(pk)
        lines = payroll.lines(period, **self.act)
        total = payroll.total(lines)
        currency = lines[0].currency if lines else self.caller.tenant.currency
        words = capitals(total) if currency == "CNY" else ""
        answer = {"month": period.month, "total": total, "currency": currency, "total_in_capitals": words}
        return Response(answer | {"lines": [asdict(line) for line in lines]})

    @action(detail=True, methods=["get"])
    def costs(self, request: Request, pk: UUID) -> HttpResponse:
        """Commission as the cost of obtaining contracts (ASC 340-40, IFRS 15), up to the end of the month."""
        period: Any = self.found(pk)
        found = costs.costs(period, _benefit(request.GET.get("benefit_months", "")))
        return Response({"month": period.month, "costs": [_told(cost) for cost in found]})

    def _do(self, verb: Any, pk: UUID) -> HttpResponse:
        row = self.found(pk)
        self.judge_version(row)
        self.body()
        verb(row, **self.act)
        return self.answer(pk)


def _benefit(text: str) -> int | None:
    try:
        return benefit_of(text)
    except BadRequest:
        words = _("A number of months from 1 to %s.") % LONGEST_BENEFIT
        raise Refused(Fault("benefit_months", "out_of_range", words)) from None


def _told(cost: costs.Cost) -> dict[str, Any]:
    months = {"term": f"{float(cost.term):.6f}", "months": f"{float(cost.months):.6f}"}
    more = {"carrying": cost.carrying, "may_be_expensed": cost.may_be_expensed}
    return asdict(cost) | months | more
