"""Contracts: signing, renewing and ending them, and what was spent on them."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from crm.accounts.models import Department, Member
from crm.accounts.rights import Right
from crm.refusal import Fault, Refused
from crm.web.api import Created, Embed, Input, Listed, Money, Reference, Shape, Shown
from crm.web.keyset import Sort
from customers import amending, cash, confirming, contracts
from customers.api.splits import SplitConfirmationShape
from customers.contracts import Expense, Instalment, Share, Terms
from customers.filters.records import ContractFilters, ExpenseFilters
from customers.models import (
    Contract,
    ContractAmendment,
    ContractExpense,
    ContractYear,
    CreditSplit,
    Customer,
    Payment,
    Receivable,
)

ROOMS = {"shares": "splits", "instalments": "receivables"}  # how the verb calls them, and how the API does


class YearShape(Shape):
    class Meta:
        model = ContractYear
        fields = ["id", "number", "starts_on", "ends_on", "gross", "annual_amount"]
        secrets = {"gross": Right.SEE_AMOUNT, "annual_amount": Right.SEE_AMOUNT}


class SplitShape(Shape):
    class Meta:
        model = CreditSplit
        fields = ["id", "position", "member", "department", "basis_points"]


class AmendmentShape(Shape):
    class Meta:
        model = ContractAmendment
        fields = ["id", "number", "amended_on", "entered_on", "gross_before", "gross", "reason", "amended_by"]
        secrets = {"gross_before": Right.SEE_AMOUNT, "gross": Right.SEE_AMOUNT}


class ReceivableShape(Shape):
    currency = serializers.CharField(source="contract.currency", read_only=True)

    class Meta:
        model = Receivable
        fields = ["id", "number", "customer", "contract", "contract_year", "due_on", "milestone"]
        fields += ["amount", "applied", "waived", "written_off", "open", "currency"]
        fields += ["version", "created_at", "updated_at"]
        secrets = dict.fromkeys(["amount", "applied", "waived", "written_off", "open"], Right.SEE_AMOUNT)


class PaymentShape(Shape):
    class Meta:
        model = Payment
        fields = ["id", "number", "customer", "contract", "kind", "amount", "currency", "received_on"]
        fields += ["entered_on", "note", "version", "created_at", "updated_at"]
        secrets = {"amount": Right.SEE_AMOUNT}


class ExpenseShape(Shape):
    class Meta:
        model = ContractExpense
        fields = ["id", "number", "contract", "category", "amount", "incurred_on", "contract_year", "note"]
        fields += ["entered_on", "version", "created_at", "updated_at"]
        read_only_fields = ["entered_on", "version"]
        extra_kwargs = {"contract_year": {"required": False}}


class ContractShape(Shape):
    class Meta:
        model = Contract
        fields = [
            "id",
            "number",
            "customer",
            "title",
            "line",
            "product_kind",
            "gross",
            "vat_rate",
            "currency",
        ]
        fields += ["book_rate", "signed_on", "starts_on", "ends_on", "cancelled_on", "kept_gross"]
        fields += ["renewal_of", "responsible_dept", "signed_by", "entered_on"]
        fields += ["version", "created_at", "updated_at"]
        secrets = {"gross": Right.SEE_AMOUNT, "kept_gross": Right.SEE_AMOUNT}
        embeds = {
            "years": Embed(YearShape, by="contract", order="number"),
            "splits": Embed(SplitShape, by="contract", order="position"),
            "confirmations": Embed(SplitConfirmationShape, by="contract", order="asked_on"),
            "amendments": Embed(AmendmentShape, by="contract", order="number"),
            "receivables": Embed(ReceivableShape, by="contract", right=Right.RECEIVABLE_VIEW, order="due_on"),
            "payments": Embed(PaymentShape, by="contract", right=Right.RECEIVABLE_VIEW, order="-received_on"),
            "expenses": Embed(ExpenseShape, by="contract", right=Right.SEE_EXPENSE, order="-incurred_on"),
        }


class SplitInput(Input):
    """One payee: a member or a department."""

    member = Reference(queryset=Member.objects, required=False, allow_null=True)
    department = Reference(queryset=Department.objects, required=False, allow_null=True)
    basis_points = serializers.IntegerField(min_value=1, max_value=10_000)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs.get("member")) == bool(attrs.get("department")):
            words = _("Name a member or a department, and not both.")
            raise serializers.ValidationError({"member": [serializers.ErrorDetail(words, "one_payee")]})
        return attrs


class InstalmentInput(Input):
    due_on = serializers.DateField()
    amount = Money(min_value=0)
    contract_year = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    milestone = serializers.CharField(required=False, allow_blank=True, max_length=60)


class ExpenseInput(Input):
    number = serializers.CharField(max_length=60)
    category = serializers.ChoiceField(ContractExpense.Category.choices)
    amount = Money(min_value=0)
    incurred_on = serializers.DateField()
    contract_year = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)


class RenewalInput(Input):
    """The terms of a contract; what is left out follows from them."""

    number = serializers.CharField(max_length=60)
    gross = Money(min_value=0)
    signed_on = serializers.DateField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(help_text="the day after the last")
    title = serializers.CharField(required=False, allow_blank=True, max_length=200)
    line = serializers.CharField(required=False, max_length=60)
    product_kind = serializers.ChoiceField(Contract.ProductKind.choices, required=False)
    vat_rate = serializers.DecimalField(max_digits=7, decimal_places=6, required=False)
    currency = serializers.CharField(required=False, max_length=3)
    book_rate = serializers.DecimalField(max_digits=16, decimal_places=8, required=False, allow_null=True)
    schedule = serializers.ListField(
        child=Money(min_value=0), required=False, allow_null=True, max_length=100
    )
    splits = SplitInput(many=True, required=False)
    receivables = InstalmentInput(many=True, required=False)
    expenses = ExpenseInput(many=True, required=False)


class ContractInput(RenewalInput):
    """A contract to sign with a customer."""

    customer = Reference(queryset=Customer.objects)
    renewal_of = Reference(queryset=Contract.objects, required=False, allow_null=True)


class DivisionInput(Input):
    """Another split of a contract whose split is not confirmed yet."""

    splits = SplitInput(many=True)


class CancellationInput(Input):
    cancelled_on = serializers.DateField(help_text="the first day without the contract")
    kept_gross = Money(required=False, allow_null=True, min_value=0)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=200)


class AmendmentInput(Input):
    """The new price for the same term; without `receivables` the dates of the plan stay."""

    gross = Money(min_value=0)
    amended_on = serializers.DateField()
    reason = serializers.CharField(max_length=200)
    schedule = serializers.ListField(
        child=Money(min_value=0), required=False, allow_null=True, max_length=100
    )
    receivables = InstalmentInput(many=True, required=False)


@contextmanager
def in_words_of_the_api(rooms: Mapping[str, str] = ROOMS) -> Iterator[None]:
    """Faults of the verb under the names of the body: `shares[0].payee` is `splits.0.payee`."""
    try:
        yield
    except Refused as refused:
        told = (Fault(_place(f.field, rooms), f.code, f.message) for f in refused.faults)
        raise type(refused)(*told) from refused


def _place(field: str, rooms: Mapping[str, str]) -> str:
    room, _bracket, rest = field.partition("[")
    return f"{rooms.get(room, room)}.{rest.replace(']', '')}" if rest else rooms.get(field, field)


class Contracts(Listed, Shown, Created):
    """Signed contracts over half-open terms [starts_on, ends_on); amended or ended, never edited."""

    model, shape, filters, area = Contract, ContractShape, ContractFilters, "contracts"
    rights = {"read": Right.CONTRACT_VIEW, "write": Right.CONTRACT_SIGN}
    bodies = {"create": ContractInput, "renewal": RenewalInput}
    bodies |= {"amendment": AmendmentInput, "cancellation": CancellationInput, "split": DivisionInput}
    sorts: dict[str, Sort | str] = {
        "number": "number",
        "signed_on": "signed_on",
        "starts_on": "starts_on",
        "ends_on": "ends_on",
        "gross": Sort("gross", right=Right.SEE_AMOUNT),
        "updated_at": "updated_at",
    }
    ordering = "-signed_on"

    def make(self, data: dict[str, Any]) -> Contract:
        return self._sign(data.pop("customer"), data)

    @action(detail=True, methods=["post"])
    def renewal(self, request: Request, pk: UUID) -> HttpResponse:
        """Sign the contract that renews this one."""
        old = self.found(pk)
        self.judge_version(old)
        signed = self._sign(old.customer, {"line": old.line, **self.body(), "renewal_of": old})
        return self.answer(signed.pk, status=201)

    @action(detail=True, methods=["post"])
    def amendment(self, request: Request, pk: UUID) -> HttpResponse:
        """Give this contract another price for the same term."""
        contract, data = self.found(pk), self.body()
        self.judge_version(contract)
        with in_words_of_the_api():
            amending.amend(contract, instalments=_plan(data.pop("receivables", ())), **data, **self.act)
        return self.answer(pk)

    @action(detail=True, methods=["post"])
    def cancellation(self, request: Request, pk: UUID) -> HttpResponse:
        """End this contract before its time."""
        contract = self.found(pk)
        self.judge_version(contract)
        contracts.cancel(contract, **self.body(), **self.act)
        return self.answer(pk)

    @action(detail=True, methods=["post"])
    def split(self, request: Request, pk: UUID) -> HttpResponse:
        """Divide this contract anew while its split is not confirmed; everybody concerned is asked again."""
        contract = self.found(pk)
        self.judge_version(contract)
        with in_words_of_the_api():
            confirming.resplit(contract, shares=_shares(self.body()["splits"]), **self.act)
        return self.answer(pk)

    def _sign(self, customer: Customer, data: dict[str, Any]) -> Contract:
        splits, plan = data.pop("splits", ()), data.pop("receivables", ())
        spent, schedule = data.pop("expenses", ()), data.pop("schedule", None)
        with in_words_of_the_api():
            return contracts.sign(
                customer,
                terms=Terms(**data, schedule=tuple(schedule) if schedule else None),
                shares=_shares(splits),
                instalments=_plan(plan),
                expenses=[Expense(**each) for each in spent],
                **self.act,
            )


def _shares(given: Iterable[dict[str, Any]]) -> list[Share]:
    return [Share(each.get("member") or each["department"], each["basis_points"]) for each in given]


def _plan(given: Iterable[dict[str, Any]]) -> list[Instalment]:
    return [Instalment(**each) for each in given]


class Expenses(Listed, Shown, Created):
    """Direct expenses of contracts, in the tenant's currency, without deductible tax."""

    model, shape, filters, area = ContractExpense, ExpenseShape, ExpenseFilters, "contracts"
    rights = {"read": Right.SEE_EXPENSE, "write": Right.EXPENSE_RECORD}
    sorts = {"incurred_on": "incurred_on", "number": "number"}
    ordering = "-incurred_on"

    def make(self, data: dict[str, Any]) -> ContractExpense:
        return cash.book_expense(data.pop("contract"), **data, **self.act)
