"""撞单: claims to customers of others, their evidence, and how they were ruled."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.accounts.access import reach
from crm.accounts.rights import Right
from crm.refusal import Fault, Refused
from crm.web.api import ApiView, Created, Derived, Embed, Input, Listed, Shape, Shown
from crm.web.filters import Filters
from customers.disputes import cases, proofs, rulings
from customers.filters.disputes import DisputeFilters
from customers.models import Customer, DisputeEvidence, DisputeRuling, OwnershipDispute
from customers.models.dispute import Outcome, Proof, Side

BEYOND = "null for a claimant who does not reach the customer"


def _if_whole(whole: bool, value: Any) -> Any:
    return value if whole else None


class EvidenceShape(Shape):
    class Meta:
        model = DisputeEvidence
        fields = ["id", "dispute", "side", "kind", "text", "dated_on", "member", "added_on"]


class RulingShape(Shape):
    class Meta:
        model = DisputeRuling
        fields = ["id", "dispute", "instance", "outcome", "claimant_basis_points", "reason"]
        fields += ["concealed", "by", "on", "at"]


class DisputeShape(Shape):
    respondent = Derived(
        _if_whole, "whole", "respondent", like=serializers.UUIDField(allow_null=True), help_text=BEYOND
    )
    answer = Derived(
        _if_whole, "whole", "answer", like=serializers.CharField(allow_null=True), help_text=BEYOND
    )

    class Meta:
        model = OwnershipDispute
        fields = ["id", "customer", "called", "state", "claimant", "claimant_dept", "respondent"]
        fields += ["respondent_dept", "statement", "opened_on", "answer", "answered_on", "judge", "due_on"]
        fields += ["escalated_on", "appeal_until", "appealed_on", "closed_on"]
        fields += ["version", "created_at", "updated_at"]
        embeds = {
            "evidence": Embed(EvidenceShape, by="dispute", order="added_on"),
            "rulings": Embed(RulingShape, by="dispute", order="at"),
        }


class DisputeInput(Input):
    """A claim; `called` is how the claimant names a customer beyond his reach."""

    customer = serializers.UUIDField(help_text="any customer, as duplicate-checks/ tells it")
    called = serializers.CharField(required=False, max_length=200)
    statement = serializers.CharField(max_length=4000)


class EvidenceInput(Input):
    kind = serializers.ChoiceField(Proof.choices)
    text = serializers.CharField(max_length=2000)
    dated_on = serializers.DateField(required=False, allow_null=True)


class AnswerInput(Input):
    answer = serializers.CharField(max_length=4000)


class RulingInput(Input):
    outcome = serializers.ChoiceField(Outcome.choices)
    claimant_basis_points = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=9_999,
        help_text="of a SPLIT; halves if absent",
    )
    reason = serializers.CharField(max_length=2000)
    concealed = serializers.BooleanField(
        required=False, help_text="the losing side concealed something: all credit is the other's"
    )


class AppealInput(Input):
    appeal = serializers.CharField(max_length=4000)


class Nothing(Input):
    """An empty body."""


class WeighedShape(Input):
    kind = serializers.ChoiceField(Proof.choices)
    claimant = serializers.DictField(allow_null=True, help_text="what the records say for that side")
    respondent = serializers.DictField(allow_null=True)
    favours = serializers.ChoiceField(Side.choices, allow_null=True)


class ProposalAnswer(Input):
    outcome = serializers.ChoiceField(Outcome.choices)
    claimant_basis_points = serializers.IntegerField()
    by = serializers.ChoiceField(Proof.choices, allow_null=True, help_text="null: no proof decides")
    proofs = WeighedShape(many=True)


class OwnershipDisputes(Listed, Shown, Created):
    """Two people pursue one customer (撞单): who claims it, who rules by when, and how it ended.

    A claimant sees of a customer beyond his reach his own side and the rulings, and nothing else.
    """

    model, shape, filters, area = OwnershipDispute, DisputeShape, DisputeFilters, "customers"
    rights = {"read": Right.DISPUTE_VIEW, "write": Right.DISPUTE_VIEW, "create": Right.DISPUTE_OPEN}
    bodies = {
        "create": DisputeInput,
        "evidence": EvidenceInput,
        "answer_claim": AnswerInput,
        "ruling": RulingInput,
        "appeal": AppealInput,
        "withdrawal": Nothing,
    }
    sorts = {"due_on": "due_on", "opened_on": "opened_on"}
    ordering = "due_on"

    def rows(self) -> QuerySet:
        whole = OwnershipDispute.objects.filter(OwnershipDispute.whole(self.viewer), pk=OuterRef("pk"))
        return super().rows().annotate(whole=Exists(whole))

    def make(self, data: dict[str, Any]) -> OwnershipDispute:
        customer = Customer.objects.filter(pk=data.pop("customer")).first()
        if customer is None:
            raise Refused(Fault("customer", "does_not_exist", _("There is no such record.")))
        if reach(self.viewer, Customer.objects.filter(pk=customer.pk)).exists():
            data["called"] = customer.name
        who: dict[str, Any] = {"claimant": self.viewer.member, "at": self.now, "on": self.today}
        return cases.open_dispute(customer, **data, **who)

    @action(detail=True, methods=["post"])
    def evidence(self, request: Request, pk: UUID) -> HttpResponse:
        """Bring evidence for one's own side."""
        cases.bring(self._to("bring", pk), **self.body(), **self.act)
        return self.answer(pk)

    @action(detail=True, methods=["post"], url_path="answer", url_name="answer")
    def answer_claim(self, request: Request, pk: UUID) -> HttpResponse:
        """The respondent's statement, once."""
        cases.answer(self._to("answer", pk), **self.body(), **self.act)
        return self.answer(pk)

    @action(detail=True, methods=["post"])
    def ruling(self, request: Request, pk: UUID) -> HttpResponse:
        """Rule for one side or divide; after an appeal for good."""
        rulings.rule(self._to("rule", pk), **self.body(), **self.act)
        return self.answer(pk)

    @action(detail=True, methods=["post"])
    def appeal(self, request: Request, pk: UUID) -> HttpResponse:
        """Take the first ruling to a senior manager within five working days."""
        rulings.appeal(self._to("appeal", pk), **self.body(), **self.act)
        return self.answer(pk)

    @action(detail=True, methods=["post"])
    def withdrawal(self, request: Request, pk: UUID) -> HttpResponse:
        """Give the claim up before it is ruled."""
        self.body()
        cases.withdraw(self._to("withdraw", pk), **self.act)
        return self.answer(pk)

    def _to(self, act: str, pk: UUID) -> OwnershipDispute:
        row = self.found(pk)
        if act not in cases.acts_of(row, self.viewer.id):
            raise PermissionDenied
        return row


class Proposals(ApiView):
    """What the order of proofs suggests for a dispute."""

    resource, area = "ownership-disputes", "customers"
    rights = {"read": Right.DISPUTE_VIEW}
    answers = {"get": ProposalAnswer}

    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """The outcome that the records suggest, as they stood when the dispute was opened."""
        rows = reach(self.viewer, OwnershipDispute.objects.filter(OwnershipDispute.whole(self.viewer), pk=pk))
        row = rows.select_related("customer__standing", "customer__responsible_dept").first()
        if row is None:
            raise Http404
        return Response(proofs.propose(row).told)


class OfDispute(Filters):
    """By dispute."""

    class Meta:
        model = DisputeEvidence
        fields = ["dispute"]


class OfRuling(Filters):
    """By dispute."""

    class Meta:
        model = DisputeRuling
        fields = ["dispute", "outcome"]


class Evidence(Listed, Shown):
    """What the sides of disputes bring forward; the respondent's is concealed beyond one's reach."""

    model, shape, filters, area = DisputeEvidence, EvidenceShape, OfDispute, "customers"
    rights = {"read": Right.DISPUTE_VIEW}
    sorts = {"added_on": "added_on"}
    ordering = "added_on"


class Rulings(Listed, Shown):
    """How disputes were ruled."""

    model, shape, filters, area = DisputeRuling, RulingShape, OfRuling, "customers"
    rights = {"read": Right.DISPUTE_VIEW}
    sorts = {"on": "on"}
    ordering = "on"
