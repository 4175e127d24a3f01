"""News of customers, passed on by anybody, answered by whoever is responsible."""

from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.accounts.access import reach
from crm.accounts.rights import Right
from crm.periods import ONE_DAY
from crm.refusal import Fault, Refused
from crm.web.api import ApiView, Created, Derived, Input, Listed, Shape, Shown
from customers.filters.intel import IntelFilters
from customers.intel import counts, relay
from customers.models import Customer, CustomerIntel


def _if_near(near: bool, value: Any) -> Any:
    return value if near else None


def _happened(value: Any) -> bool:
    return value is not None


NEAR = "null beyond the caller's reach"


class IntelShape(Shape):
    acknowledged_by = Derived(
        _if_near, "near", "acknowledged_by", like=serializers.UUIDField(allow_null=True), help_text=NEAR
    )
    escalated_to = Derived(
        _if_near, "near", "escalated_to", like=serializers.UUIDField(allow_null=True), help_text=NEAR
    )
    contract = Derived(
        _if_near, "near", "led_to_contract", like=serializers.UUIDField(allow_null=True), help_text=NEAR
    )
    led_to_contract = Derived(_happened, "led_to_contract", like=serializers.BooleanField())

    class Meta:
        model = CustomerIntel
        fields = ["id", "customer", "called", "member", "department", "kind", "text", "relayed_on", "due_on"]
        fields += ["escalated_on", "escalated_to", "acknowledged_by", "acknowledged_at", "outcome", "answer"]
        fields += ["thanked_on", "thanks", "led_to_contract", "contract"]
        fields += ["version", "created_at", "updated_at"]


class IntelInput(Input):
    """News of a customer; `called` is how the sender names one beyond his reach."""

    customer = serializers.UUIDField(help_text="any customer, as duplicate-checks/ tells it")
    called = serializers.CharField(required=False, max_length=200)
    kind = serializers.ChoiceField(CustomerIntel.Kind.choices, required=False)
    text = serializers.CharField(max_length=4000)


class AcknowledgementInput(Input):
    outcome = serializers.ChoiceField(CustomerIntel.Outcome.choices)
    answer = serializers.CharField(required=False, allow_blank=True, max_length=2000)


class ThanksInput(Input):
    thanks = serializers.CharField(max_length=500)


class Intel(Listed, Shown, Created):
    """News of any customer to whoever is responsible for it (信息通报), with its deadline and outcome.

    The sender sees his own news and its state, and nothing else of a customer beyond his reach.
    """

    model, shape, filters, area = CustomerIntel, IntelShape, IntelFilters, "customers"
    rights = {"read": Right.CUSTOMER_VIEW, "write": Right.CUSTOMER_VIEW}
    bodies = {"create": IntelInput, "acknowledgement": AcknowledgementInput, "thanks": ThanksInput}
    sorts = {"due_on": "due_on", "relayed_on": "relayed_on"}
    ordering = "due_on"

    def rows(self) -> QuerySet:
        near = reach(self.viewer, Customer.objects.filter(pk=OuterRef("customer_id")))
        return super().rows().annotate(near=Exists(near))

    def make(self, data: dict[str, Any]) -> CustomerIntel:
        customer = Customer.objects.filter(pk=data.pop("customer")).first()
        if customer is None:
            raise Refused(Fault("customer", "does_not_exist", _("There is no such record.")))
        if reach(self.viewer, Customer.objects.filter(pk=customer.pk)).exists():
            data["called"] = customer.name
        who: dict[str, Any] = {"sender": self.viewer.member, "at": self.now, "on": self.today}
        return relay.relay(customer, **data, **who)

    @action(detail=True, methods=["post"])
    def acknowledgement(self, request: Request, pk: UUID) -> HttpResponse:
        """Answer the news with what it was worth."""
        relay.acknowledge(self._to_answer(pk), **self.body(), **self.act)
        return self.answer(pk)

    @action(detail=True, methods=["post"])
    def thanks(self, request: Request, pk: UUID) -> HttpResponse:
        """Thank the sender."""
        relay.thank(self._to_answer(pk), **self.body(), **self.act)
        return self.answer(pk)

    def _to_answer(self, pk: UUID) -> CustomerIntel:
        row = self.found(pk)
        if not relay.may_answer(self.viewer, row):
            raise PermissionDenied
        return row


class CountShape(Input):
    member = serializers.UUIDField()
    department = serializers.UUIDField()
    relayed = serializers.IntegerField()
    answered = serializers.IntegerField()
    useful = serializers.IntegerField()
    thanked = serializers.IntegerField()
    signed = serializers.IntegerField(help_text="led to a contract")


class CountsAnswer(Input):
    results = CountShape(many=True)


class IntelCounts(ApiView):
    """How much news people passed on, for evaluation."""

    resource, area = "customer-intel-counts", "customers"
    rights = {"read": Right.FOLLOW_UP_ASSIGN}
    answers = {"get": CountsAnswer}
    parameters = {"since": "the first day, the first of January if left out", "until": "the last day, today"}

    def get(self, request: Request) -> HttpResponse:
        """What everybody in the caller's scope passed on between two days, and what it was worth."""
        since = self._day("since", self.today.replace(month=1, day=1))
        until = self._day("until", self.today) + ONE_DAY
        rows = counts.counts(self.viewer, since, until)
        return Response({"results": [_told(row) for row in rows]})

    def _day(self, name: str, usual: date) -> date:
        text = self.request.GET.get(name)
        try:
            return date.fromisoformat(text) if text else usual
        except ValueError:
            raise Refused(Fault(name, "invalid", _("Write a date, such as 2026-11-20."))) from None


def _told(row: counts.Counted) -> dict[str, Any]:
    who = {"member": str(row.member_id), "department": str(row.department_id)}
    return who | {name: getattr(row, name) for name in counts.PARTS}
