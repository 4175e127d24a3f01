"""核销坏账 by the API: proposing, deciding, correcting."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from crm.accounts.rights import Right
from crm.web.api import Created, Input, Listed, Money, Reference, Shape, Shown
from customers.filters.receivables import WriteOffFilters
from customers.models import Receivable, WriteOff
from customers.receivables import writeoffs


class WriteOffShape(Shape):
    class Meta:
        model = WriteOff
        fields = ["id", "number", "customer", "contract", "instalment", "contract_year", "kind", "corrects"]
        fields += ["amount", "currency", "reason", "state", "proposed_by", "proposed_on"]
        fields += ["decided_by", "decided_on", "answer", "version", "created_at", "updated_at"]
        secrets = {"amount": Right.SEE_AMOUNT}


class WriteOffInput(Input):
    """Money of an overdue instalment to be given up, in contract currency."""

    receivable = Reference(queryset=Receivable.objects)
    amount = Money()
    reason = serializers.CharField(max_length=500)


class CorrectionInput(Input):
    amount = Money()
    reason = serializers.CharField(max_length=500)


class AnswerInput(Input):
    answer = serializers.CharField(max_length=500)


class Nothing(Input):
    """An empty body."""


class WriteOffs(Listed, Shown, Created):
    """Money given up (WRITE_OFF) and taken back (CORRECTION), in contract currency.

    Proposed by finance, approved by an executive, never by the one who proposed it.
    """

    model, shape, filters, area = WriteOff, WriteOffShape, WriteOffFilters, "receivables"
    rights = {
        "read": Right.RECEIVABLE_VIEW,
        "write": Right.PAYMENT_RECORD,
        "approval": Right.WRITE_OFF_APPROVE,
        "refusal": Right.WRITE_OFF_APPROVE,
    }
    bodies = {
        "create": WriteOffInput,
        "approval": Nothing,
        "refusal": AnswerInput,
        "withdrawal": Nothing,
        "correction": CorrectionInput,
    }
    sorts = {"proposed_on": "proposed_on"}
    ordering = "-proposed_on"

    def make(self, data: dict[str, Any]) -> WriteOff:
        return writeoffs.propose(data.pop("receivable"), **data, **self.act)

    @action(detail=True, methods=["post"])
    def approval(self, request: Request, pk: UUID) -> HttpResponse:
        """Let the proposal hold from today; whoever made it does not."""
        self.body()
        row = self.found(pk)
        writeoffs.approve(row, version=self.judge_version(row), **self.act)
        return self.answer(pk)

    @action(detail=True, methods=["post"])
    def refusal(self, request: Request, pk: UUID) -> HttpResponse:
        """Say no, and why."""
        row = self.found(pk)
        writeoffs.refuse(row, version=self.judge_version(row), **self.body(), **self.act)
        return self.answer(pk)

    @action(detail=True, methods=["post"])
    def withdrawal(self, request: Request, pk: UUID) -> HttpResponse:
        """Take one's own proposal back."""
        self.body()
        row = self.found(pk)
        if row.proposed_by_id != self.viewer.id:
            raise PermissionDenied
        writeoffs.withdraw(row, version=self.judge_version(row), **self.act)
        return self.answer(pk)

    @action(detail=True, methods=["post"])
    def correction(self, request: Request, pk: UUID) -> HttpResponse:
        """Propose to take an approved write-off back, whole or in part; answers the correction."""
        made = writeoffs.correct(self.found(pk), **self.body(), **self.act)
        return self.answer(made.pk, 201)
