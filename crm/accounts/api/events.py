from typing import Any

from rest_framework import serializers

from crm.accounts.diffs import visible
from crm.accounts.filters import EventFilters
from crm.accounts.rights import Right
from crm.events.models import Event
from crm.web.api import Derived, Listed, Shape, Shown


class EventShape(Shape):
    data: Any = Derived(visible, "name", "data", for_viewer=True, like=serializers.DictField())

    class Meta:
        model = Event
        fields = [
            *("id", "name", "on", "at", "actor_id", "actor_name"),
            *("subject_id", "customer_id", "data"),
        ]


class Events(Listed, Shown):
    """What happened, append-only: audit trail and timeline. Field secrets are missing from the details."""

    model, shape, filters, area = Event, EventShape, EventFilters, "platform"
    rights = {"read": Right.EVENT_VIEW}
    sorts = {"recorded": "id", "at": "at"}  # ids are in the order of recording, and are indexed
    ordering = "-recorded"
