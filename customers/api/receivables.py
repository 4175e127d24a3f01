"""往来账款: accounts (customer × contract) by age, their totals, and the terms agreed of them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.accounts.access import reach
from crm.accounts.rights import Right
from crm.refusal import Fault, Refused
from crm.web.api import ApiView, Created, Derived, Input, Listed, Money, Reference, Shape, Shown
from crm.web.filters import Filters
from crm.web.keyset import Sort
from customers.filters.receivables import AccountFilters
from customers.models import Contract, CreditTerms
from customers.models.openitems import MOST_DAYS
from customers.receivables import ageing, credit
from customers.receivables.ageing import Bucket
from customers.views.receivables import SORTS

AS_OF = {"as_of": "the day from which it is seen, today if left out; the plan is always that of today"}


def as_of(text: str, today: date) -> date:
    """The day that `as_of` names; Refused invalid, in_future."""
    try:
        day = date.fromisoformat(text) if text else today
    except ValueError:
        raise Refused(Fault("as_of", "invalid", _("Write a date, such as 2026-11-20."))) from None
    if day > today:
        raise Refused(Fault("as_of", "in_future", _("This day is still to come.")))
    return day


def _open(aged: Any) -> Decimal:
    return ageing.amounts(aged)["open"]


def _buckets(aged: Any) -> dict[str, str]:
    found = ageing.amounts(aged)
    return {each.value: str(found[each.value]) for each in Bucket}


class AccountShape(Shape):
    oldest = Derived(lambda day: day, "oldest", like=serializers.DateField(), help_text="first open due date")
    open = Derived(lambda aged: str(_open(aged)), "aged", like=Money())
    buckets = Derived(
        _buckets, "aged", like=serializers.DictField(child=Money()), help_text="what is open, by days due"
    )
    credit_days = Derived(
        lambda days: days or 0, "credit_terms__credit_days", like=serializers.IntegerField()
    )
    statement_months = Derived(
        lambda months: months or 1, "credit_terms__statement_months", like=serializers.IntegerField()
    )

    class Meta:
        model = Contract
        fields = ["id", "number", "customer", "currency", "responsible_dept", "oldest", "open", "buckets"]
        fields += ["credit_days", "statement_months"]
        secrets = {"open": Right.SEE_AMOUNT, "buckets": Right.SEE_AMOUNT}


class ReceivableAccounts(Listed, Shown):
    """Contracts of which something is open, by days due, in contract currency; the id is the contract's."""

    model, shape, filters, area = Contract, AccountShape, AccountFilters, "receivables"
    rights = {"read": Right.RECEIVABLE_VIEW}
    parameters = AS_OF
    sorts: Mapping[str, Sort | str] = SORTS
    ordering = "oldest"

    def rows(self) -> QuerySet:
        day = as_of(self.request.GET.get("as_of", ""), self.today)
        return reach(self.viewer, ageing.accounts(day, self.today))


class TotalShape(Input):
    bucket = serializers.ChoiceField(Bucket.choices)
    amount = Money(help_text="in the tenant's currency at the contracts' book rates")
    accounts = serializers.IntegerField()


class AgeingAnswer(Input):
    as_of = serializers.DateField()
    currency = serializers.CharField()
    total = Money()
    buckets = TotalShape(many=True)


class Ageing(ApiView):
    """What is open in all, by days due."""

    resource, area = "receivable-ageing", "receivables"
    rights = {"read": Right.RECEIVABLE_VIEW}
    answers = {"get": AgeingAnswer}
    parameters = {
        **AS_OF,
        "owner": "whose customers; `me`",
        "department": "whose contracts, with all below it; `me`",
        "customer": "of one customer",
    }

    def get(self, request: Request) -> HttpResponse:
        """The buckets of the accounts within reach, or of those of an owner, a department, a customer."""
        if not self.viewer.may(Right.SEE_AMOUNT):
            raise PermissionDenied
        day = as_of(request.GET.get("as_of", ""), self.today)
        rows = reach(self.viewer, ageing.accounts(day, self.today))
        words = request.GET.copy()
        words.pop("as_of", None)
        found = AccountFilters(words, rows, viewer=self.viewer, on=self.today).rows()
        totals = ageing.totals(found, day, self.today)
        answer = {
            "as_of": day,
            "currency": self.caller.tenant.currency,
            "total": str(sum((each.amount for each in totals), ageing.ZERO)),
            "buckets": [
                {"bucket": each.bucket.value, "amount": str(each.amount), "accounts": each.accounts}
                for each in totals
            ],
        }
        return Response(answer)


class CreditTermsShape(Shape):
    class Meta:
        model = CreditTerms
        fields = ["id", "contract", "customer", "credit_days", "statement_months", "note"]
        fields += ["version", "created_at", "updated_at"]


class CreditTermsInput(Input):
    """Terms of the account of a contract, in place of those agreed before."""

    contract = Reference(queryset=Contract.objects)
    credit_days = serializers.IntegerField(min_value=0, max_value=MOST_DAYS)
    statement_months = serializers.IntegerField(required=False, min_value=1, max_value=12)
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)


class CreditTermsFilters(Filters):
    """By customer and contract."""

    class Meta:
        model = CreditTerms
        fields = ["customer", "contract"]


class CreditTermsOf(Listed, Shown, Created):
    """What was agreed of accounts beyond their payment plan (建账); others have 0 days, monthly."""

    model, shape, filters, area = CreditTerms, CreditTermsShape, CreditTermsFilters, "receivables"
    rights = {"read": Right.RECEIVABLE_VIEW, "write": Right.PAYMENT_RECORD}
    bodies = {"create": CreditTermsInput}
    sorts = {"updated_at": "updated_at"}
    ordering = "-updated_at"

    def make(self, data: dict[str, Any]) -> CreditTerms:
        return credit.agree(data.pop("contract"), **data, **self.act)
