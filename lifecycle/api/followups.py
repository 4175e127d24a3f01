from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request

from crm.accounts.rights import Right
from crm.refusal import Fault, Refused
from crm.web.api import Changed, Created, Derived, Listed, Shape, Shown
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
        extra_kwargs = {"title": {"required": True, "allow_blank": False}, "owner": {"required": False}}


class FollowUpChange(Shape):
    state = serializers.ChoiceField(["DONE", "CANCELLED"], required=False)
    outcome = serializers.CharField(required=False, allow_blank=True, max_length=2000)

    class Meta:
        model = FollowUp
        fields = ["due_on", "owner", "state", "outcome"]
        extra_kwargs = {"owner": {"allow_null": False}}


class FollowUps(Listed, Shown, Created, Changed):
    """What has to be done for customers, by whom, until when, and what came of it.

    A change moves it (`due_on`), hands it on (`owner`), or closes it: `state` DONE with its `outcome`, or
    CANCELLED with the reason as `outcome`.
    """

    model, shape, filters, area = FollowUp, FollowUpShape, FollowUpFilters, "lifecycle"
    rights = {"read": None, "write": None}  # one of two rights: see initial
    bodies = {"create": FollowUpNew, "partial_update": FollowUpChange}
    sorts = SORTS
    ordering = "due_on"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not any(map(self.viewer.may, EITHER)):
            raise PermissionDenied

    @property
    def act(self) -> dict[str, Any]:
        return super().act | {"by": self.viewer.member}

    def make(self, data: dict[str, Any]) -> FollowUp:
        owner = data.pop("owner", None)
        if not self.viewer.may(Right.FOLLOW_UP_ASSIGN):
            if owner is not None and owner.pk != self.viewer.id:
                raise PermissionDenied
            owner = self.viewer.member
        return followups.open(**data, owner=owner, **self.act)

    def change(self, row: FollowUp, changes: dict[str, Any], version: int) -> None:
        if row.state == FollowUp.State.OPEN and not may_change(self.viewer, row):
            raise PermissionDenied
        if "owner" in changes:
            if not self.viewer.may(Right.FOLLOW_UP_ASSIGN):
                raise PermissionDenied
            row = followups.assign(row, to=changes["owner"], version=version, **self.act)
        if "due_on" in changes:
            row = followups.reschedule(row, due_on=changes["due_on"], version=row.version, **self.act)
        self._close(row, changes)

    def _close(self, row: FollowUp, changes: dict[str, Any]) -> None:
        said = changes.get("outcome", "")
        if changes.get("state") == FollowUp.State.DONE:
            followups.done(row, outcome=said, version=row.version, **self.act)
        elif "state" in changes:
            followups.cancel(row, reason=said, version=row.version, **self.act)
        elif said:
            words = _("An outcome belongs to a follow-up that is being closed: set its state too.")
            raise Refused(Fault("outcome", "still_open", words))
