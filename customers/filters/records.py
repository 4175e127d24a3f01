"""What lists of customers and of what belongs to them may be filtered by: one FilterSet for page and API."""

from collections.abc import Iterable, Mapping
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Member
from crm.accounts.rights import Right
from crm.web.filters import Choices as AnyOf
from crm.web.filters import Day, DepartmentTree, Filters, Related, Several
from crm.web.templatetags.marks import STAGES, TIERS
from customers import search
from customers.filters.segments import InSegment
from customers.models import (
    Collaboration,
    Contact,
    Contract,
    ContractExpense,
    Customer,
    CustomerTag,
    Interaction,
    OwnershipCredit,
    Payment,
    Tag,
    Usage,
    ValueSegment,
)

FOUND_MOST = 2000
BANDS = [("RED", _("high")), ("AMBER", _("medium")), ("GREEN", _("low"))]


class Words(list[str]):
    """Several words of a list, and how they are said together."""

    labels: Mapping[str, Any] = {}

    def __str__(self) -> str:
        return ", ".join(str(self.labels.get(word, word)) for word in self)


class WordsField(forms.Field):
    """Words given by repetition or with commas, each of at most 60 characters."""

    widget = Several

    def __init__(self, *, labels: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        self.labels = labels or {}
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Words:
        words = Words(value or ())
        words.labels = self.labels
        if any(len(word) > 60 for word in words):
            raise ValidationError(_("A word here has at most 60 characters."), "too_long")
        return words


class AnyWord(django_filters.Filter):
    """Any of several words that the tenant itself chose, such as its tiers or provinces; some have labels."""

    field_class = WordsField

    def filter(self, qs: QuerySet, value: Words) -> QuerySet:
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs


class OnCustomer(Related):
    """Customers with any of several tags, each row once."""

    def among(self, ids: list[Any]) -> Q:
        return Q(pk__in=CustomerTag.objects.filter(tag_id__in=ids).values("customer_id"))


class Helped(Related):
    """Customers that any of several people helps with today."""

    def among(self, ids: list[Any]) -> Q:
        helping = Collaboration.objects.filter(member_id__in=ids, valid_to=None)
        return Q(pk__in=helping.values("customer_id"))


def between(
    name: str, path: str, kind: type[django_filters.Filter], label: Any
) -> Iterable[tuple[str, django_filters.Filter]]:
    """The filters of a column that has an order: exact, and its bounds."""
    yield name, kind(path, label=label)
    for lookup in ("gte", "gt", "lte", "lt"):
        yield f"{name}__{lookup}", kind(path, lookup, label=label)


NUMBER = django_filters.NumberFilter


class CustomerFilters(Filters):
    """Customers by what they are, by where they stand, and by any part of their name."""

    search = django_filters.CharFilter(method="found", label=_("Find"), max_length=100)
    tier = AnyWord(
        "standing__tier", label=_("Tier"), labels={code: words[1] for code, words in TIERS.items()}
    )
    stage = AnyOf("standing__stage", label=_("Stage"), choices=list(STAGES.items()))
    risk_band = AnyOf("standing__risk_band", label=_("Risk"), choices=BANDS)
    rfm_segment = AnyOf("standing__rfm_segment", label=_("Value segment"), choices=ValueSegment.choices)
    owner = Related("owner", label=_("Responsible"), to=Member)
    helper = Helped("collaborations__member", label=_("Collaborator"), to=Member)
    department = DepartmentTree("responsible_dept", label=_("Department"))
    tag = OnCustomer("customer_tags__tag", label=_("Tag"), to=Tag)
    segment = InSegment("pk", label=_("Segment"))
    late_by_strategy = django_filters.BooleanFilter(method="is_unattended", label=_("Late by strategy"))
    overdue = django_filters.BooleanFilter(method="has_overdue", label=_("Overdue"))
    neglected = django_filters.BooleanFilter(
        "neglects__flagged_on", "isnull", exclude=True, label=_("Neglected")
    )
    region = AnyWord(method="in_region", label=_("Region"))
    province = AnyWord("province", label=_("Province"))
    city = AnyWord("city", label=_("City"))
    industry = AnyWord("industry", label=_("Industry"))
    for _name, _filter in (
        *between("annual_amount", "standing__annual_amount", NUMBER, _("Annual amount")),
        *between("overdue_amount", "standing__overdue_amount", NUMBER, _("Overdue")),
        *between("open_amount", "standing__open_amount", NUMBER, _("Receivable")),
        *between("rfm_value", "standing__rfm_value", NUMBER, _("Customer value")),
        *between("risk_score", "standing__risk_score", NUMBER, _("Risk score")),
        *between("contracts_in_force", "standing__contracts_in_force", NUMBER, _("Contracts in force")),
        *between("first_ends_on", "standing__first_ends_on", Day, _("First to end")),
        *between("last_contact_on", "standing__last_contact_on", Day, _("Last contact")),
        *between("contact_due_on", "standing__contact_due_on", Day, _("Contact due by strategy")),
        *between("next_on", "standing__next_on", Day, _("Next step")),
        *between("registered_on", "registered_on", Day, _("Registered on")),
        *between("updated_at", "updated_at", django_filters.IsoDateTimeFilter, _("Changed")),
    ):
        locals()[_name] = _filter
    del _name, _filter

    secrets = {
        "annual_amount": Right.SEE_AMOUNT,
        "overdue": Right.RECEIVABLE_VIEW,
        "overdue_amount": Right.RECEIVABLE_VIEW,
        "open_amount": Right.RECEIVABLE_VIEW,
        "credit_code": Right.SEE_CREDIT_CODE,
        "risk_band": Right.RISK_VIEW,
        "risk_score": Right.RISK_VIEW,
    }

    class Meta:
        model = Customer
        fields = ["name", "code", "credit_code", "source", "parent", "is_blocked"]

    def found(self, rows: QuerySet, name: str, term: str) -> QuerySet:
        """Rows that the term finds: a part of the name, pinyin, initials, credit code."""
        return rows.filter(pk__in=search.reachable(self.viewer, term, FOUND_MOST))

    def has_overdue(self, rows: QuerySet, name: str, wanted: bool) -> QuerySet:
        """Rows with or without something overdue."""
        late = Q(standing__overdue_amount__gt=0)
        return rows.filter(late if wanted else ~late)

    def is_unattended(self, rows: QuerySet, name: str, wanted: bool) -> QuerySet:
        """Rows whose owner should have been in touch by what their strategy asks for, or the others."""
        late = Q(standing__contact_due_on__lt=self.on, owner__isnull=False)
        return rows.filter(late if wanted else ~late)

    def in_region(self, rows: QuerySet, name: str, words: Words) -> QuerySet:
        """Rows in any of several provinces or cities."""
        return rows.filter(Q(province__in=words) | Q(city__in=words))


class ContactFilters(Filters):
    """People at customers."""

    secrets = {"phone": Right.SEE_PHONE}

    class Meta:
        model = Contact
        fields = ["customer", "name", "phone", "email", "is_primary"]


class ContractFilters(Filters):
    """Contracts by customer, dates, amount, line and department."""

    search = django_filters.CharFilter(method="found", label=_("Find"), max_length=100)
    department = DepartmentTree("responsible_dept", label=_("Department"))
    owner = Related("customer__owner", label=_("Responsible"), to=Member)
    is_cancelled = django_filters.BooleanFilter("cancelled_on", "isnull", exclude=True, label=_("Cancelled"))
    for _name, _filter in (
        *between("signed_on", "signed_on", Day, _("Signed on")),
        *between("starts_on", "starts_on", Day, _("Starts on")),
        *between("ends_on", "ends_on", Day, _("Day after the last")),
        *between("gross", "gross", NUMBER, _("Amount incl. VAT")),
        *between("updated_at", "updated_at", django_filters.IsoDateTimeFilter, _("Changed")),
    ):
        locals()[_name] = _filter
    del _name, _filter

    secrets = {"gross": Right.SEE_AMOUNT}

    class Meta:
        model = Contract
        fields = ["customer", "number", "line", "product_kind", "currency", "signed_by", "renewal_of"]

    def found(self, rows: QuerySet, name: str, term: str) -> QuerySet:
        """Contracts by a part of their number, or by what finds their customer."""
        return rows.filter(
            Q(number__icontains=term) | Q(customer_id__in=search.reachable(self.viewer, term, FOUND_MOST))
        )


class ExpenseFilters(Filters):
    """Expenses by contract, category and date."""

    for _name, _filter in between("incurred_on", "incurred_on", Day, _("Date")):
        locals()[_name] = _filter
    del _name, _filter

    class Meta:
        model = ContractExpense
        fields = ["contract", "number", "category", "contract_year"]


class PaymentFilters(Filters):
    """Receipts and refunds by customer, contract, kind and date."""

    for _name, _filter in (
        *between("received_on", "received_on", Day, _("Received on")),
        *between("amount", "amount", NUMBER, _("Amount")),
    ):
        locals()[_name] = _filter
    del _name, _filter

    secrets = {"amount": Right.SEE_AMOUNT}

    class Meta:
        model = Payment
        fields = ["customer", "contract", "number", "kind", "currency"]


class InteractionFilters(Filters):
    """Contacts that happened, by customer, person, kind and date."""

    for _name, _filter in (
        *between("on", "on", Day, _("Date")),
        *between("at", "at", django_filters.IsoDateTimeFilter, _("Time")),
    ):
        locals()[_name] = _filter
    del _name, _filter

    class Meta:
        model = Interaction
        fields = ["customer", "contact", "member", "kind", "is_effective", "number"]


class UsageFilters(Filters):
    """Use of the service by customer, day and measure."""

    for _name, _filter in between("day", "day", Day, _("Day")):
        locals()[_name] = _filter
    del _name, _filter

    class Meta:
        model = Usage
        fields = ["customer", "measure"]


class OwnershipFilters(Filters):
    """Dated credits by customer, person and part."""

    is_open = django_filters.BooleanFilter("valid_to", "isnull", label=_("In force"))
    for _name, _filter in between("valid_from", "valid_from", Day, _("From")):
        locals()[_name] = _filter
    del _name, _filter

    class Meta:
        model = OwnershipCredit
        fields = ["customer", "member", "department", "role", "rule"]


class TagFilters(Filters):
    """Tags by their name."""

    class Meta:
        model = Tag
        fields = ["name"]
