"""What a handover would move, before it does."""

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.accounts.access import reach
from crm.accounts.rights import Right
from crm.dashboards import handing
from crm.web.api import ApiView, Input
from customers.api.handovers import HandoverInput, asked
from customers.models import Customer


class PartAnswer(Input):
    """What one person would get."""

    to = serializers.UUIDField()
    customers = serializers.IntegerField()
    annual_amount = serializers.CharField(allow_null=True, help_text="null without the right to see amounts")


class PreviewAnswer(Input):
    customers = serializers.IntegerField()
    contacts = serializers.IntegerField()
    contracts = serializers.IntegerField(help_text="in force")
    follow_ups = serializers.IntegerField(help_text="open ones that go along")
    annual_amount = serializers.CharField(allow_null=True)
    open_amount = serializers.CharField(allow_null=True, help_text="receivable")
    parts = PartAnswer(many=True)


class HandoverPreviews(ApiView):
    """What a handover would move; the body is that of handovers/, and nothing is changed."""

    resource, area = "handover-previews", "ownerships"
    rights = {"write": Right.OWNERSHIP_TRANSFER}
    bodies = {"post": HandoverInput}
    answers = {"post": PreviewAnswer}

    def post(self, request: Request) -> HttpResponse:
        """Count customers, contacts, contracts in force, follow-ups and money, and each person's part."""
        _whose, turns = asked(self.viewer, self.body())
        rows = reach(self.viewer, Customer.objects.select_related("standing")).filter(pk__in=list(turns))
        found, sees = handing.preview(list(rows), turns, self.today), self.viewer.may(Right.SEE_AMOUNT)
        moving = found.moving
        answer = {
            "customers": moving.customers,
            "contacts": moving.contacts,
            "contracts": moving.contracts,
            "follow_ups": found.follow_ups,
            "annual_amount": str(moving.annual_amount) if sees else None,
            "open_amount": str(moving.open_amount) if sees else None,
            "parts": [
                {
                    "to": str(part.to.pk),
                    "customers": part.customers,
                    "annual_amount": str(part.annual_amount) if sees else None,
                }
                for part in found.parts
            ],
        }
        return Response(answer)
