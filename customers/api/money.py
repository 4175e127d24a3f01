"""What is due, and the money that comes and goes."""

from dataclasses import replace
from datetime import date
from typing import Any

from rest_framework import serializers

from crm.accounts.rights import Right
from crm.refusal import Refused
from crm.web.api import Created, Input, Listed, Money, Reference, Shown
from crm.web.keyset import Sort
from customers import cash
from customers.api.agreements import PaymentShape, ReceivableShape
from customers.filters.receivables import ReceivableFilters
from customers.filters.records import PaymentFilters
from customers.models import Contract, Payment, Receivable


class Receivables(Listed, Shown):
    """Instalments of contracts with what is settled of them, in contract currency."""

    model, shape, filters, area = Receivable, ReceivableShape, ReceivableFilters, "receivables"
    rights = {"read": Right.RECEIVABLE_VIEW}
    sorts: dict[str, Sort | str] = {
        "due_on": "due_on",
        "number": "number",
        "amount": Sort("amount", right=Right.SEE_AMOUNT),
    }
    ordering = "due_on"


class PaymentInput(Input):
    """Money received for a contract, or given back (kind REFUND), in the contract's currency."""

    contract = Reference(queryset=Contract.objects)
    number = serializers.CharField(max_length=60)
    kind = serializers.ChoiceField(Payment.Kind.choices, default=Payment.Kind.RECEIPT)
    amount = Money()
    received_on = serializers.DateField()
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)


class Payments(Listed, Shown, Created):
    """Receipts and refunds. The same number with the same content again changes nothing."""

    model, shape, filters, area = Payment, PaymentShape, PaymentFilters, "payments"
    rights = {"read": Right.RECEIVABLE_VIEW, "write": Right.PAYMENT_RECORD}
    bodies = {"create": PaymentInput}
    sorts = {"received_on": "received_on", "number": "number"}
    ordering = "-received_on"

    def make(self, data: dict[str, Any]) -> Payment:
        contract, day = data.pop("contract"), data.pop("received_on")
        if data.pop("kind") == Payment.Kind.REFUND:
            return self._refund(contract, day, data)
        return cash.receive(contract, received_on=day, **data, **self.act)

    def _refund(self, contract: Contract, day: date, data: dict[str, Any]) -> Payment:
        """A refund; its day is told by the name it has in the body."""
        try:
            return cash.refund(contract, refunded_on=day, **data, **self.act)
        except Refused as refused:
            names = {"refunded_on": "received_on"}
            faults = (replace(each, field=names.get(each.field, each.field)) for each in refused.faults)
            raise type(refused)(*faults) from refused
