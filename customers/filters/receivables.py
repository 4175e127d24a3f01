"""Filters of receivables: accounts (customer × contract) and their instalments."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Member
from crm.accounts.rights import Right
from crm.web.filters import Choices, Day, DepartmentTree, Filters, Related
from customers import search
from customers.filters.records import FOUND_MOST, NUMBER, between
from customers.models import (
    BankLine,
    Contract,
    Dunning,
    DunningPolicy,
    Receivable,
    Reconciliation,
    WriteOff,
)
from customers.receivables.ageing import Bucket, due_within


class Aged(Choices):
    """Instalments in any of several buckets, seen today."""

    def filter(self, qs: QuerySet, value: Any) -> QuerySet:
        found = Q()
        for each in value or ():
            found |= due_within(each, self.parent.on)
        return qs.filter(found) if value else qs


class AnyAged(Choices):
    """Accounts with something open in any of several buckets."""

    def filter(self, qs: QuerySet, value: Any) -> QuerySet:
        return qs.filter(aged__has_any_keys=value) if value else qs


class AnyStep(Choices):
    """Accounts at any of several steps of dunning."""

    field_class = forms.TypedMultipleChoiceField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"coerce": int, **kwargs})


class ReceivableFilters(Filters):
    """Instalments by customer, contract, who is responsible, date, age and what is still open."""

    bucket = Aged(label=_("Due for"), choices=Bucket.choices)
    owner = Related("customer__owner", label=_("Responsible"), to=Member)
    department = DepartmentTree("contract__responsible_dept", label=_("Department"))
    for _name, _filter in (
        *between("due_on", "due_on", Day, _("Due on")),
        *between("amount", "amount", NUMBER, _("Amount")),
        *between("open", "open", NUMBER, _("Open")),
    ):
        locals()[_name] = _filter
    del _name, _filter

    secrets = {"amount": Right.SEE_AMOUNT, "open": Right.SEE_AMOUNT}

    class Meta:
        model = Receivable
        fields = ["customer", "contract", "number"]


class AccountFilters(Filters):
    """Accounts by customer, who is responsible, number and age."""

    search = django_filters.CharFilter(method="found", label=_("Find"), max_length=100)
    dunning = AnyStep("dunning__step", label=_("Dunning"), choices=Dunning.Step.choices)
    bucket = AnyAged(label=_("Due for"), choices=Bucket.choices)
    owner = Related("customer__owner", label=_("Responsible"), to=Member)
    department = DepartmentTree("responsible_dept", label=_("Department"))

    class Meta:
        model = Contract
        fields = ["customer", "number", "currency"]

    def found(self, rows: QuerySet, name: str, term: str) -> QuerySet:
        """Accounts by a part of the contract's number, or by what finds the customer."""
        return rows.filter(
            Q(number__icontains=term) | Q(customer_id__in=search.reachable(self.viewer, term, FOUND_MOST))
        )


class WriteOffFilters(Filters):
    """Write-offs and their corrections by customer, contract, state and day."""

    for _name, _filter in between("proposed_on", "proposed_on", Day, _("Proposed on")):
        locals()[_name] = _filter
    del _name, _filter

    class Meta:
        model = WriteOff
        fields = ["customer", "contract", "kind", "state", "proposed_by", "corrects"]


class ReconciliationFilters(Filters):
    """Statements of account by customer, currency, state and period."""

    for _name, _filter in (
        *between("starts_on", "starts_on", Day, _("From")),
        *between("ends_on", "ends_on", Day, _("Day after the last")),
    ):
        locals()[_name] = _filter
    del _name, _filter

    class Meta:
        model = Reconciliation
        fields = ["customer", "currency", "state"]


class BankLineFilters(Filters):
    """Bank lines by state, day, amount and serial number."""

    for _name, _filter in (
        *between("received_on", "received_on", Day, _("Received on")),
        *between("amount", "amount", NUMBER, _("Amount")),
    ):
        locals()[_name] = _filter
    del _name, _filter

    secrets = {"amount": Right.SEE_AMOUNT}

    class Meta:
        model = BankLine
        fields = ["state", "serial", "payer", "account", "currency", "by"]


class DunningFilters(Filters):
    """Dunned accounts by customer, contract and step."""

    step = AnyStep("step", label=_("Dunning"), choices=Dunning.Step.choices)

    class Meta:
        model = Dunning
        fields = ["customer", "contract"]


class DunningPolicyFilters(Filters):
    """Versions of the steps by their first day."""

    class Meta:
        model = DunningPolicy
        fields = ["valid_from"]
