"""查重 for programs: what the whole company knows of a customer, masked beyond the caller's reach."""

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.accounts.rights import Right
from crm.refusal import Fault, Refused
from crm.web.api import ApiView, Input, Reference
from crm.web.api.shapes import UNKNOWN
from customers import credit_codes, duplicates
from customers.forms.known import SECRETS
from customers.models import Customer


class CheckInput(Input):
    """What is known of a company that may be a customer already; one field is enough."""

    name = serializers.CharField(required=False, max_length=200)
    credit_code = serializers.CharField(required=False, max_length=40)
    phone = serializers.CharField(required=False, max_length=40)
    email = serializers.EmailField(required=False)
    website = serializers.CharField(required=False, max_length=200)
    parent = Reference(queryset=Customer.objects, required=False)  # type: ignore[assignment]


class KnownAnswer(Input):
    """A known customer: that it exists, whose department it is, until when; its name only within reach."""

    customer = serializers.UUIDField(help_text="what a customer-intel or an ownership-dispute may name")
    by = serializers.ChoiceField(duplicates.By.choices)
    blocks = serializers.BooleanField(help_text="whether it stands against registering")
    responsible_dept = serializers.CharField(allow_null=True)
    protected_until = serializers.DateField(allow_null=True, help_text="the last day; null if not known")
    name = serializers.CharField(allow_null=True, help_text="null beyond the caller's reach")
    offers = serializers.ListField(child=serializers.CharField(), help_text="resources to go on with")


class CheckAnswer(Input):
    results = KnownAnswer(many=True)


class DuplicateChecks(ApiView):
    """Search before you register."""

    resource, area = "duplicate-checks", "customers"
    rights = {"write": Right.CUSTOMER_VIEW}
    bodies = {"post": CheckInput}
    answers = {"post": CheckAnswer}

    def post(self, request: Request) -> HttpResponse:
        """What the whole company knows of these words; what blocks first."""
        data = self.body()
        hidden = [name for name, right in SECRETS.items() if name in data and not self.viewer.may(right)]
        if hidden:
            raise Refused(*(Fault(name, "unknown", UNKNOWN) for name in hidden))
        found = duplicates.check(
            self.viewer,
            name=data.get("name", ""),
            credit_code=credit_codes.clean(data.get("credit_code", "")),
            phones=[data.get("phone", "")],
            emails=[data.get("email", "")],
            sites=[data.get("website", "")],
            parent=data.get("parent"),
            on=self.today,
        )
        return Response({"results": [told(one) for one in found]})


def told(one: duplicates.Known) -> dict[str, Any]:
    """A masked answer as JSON takes it."""
    return {
        "customer": str(one.customer_id),
        "by": one.by.value,
        "blocks": one.blocks,
        "responsible_dept": one.department or None,
        "protected_until": one.protected_until,
        "name": one.name or None,
        "offers": [] if one.name else duplicates.offers(one.department),
    }
