"""Bank lines by the API: what arrived, whose it may be, and the person's word. Files come by imports/."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.accounts.rights import Right
from crm.web.api import Input, Listed, Reference, Shape, Shown
from customers.filters.receivables import BankLineFilters
from customers.models import BankLine, Contract
from customers.receivables import banking


class BankLineShape(Shape):
    class Meta:
        model = BankLine
        fields = ["id", "serial", "received_on", "payer", "amount", "currency", "reference", "account"]
        fields += ["state", "by", "payment", "decided_by", "decided_on", "reason", "entered_on"]
        fields += ["version", "created_at", "updated_at"]
        secrets = {"amount": Right.SEE_AMOUNT}


class MatchInput(Input):
    contract = Reference(queryset=Contract.objects)


class SetAsideInput(Input):
    reason = serializers.CharField(max_length=200)


class Nothing(Input):
    """An empty body."""


class SuggestionShape(Input):
    contract = serializers.UUIDField()
    number = serializers.CharField()
    customer = serializers.UUIDField()
    by_number = serializers.BooleanField(help_text="the reference names the contract")
    by_name = serializers.BooleanField(help_text="the payer is the customer, folded as in duplicate-checks/")
    by_amount = serializers.BooleanField(help_text="exactly what is open")


class SuggestionsAnswer(Input):
    results = SuggestionShape(many=True)


class BankLines(Listed, Shown):
    """Lines of the bank (`imports/` kind bank-lines). Nothing is matched without a person or the exact rule:
    the contract's number in the reference, and exactly what is open of it."""

    model, shape, filters, area = BankLine, BankLineShape, BankLineFilters, "payments"
    rights = {"read": Right.RECEIVABLE_VIEW, "write": Right.PAYMENT_RECORD}
    bodies = {"matching": MatchInput, "setting_aside": SetAsideInput, "reopening": Nothing}
    answers = {"suggestions": SuggestionsAnswer}
    sorts = {"received_on": "received_on"}
    ordering = "-received_on"

    @action(detail=True, methods=["get"])
    def suggestions(self, request: Request, pk: UUID) -> HttpResponse:
        """The contracts that may be behind an open line, the likeliest first."""
        row: Any = self.found(pk)
        found = banking.suggestions([row])[row.pk]
        return Response({"results": [_told(each) for each in found]})

    @action(detail=True, methods=["post"])
    def matching(self, request: Request, pk: UUID) -> HttpResponse:
        """Record it as a receipt of a contract."""
        return self._done(pk, banking.match)

    @action(detail=True, methods=["post"], url_path="setting-aside")
    def setting_aside(self, request: Request, pk: UUID) -> HttpResponse:
        """It is no receipt of a customer."""
        return self._done(pk, banking.set_aside)

    @action(detail=True, methods=["post"])
    def reopening(self, request: Request, pk: UUID) -> HttpResponse:
        """It is one after all."""
        return self._done(pk, banking.reopen)

    def _done(self, pk: UUID, verb: Any) -> HttpResponse:
        row = self.found(pk)
        verb(row, version=self.judge_version(row), **self.body(), **self.act)
        return self.answer(pk)


def _told(found: banking.Suggestion) -> dict[str, Any]:
    about = {"contract": str(found.contract.pk), "number": found.contract.number}
    why = {name: getattr(found, name) for name in ("by_number", "by_name", "by_amount")}
    return about | {"customer": str(found.contract.customer_id)} | why
