"""Customers, the people at them, and their tags."""

from typing import Any

from django.db.models import QuerySet, Value
from rest_framework import serializers

from crm.accounts.access import changeable
from crm.accounts.api.company import DepartmentShape
from crm.accounts.api.people import MemberShape
from crm.accounts.models import Department, Member
from crm.accounts.rights import Right
from crm.web.api import Changed, Created, Deleted, Embed, Input, Listed, Money, Reference, Shape, Shown
from crm.web.keyset import Sort
from customers import contacts, registry, tagging
from customers.api.agreements import ContractShape
from customers.api.naming import named
from customers.filters.records import ContactFilters, CustomerFilters, TagFilters
from customers.forms.record import DECIDES, SECRETS
from customers.models import Contact, Contract, Customer, Tag

OWN = [
    "code",
    "name",
    "credit_code",
    "parent",
    "industry",
    "province",
    "city",
    "address",
    "website",
    "source",
]
STANDING = [
    "tier",
    "stage",
    "annual_amount",
    "contracts_in_force",
    "first_ends_on",
    "risk_score",
    "risk_band",
    "rfm_value",
    "rfm_segment",
]
STANDING += ["risk_reasons", "last_contact_on", "contact_due_on", "next_on", "open_amount", "overdue_amount"]


class ContactShape(Shape):
    class Meta:
        model = Contact
        fields = ["id", "customer", "name", "title", "phone", "email", "wechat", "is_primary", "note"]
        fields += ["version", "created_at", "updated_at"]
        read_only_fields = ["version"]
        secrets = {"phone": Right.SEE_PHONE}


def _of_standing(kind: type[serializers.Field], name: str, **kwargs: Any) -> serializers.Field:
    return kind(source=f"standing.{name}", read_only=True, **kwargs)


class CustomerShape(Shape):
    tier = _of_standing(serializers.CharField, "tier")
    stage = _of_standing(serializers.CharField, "stage")
    annual_amount = _of_standing(Money, "annual_amount", help_text="tax included, in `currency`")
    contracts_in_force = _of_standing(serializers.IntegerField, "contracts_in_force")
    first_ends_on = _of_standing(serializers.DateField, "first_ends_on")
    risk_score = _of_standing(serializers.IntegerField, "risk_score")
    risk_band = _of_standing(serializers.CharField, "risk_band")
    rfm_value = _of_standing(serializers.DecimalField, "rfm_value", max_digits=3, decimal_places=2)
    rfm_segment = _of_standing(
        serializers.CharField,
        "rfm_segment",
        help_text="R, F and M against the mean: H or L each",
    )
    risk_reasons = _of_standing(serializers.ListField, "risk_reasons")
    last_contact_on = _of_standing(serializers.DateField, "last_contact_on")
    contact_due_on = _of_standing(serializers.DateField, "contact_due_on", help_text="by the strategy")
    next_on = _of_standing(serializers.DateField, "next_on")
    open_amount = _of_standing(Money, "open_amount")
    overdue_amount = _of_standing(Money, "overdue_amount")
    currency = serializers.CharField(read_only=True)

    class Meta:
        model = Customer
        fields = ["id", *OWN, "registered_on", "owner", "responsible_dept", "is_blocked"]
        fields += [*STANDING, "currency", "version", "created_at", "updated_at"]
        read_only_fields = ["registered_on", "owner", "responsible_dept", "is_blocked", "version"]
        secrets = {
            "credit_code": Right.SEE_CREDIT_CODE,
            "annual_amount": Right.SEE_AMOUNT,
            "open_amount": Right.RECEIVABLE_VIEW,
            "overdue_amount": Right.RECEIVABLE_VIEW,
            "risk_score": Right.RISK_VIEW,
            "risk_band": Right.RISK_VIEW,
            "risk_reasons": Right.RISK_VIEW,
        }
        embeds = {
            "owner": Embed(MemberShape, right=Right.TEAM_VIEW),
            "responsible_dept": Embed(DepartmentShape, right=Right.TEAM_VIEW),
            "contacts": Embed(ContactShape, by="customer"),
            "contracts": Embed(ContractShape, by="customer", right=Right.CONTRACT_VIEW, order="-signed_on"),
        }


class NewCustomer(Shape):
    """A customer that came by itself or that the company had before, and what decides who gets it.

    Only who may import books names the developer, and of a customer the company had before. Who develops
    one posts it to registrations/.
    """

    developer = Reference(queryset=Member.objects, required=False, allow_null=True)
    override = Reference(queryset=Department.objects, required=False, allow_null=True)
    product_kind = serializers.ChoiceField(Contract.ProductKind.choices, required=False)
    line = serializers.CharField(required=False, max_length=60)
    expected_annual = Money(required=False, allow_null=True, min_value=0)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=200)

    class Meta:
        model = Customer
        fields = [*OWN, "developer", "override", "product_kind", "line", "expected_annual", "reason"]
        extra_kwargs = {"code": {"required": False}}
        secrets = SECRETS | DECIDES


class Customers(Listed, Shown, Created, Changed):
    """The companies that are served or sought; amounts are in the tenant's currency."""

    model, shape, filters, area = Customer, CustomerShape, CustomerFilters, "customers"
    rights = {"read": Right.CUSTOMER_VIEW, "write": Right.CUSTOMER_EDIT}
    bodies = {"create": NewCustomer}
    sorts: dict[str, Sort | str] = {
        "name": "name",
        "code": "code",
        "annual_amount": Sort("standing__annual_amount", right=Right.SEE_AMOUNT),
        "first_ends_on": Sort("standing__first_ends_on", nullable=True),
        "risk_score": Sort("standing__risk_score", nullable=True, right=Right.RISK_VIEW),
        "rfm_value": Sort("standing__rfm_value", nullable=True),
        "last_contact_on": Sort("standing__last_contact_on", nullable=True),
        "overdue_amount": Sort("standing__overdue_amount", right=Right.RECEIVABLE_VIEW),
        "contact_due_on": Sort("standing__contact_due_on", nullable=True),
        "next_on": Sort("standing__next_on", nullable=True),
        "registered_on": "registered_on",
        "updated_at": "updated_at",
    }
    ordering = "name"

    def rows(self) -> QuerySet:
        return super().rows().annotate(currency=Value(self.caller.tenant.currency))

    def make(self, data: dict[str, Any]) -> Customer:
        return registry.register(**data, **self.act)

    def change(self, row: Customer, changes: dict[str, Any], version: int) -> Customer:
        return registry.edit(row, changes=changes, version=version, **self.act)


class Contacts(Listed, Shown, Created, Changed, Deleted):
    """The people at customers."""

    model, shape, filters, area = Contact, ContactShape, ContactFilters, "customers"
    rights = {"read": Right.CUSTOMER_VIEW, "write": Right.CUSTOMER_EDIT}
    sorts = {"name": "name", "updated_at": "updated_at"}
    ordering = "name"

    def make(self, data: dict[str, Any]) -> Contact:
        return contacts.add(data.pop("customer"), **data, **self.act)

    def change(self, row: Contact, changes: dict[str, Any], version: int) -> Contact:
        changes.pop("customer", None)  # a person does not move from one customer to another
        return contacts.edit(row, changes=changes, version=version, **self.act)

    def remove(self, row: Contact) -> None:
        contacts.remove(row, **self.act)


class TagShape(Shape):
    class Meta:
        model = Tag
        fields = ["id", "name", "version", "created_at", "updated_at"]
        read_only_fields = ["version"]


class Tagged(Input):
    """A word, and the customers to put it on."""

    name = serializers.CharField(max_length=40)
    customers = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=1000)


class Tags(Listed, Shown, Created):
    """Words on customers. Posting one puts it on customers; those that have it stay as they are."""

    model, shape, filters, area = Tag, TagShape, TagFilters, "customers"
    rights = {"read": Right.CUSTOMER_VIEW, "write": Right.CUSTOMER_EDIT}
    bodies = {"create": Tagged}
    sorts = {"name": "name"}
    ordering = "name"

    def make(self, data: dict[str, Any]) -> Tag:
        return tagging.put_on(
            named(self.viewer, data["customers"], changeable), name=data["name"], **self.act
        )
