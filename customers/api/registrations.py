"""Registrations 报备: who develops a company, until when it is to be reached, and what came of it."""

from datetime import date
from typing import Any

from rest_framework import serializers

from crm.accounts.rights import Right
from crm.refusal import Fault, Refused
from crm.web.api import Created, Derived, Listed, Money, Reference, Shape, Shown
from crm.web.api.shapes import UNKNOWN
from customers.filters.registrations import RegistrationFilters
from customers.forms.registration import OF_COMPANY, SECRETS
from customers.models import Customer, Registration
from customers.registrations import registering
from customers.registrations.registering import Company, Person
from customers.views.registration import SORTS

State = Registration.State


def _state(effective_on: date | None, lapsed_on: date | None) -> str:
    return State.EFFECTIVE if effective_on else State.LAPSED if lapsed_on else State.OPEN


class RegistrationShape(Shape):
    state = Derived(_state, "effective_on", "lapsed_on", like=serializers.ChoiceField(State.choices))

    class Meta:
        model = Registration
        fields = ["id", "state", "customer", "name", "credit_code", "no_code_reason", "contact"]
        fields += ["contact_name", "need", "product_kind", "line", "expected_annual", "member", "department"]
        fields += ["registered_on", "registered_at", "due_on", "effective_on", "effective_at", "follow_up"]
        fields += ["fixes_developer", "lapsed_on", "version", "created_at", "updated_at"]
        secrets = {"credit_code": Right.SEE_CREDIT_CODE, "expected_annual": Right.SEE_AMOUNT}


class RegistrationInput(Shape):
    """A company that the caller develops; `customer` names one of his own that nobody has developed."""

    customer = Reference(queryset=Customer.objects, required=False, allow_null=True)
    contact_title = serializers.CharField(required=False, allow_blank=True, max_length=80)
    contact_phone = serializers.CharField(required=False, allow_blank=True, max_length=40)
    expected_annual = Money(required=False, allow_null=True, min_value=0)
    industry = serializers.CharField(required=False, allow_blank=True, max_length=80)
    province = serializers.CharField(required=False, allow_blank=True, max_length=40)
    city = serializers.CharField(required=False, allow_blank=True, max_length=40)
    source = serializers.CharField(required=False, allow_blank=True, max_length=80)  # type: ignore[assignment]

    class Meta:
        model = Registration
        fields = ["customer", *OF_COMPANY, "contact_name", "contact_title", "contact_phone"]
        extra_kwargs = {"credit_code": {"max_length": 40}}
        secrets = SECRETS


class Registrations(Listed, Shown, Created):
    """Who registers a company and reaches it within seven days is its developer.

    A company that is somebody's already is refused with what may be told of it, as duplicate-checks/ does.
    """

    model, shape, filters, area = Registration, RegistrationShape, RegistrationFilters, "customers"
    rights = {"read": Right.CUSTOMER_VIEW, "write": Right.CUSTOMER_EDIT}
    bodies = {"create": RegistrationInput}
    sorts = SORTS
    ordering = "-registered_at"

    def make(self, data: dict[str, Any]) -> Registration:
        customer = data.pop("customer", None)
        if customer is not None and customer.owner_id != self.viewer.id:
            raise Refused(Fault("customer", "does_not_exist", UNKNOWN))
        who = {name: data.pop(f"contact_{name}", "") for name in ("name", "phone", "title")}
        told: dict[str, Any] = {"by": self.viewer.member, "at": self.now, "on": self.today}
        return registering.register(Company(**data), Person(**who), customer=customer, **told)
