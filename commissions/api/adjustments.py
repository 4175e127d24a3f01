"""Adjustments of commission by hand: proposed by one, approved by another within his band."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from commissions import adjusting
from commissions.api.disputes import WITH_FILE, AttachmentShape, Nothing
from commissions.filters import AdjustmentFilters
from commissions.models import Adjustment, LedgerEntry
from commissions.views.adjustments import SORTS
from crm.accounts.models import Department, Member
from crm.accounts.rights import Right
from crm.refusal import Fault, Refused
from crm.web.api import Created, Embed, Input, Listed, Money, Reference, Shape, Shown
from crm.web.api.render import JsonParser


class AdjustmentShape(Shape):
    amount = Money(help_text="the difference that is posted")

    class Meta:
        model = Adjustment
        fields = ["id", "dispute", "corrects", "member", "department", "payee_department", "amount"]
        fields += ["currency", "effective_on", "reason", "state", "proposed_by", "proposed_on", "decided_by"]
        fields += ["decided_on", "decision", "entry", "version", "created_at", "updated_at"]
        embeds = {"attachments": Embed(AttachmentShape, by="adjustment", order="added_at")}


class AdjustmentInput(Input):
    """An adjustment of an entry, or of a payee: corrects, member or department, with a file."""

    corrects = Reference(queryset=LedgerEntry.objects, required=False, allow_null=True)
    member = serializers.UUIDField(required=False, allow_null=True)
    department = serializers.UUIDField(required=False, allow_null=True)
    amount = Money(help_text="what is added; negative what is taken back")
    effective_on = serializers.DateField(required=False, allow_null=True)
    reason = serializers.CharField(max_length=2000)
    file = serializers.FileField(
        required=False, allow_empty_file=True, help_text="PDF, PNG, JPEG, docx or xlsx, at most 10 MB"
    )


class ApprovalInput(Input):
    decision = serializers.CharField(required=False, allow_blank=True, max_length=2000)


class RefusalInput(Input):
    decision = serializers.CharField(max_length=2000)


class Adjustments(Listed, Shown, Created):
    """Corrections by hand. Nobody approves what he proposed or what pays himself; the bands are a setting."""

    model, shape, filters, area = Adjustment, AdjustmentShape, AdjustmentFilters, "commissions"
    rights = {
        "read": None,
        "create": Right.ADJUSTMENT_PROPOSE,
        "approval": Right.ADJUSTMENT_APPROVE,
        "refusal": Right.ADJUSTMENT_APPROVE,
        "withdrawal": Right.ADJUSTMENT_PROPOSE,
    }
    bodies = {
        "create": AdjustmentInput,
        "approval": ApprovalInput,
        "refusal": RefusalInput,
        "withdrawal": Nothing,
    }
    parser_classes = [JsonParser, MultiPartParser]
    max_body = WITH_FILE
    sorts = SORTS
    ordering = "-proposed_at"

    def make(self, data: dict[str, Any]) -> Adjustment:
        member, department = data.pop("member", None), data.pop("department", None)
        if sum(map(bool, (member, department, data.get("corrects")))) > 1:
            words = _("Name the entry, or the member, or the department.")
            raise Refused(Fault("payee", "ambiguous", words))
        payee: Any = Member.objects.filter(pk=member).first() if member else None
        payee = Department.objects.filter(pk=department).first() if department else payee
        return adjusting.propose(**{"file": None, **data}, payee=payee, **self.act)

    @action(detail=True, methods=["post"])
    def approval(self, request: Request, pk: UUID) -> HttpResponse:
        """Approve it and post its entry in the open month."""
        row = self.found(pk)
        adjusting.approve(row, **self.body(), version=self.judge_version(row), **self.act)
        return self.answer(pk)

    @action(detail=True, methods=["post"])
    def refusal(self, request: Request, pk: UUID) -> HttpResponse:
        """Refuse it with words; a dispute that it was to settle is under review again."""
        row = self.found(pk)
        adjusting.refuse(row, **self.body(), version=self.judge_version(row), **self.act)
        return self.answer(pk)

    @action(detail=True, methods=["post"])
    def withdrawal(self, request: Request, pk: UUID) -> HttpResponse:
        """Whoever proposed it takes it back."""
        row = self.found(pk)
        self.judge_version(row)
        self.body()
        adjusting.withdraw(row, **self.act)
        return self.answer(pk)
