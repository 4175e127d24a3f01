"""What is told of one customer over all apps: its timeline, and why it stands where it stands."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.accounts.rights import Right
from crm.dashboards import because, timeline, told
from crm.dashboards.customer import find
from crm.refusal import Fault, Refused
from crm.web.api import ApiView, Input
from lifecycle.views import told as of_lifecycle
from tiers.views import told as of_tiers


class EntryAnswer(Input):
    """One thing that happened, in words."""

    id = serializers.UUIDField()
    at = serializers.DateTimeField()
    title = serializers.CharField()
    by = serializers.CharField(help_text="who, and the business date when it was entered later")
    text = serializers.CharField()


class TimelineAnswer(Input):
    next = serializers.CharField(allow_null=True)
    results = EntryAnswer(many=True)


class Timeline(ApiView):
    """What happened to a customer, newest first, 30 at a time."""

    resource, area = "customers", "customers"
    rights = {"read": Right.CUSTOMER_VIEW}
    answers = {"get": TimelineAnswer}
    parameters = {"group": "one of contact, contract, ownership, system", "before": "from `next`"}

    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """Read a page of the timeline."""
        find(pk, self.viewer)
        group, place = request.GET.get("group", ""), request.GET.get("before", "")
        before = timeline.Place.parse(place)
        if group and group not in told.GROUPS:
            raise Refused(Fault("group", "invalid_choice", _("There is no such group.")))
        if place and before is None:
            raise Refused(Fault("before", "unknown", _("This is no place in a timeline.")))
        entries, older = timeline.entries(pk, self.viewer, today=self.today, group=group, before=before)
        return Response({"next": self._next(older), "results": [_entry(each) for each in entries]})

    def _next(self, older: timeline.Place | None) -> str | None:
        if older is None:
            return None
        words = self.request.GET.copy()
        words["before"] = str(older)
        return self.request.build_absolute_uri(f"{self.request.path}?{words.urlencode()}")


def _entry(entry: told.Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": entry.at,
        "title": entry.title,
        "by": entry.meta,
        "text": entry.text,
    }


class WhyAnswer(Input):
    tier = serializers.DictField(allow_null=True)
    risk = serializers.DictField(allow_null=True, required=False)
    stage = serializers.DictField(allow_null=True)
    owner = serializers.DictField(allow_null=True)


class Whys(ApiView):
    """Why a customer has its tier, its risk, its stage, and its responsible person."""

    resource, area = "customers", "customers"
    rights = {"read": Right.CUSTOMER_VIEW}
    answers = {"get": WhyAnswer}

    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """Read the stored explanations; nothing is computed again."""
        customer = find(pk, self.viewer)
        sees_risk = self.viewer.may(Right.RISK_VIEW)
        found = {
            "tier": of_tiers.tier(customer, self.viewer),
            "stage": of_lifecycle.stage(customer, sees_risk=sees_risk),
            "owner": because.owner(customer, self.viewer),
        }
        if sees_risk:
            found["risk"] = of_lifecycle.risk(customer)
        return Response({name: why and why.plain() for name, why in found.items()})
