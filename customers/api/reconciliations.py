"""对账单 by the API: prepared, sent, signed or disagreed with, and as PDF."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from crm.accounts.rights import Right
from crm.web.api import Created, Deleted, Derived, Input, Listed, Money, Reference, Shape, Shown
from customers.filters.receivables import ReconciliationFilters
from customers.models import Customer, Reconciliation
from customers.receivables import reconciling
from customers.receivables.movements import PARTS
from customers.views import printed

SECRET = ("opening", *PARTS, "closing", "difference", "lines", "their_closing")


class LineShape(Input):
    on = serializers.DateField()
    kind = serializers.ChoiceField([(part, part) for part in PARTS])
    number = serializers.CharField()
    contract = serializers.CharField()
    amount = Money()


class ReconciliationShape(Shape):
    lines = Derived(lambda lines: lines, "lines", like=LineShape(many=True))
    their_closing = Derived(
        lambda closing, difference: None if difference is None else str(closing + difference),
        "closing",
        "difference",
        like=Money(allow_null=True),
    )

    class Meta:
        model = Reconciliation
        fields = ["id", "customer", "currency", "starts_on", "ends_on", "opening", *PARTS, "closing"]
        fields += ["lines", "worked_on", "state", "prepared_by", "sent_on", "answered_on", "signatory"]
        fields += ["difference", "their_closing", "answer", "version", "created_at", "updated_at"]
        secrets = dict.fromkeys(SECRET, Right.SEE_AMOUNT)


class ReconciliationInput(Input):
    """Whose account, over which days: the period is [starts_on, ends_on)."""

    customer = Reference(queryset=Customer.objects)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(help_text="the day after the last")
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False)


class SignatureInput(Input):
    signatory = serializers.CharField(max_length=60)
    answered_on = serializers.DateField()


class DisagreementInput(SignatureInput):
    their_closing = Money(help_text="the closing balance in the customer's books")
    answer = serializers.CharField(max_length=1000)


class Nothing(Input):
    """An empty body."""


class Reconciliations(Listed, Shown, Created, Deleted):
    """Statements of account (对账单) by customer, period and currency.

    opening + due − received + refunded − written_off = closing; `difference` is theirs less ours. Only a
    draft can be deleted.
    """

    model, shape, filters, area = Reconciliation, ReconciliationShape, ReconciliationFilters, "receivables"
    rights = {"read": Right.RECEIVABLE_VIEW, "write": Right.PAYMENT_RECORD}
    bodies = {
        "create": ReconciliationInput,
        "sending": Nothing,
        "signature": SignatureInput,
        "disagreement": DisagreementInput,
        "redraft": Nothing,
    }
    sorts = {"ends_on": "ends_on"}
    ordering = "-ends_on"

    def make(self, data: dict[str, Any]) -> Reconciliation:
        data.setdefault("currency", self.caller.tenant.currency)
        return reconciling.prepare(data.pop("customer"), **data, **self.act)

    def remove(self, row: Reconciliation) -> None:
        reconciling.discard(row, **self.act)

    @action(detail=True, methods=["post"])
    def sending(self, request: Request, pk: UUID) -> HttpResponse:
        """It went to the customer; its figures are worked out anew and stay."""
        return self._done(pk, reconciling.send)

    @action(detail=True, methods=["post"])
    def signature(self, request: Request, pk: UUID) -> HttpResponse:
        """The customer signed it."""
        return self._done(pk, reconciling.sign)

    @action(detail=True, methods=["post"])
    def disagreement(self, request: Request, pk: UUID) -> HttpResponse:
        """The customer's books close at another amount."""
        return self._done(pk, reconciling.disagree)

    @action(detail=True, methods=["post"])
    def redraft(self, request: Request, pk: UUID) -> HttpResponse:
        """Make it a draft again, to be sent anew."""
        return self._done(pk, reconciling.redraft)

    def _done(self, pk: UUID, verb: Any) -> HttpResponse:
        row = self.found(pk)
        verb(row, version=self.judge_version(row), **self.body(), **self.act)
        return self.answer(pk)

    @action(detail=True, methods=["get"])
    def pdf(self, request: Request, pk: UUID) -> HttpResponse:
        """The statement to print, in the language of the request."""
        row = self.rows().select_related("customer").filter(pk=pk).first()
        if row is None or not self.viewer.may(Right.SEE_AMOUNT):
            raise Http404
        paper = printed.reconciliation(row, tenant=self.caller.tenant, viewer=self.viewer, at=self.now)
        return HttpResponse(paper, content_type="application/pdf", headers=printed.named(row))
