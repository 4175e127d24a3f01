"""Statements of commission: what a month pays a payee."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from commissions import payouts, statements
from commissions.api.periods import Nothing
from commissions.filters import StatementFilters
from commissions.models import Statement
from commissions.views import printed
from commissions.views.periods import SORTS
from commissions.views.statements import RELATED
from crm.accounts.rights import Right
from crm.web.api import Listed, Money, Shape, Shown


class StatementShape(Shape):
    month = serializers.CharField(source="period.month")
    by_kind = serializers.DictField(child=Money(), help_text="payable kinds whose sum is not zero")
    kept_out = Money(read_only=True, help_text="of the payout, by disputes of its lines")
    freed = Money(
        read_only=True, help_text="kept out before, paid now: payable + freed = paid_out + kept_out"
    )
    paid_out = Money(read_only=True)
    posted = Money(help_text="the sum of by_kind; opening_carry + posted = payable + closing_carry")

    class Meta:
        model = Statement
        fields = [
            *(
                "id",
                "period",
                "month",
                "member",
                "department",
                "payee_department",
                "plan_version",
                "currency",
            ),
            *("opening_carry", "by_kind", "posted", "payable", "closing_carry", "draw_due", "held"),
            *("forfeited", "kept_out", "freed", "paid_out", "published_at", "disputable_until"),
            *("confirmed_at", "version", "updated_at"),
        ]


class Statements(Listed, Shown):
    """Statements of commission: a member's own once they are published, and those of whom he reviews.

    Their lines are the entries of the payee and month.
    """

    model, shape, filters, area = Statement, StatementShape, StatementFilters, "commissions"
    rights = {"read": None, "confirmation": Right.COMMISSION_OWN}
    bodies = {"confirmation": Nothing}
    files = frozenset({"pdf"})
    sorts = {**SORTS, "month": "period__month"}
    ordering = "-month"

    def rows(self) -> QuerySet:
        return payouts.beside(super().rows())

    @action(detail=True, methods=["get"])
    def pdf(self, request: Request, pk: UUID) -> HttpResponse:
        """The statement to print or to keep, in the language of the request."""
        row = self.rows().select_related(*RELATED).filter(pk=pk).first()
        if row is None:
            raise Http404
        paper = printed.statement(row, tenant=self.caller.tenant, viewer=self.viewer, at=self.now)
        return HttpResponse(paper, content_type="application/pdf", headers=printed.named(row))

    @action(detail=True, methods=["post"])
    def confirmation(self, request: Request, pk: UUID) -> HttpResponse:
        """The payee has read his statement."""
        row: Any = self.found(pk)
        self.body()
        statements.confirm(row, **self.act)
        return self.answer(pk)
