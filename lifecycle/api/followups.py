from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from crm.accounts.models import Member
from crm.accounts.roles import Right
from crm.refusal import Conflict
from crm.web.api import Changed, Created, Derived, Input, Listed, Shape, Shown
from crm.web.api.shapes import Reference
from lifecycle import followups
from lifecycle.filters import FollowUpFilters
from lifecycle.models import FollowUp
from lifecycle.views.followups import EITHER, SORTS, may_change


def _headline(title: str, kind: str, inputs: dict[str, Any]) -> str:
    return str(FollowUp(title=title, kind=kind, inputs=inputs).headline)


class FollowUpShape(Shape):
    headline = Derived(_headline, "title", "kind", "inputs", help_text="the title, or what the system asks")
    due_on = serializers.DateField()

    class Meta:
        model = FollowUp
        fields = [
            *("id", "customer", "owner", "kind", "title", "headline", "due_on", "source", "state"),
            *("opened_by", "opened_on", "closed_by", "closed_at", "outcome"),
            *("version", "created_at", "updated_at"),
        ]
        read_only_fields = [
            *("kind", "source", "opened_by", "opened_on", "closed_by", "closed_at", "version"),
        ]


class FollowUpNew(Shape):
    class Meta:
        model = FollowUp
        fields = ["customer", "title", "due_on", "owner"]
        extra_kwargs = {"title": {"required": True}, "owner": {"required": False}}


class FollowUpChange(Input):
    due_on = serializers.DateField(required=False)
    owner = Reference(queryset=Member.objects.none(), required=False)
    state = serializers.ChoiceField(["DONE", "CANCELLED"], required=False)
    outcome = serializers.CharField(required=False, allow_blank=True, max_length=2000)


class Completion(Input):
    outcome = serializers.CharField(required=False, allow_blank=True, max_length=2000)
