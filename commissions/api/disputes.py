"""申诉: disputes of lines of statements, the files beside them, and the rules of both."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from commissions.attachments import MOST_BYTES
from commissions.filters import AttachmentFilters, DisputePolicyFilters, LineDisputeFilters
from commissions.linedisputes import answering, cases, rules
from commissions.models import Attachment, DisputePolicy, LedgerEntry, LineDispute, Statement
from commissions.views.adjustments import sent
from commissions.views.linedisputes import SORTS
from crm.accounts.rights import Right
from crm.refusal import Fault, Refused
from crm.web.api import Created, Embed, Input, Listed, Money, Reference, Shape, Shown
from crm.web.api.render import JsonParser

WITH_FILE = MOST_BYTES + (1 << 20)  # bytes of a body: the file, and the words beside it


class AttachmentShape(Shape):
    class Meta:
        model = Attachment
        fields = ["id", "dispute", "adjustment", "name", "media_type", "size", "added_by", "added_at"]


class Attachments(Listed, Shown):
    """Files beside disputes and adjustments, for whoever reaches these; the bytes under content/."""

    model, shape, filters, area = Attachment, AttachmentShape, AttachmentFilters, "commissions"
    rights = {"read": None}
    sorts = {"added_at": "added_at"}
    ordering = "-added_at"

    @action(detail=True, methods=["get"])
    def content(self, request: Request, pk: UUID) -> Any:
        """The file itself."""
        return sent(self.found(pk))


class LineDisputeShape(Shape):
    amount = Money(source="entry.amount", help_text="what the line says")
    currency = serializers.CharField(source="entry.currency")
    granted = Money(allow_null=True, help_text="the difference that the answer gives")
    withheld = Money(help_text="what the payout of the statement's month left out")

    class Meta:
        model = LineDispute
        fields = ["id", "statement", "entry", "member", "payee_department", "category", "words", "amount"]
        fields += ["expected", "currency", "opened_on", "answerer", "due_on", "escalated_on", "state"]
        fields += ["taken_on", "answer", "granted", "answered_by", "closed_on", "withheld", "paid_with"]
        fields += ["version", "created_at", "updated_at"]
        embeds = {"attachments": Embed(AttachmentShape, by="dispute", order="added_at")}


class LineDisputeInput(Input):
    """A dispute; as multipart/form-data it takes a file."""

    entry = Reference(queryset=LedgerEntry.objects, help_text="a line of one's own published statement")
    category = serializers.ChoiceField(LineDispute.Category.choices)
    expected = Money(help_text="what the line should say")
    words = serializers.CharField(max_length=2000)
    file = serializers.FileField(
        required=False, allow_empty_file=True, help_text="PDF, PNG, JPEG, docx or xlsx, at most 10 MB"
    )


class AnswerInput(Input):
    outcome = serializers.ChoiceField([(each.value, each.label) for each in answering.OUTCOMES])
    amount = Money(required=False, allow_null=True, help_text="of PARTIAL: what the line should say")
    words = serializers.CharField(max_length=2000)


class Nothing(Input):
    """An empty body."""


class LineDisputes(Listed, Shown, Created):
    """A payee disputes one line of his statement; only that line is kept out of a payout still to come.

    What an answer grants is proposed as an adjustment, which somebody else approves.
    """

    model, shape, filters, area = LineDispute, LineDisputeShape, LineDisputeFilters, "commissions"
    rights = {
        "read": None,
        "create": Right.COMMISSION_OWN,
        "review": Right.COMMISSION_ANSWER,
        "answer_dispute": Right.COMMISSION_ANSWER,
        "withdrawal": Right.COMMISSION_OWN,
    }
    bodies = {
        "create": LineDisputeInput,
        "review": Nothing,
        "answer_dispute": AnswerInput,
        "withdrawal": Nothing,
    }
    parser_classes = [JsonParser, MultiPartParser]
    max_body = WITH_FILE
    sorts = SORTS
    ordering = "due_on"

    def make(self, data: dict[str, Any]) -> LineDispute:
        entry = data.pop("entry")
        mine = Statement.objects.filter(member_id=self.viewer.id, period__month=entry.posting_period)
        row = mine.filter(published_at__isnull=False).first()
        if row is None:
            raise Refused(Fault("entry", "no_line", _("This is no line of a published statement of yours.")))
        return cases.open_dispute(row, entry, **data, **self.act)

    @action(detail=True, methods=["post"])
    def review(self, request: Request, pk: UUID) -> HttpResponse:
        """Take it into review; whoever does is to answer it."""
        row = self.found(pk)
        self.judge_version(row)
        self.body()
        cases.take(row, **self.act)
        return self.answer(pk)

    @action(detail=True, methods=["post"], url_path="answer", url_name="answer")
    def answer_dispute(self, request: Request, pk: UUID) -> HttpResponse:
        """Uphold it, in part, or reject it, with words."""
        row = self.found(pk)
        answering.answer(row, **self.body(), version=self.judge_version(row), **self.act)
        return self.answer(pk)

    @action(detail=True, methods=["post"])
    def withdrawal(self, request: Request, pk: UUID) -> HttpResponse:
        """The payee gives it up."""
        row = self.found(pk)
        self.judge_version(row)
        self.body()
        cases.withdraw(row, **self.act)
        return self.answer(pk)


class DisputePolicyShape(Shape):
    class Meta:
        model = DisputePolicy
        fields = ["id", "valid_from", "valid_to", "open_days", "answer_workdays", "head_below"]
        fields += ["finance_below", "version", "created_at", "updated_at"]


class DisputePolicyInput(Input):
    """Days to dispute and to answer, and below which amounts a head and finance approve adjustments."""

    valid_from = serializers.DateField()
    open_days = serializers.IntegerField()
    answer_workdays = serializers.IntegerField()
    head_below = Money()
    finance_below = Money()


class DisputePolicies(Listed, Shown, Created):
    """The versions of the rules; before the first 30 days, 10 working days, 5,000.00 and 25,000.00."""

    model, shape, filters, area = DisputePolicy, DisputePolicyShape, DisputePolicyFilters, "commissions"
    rights = {"read": None, "write": Right.POLICY_EDIT}
    bodies = {"create": DisputePolicyInput}
    sorts = {"valid_from": "valid_from"}
    ordering = "-valid_from"

    def make(self, data: dict[str, Any]) -> DisputePolicy:
        return rules.lay_down(**data, **self.act)
