"""交接: books of customers that pass on, executed at once and taken back within a week."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from crm.accounts.access import Viewer, reach
from crm.accounts.models import Department, Member
from crm.accounts.rights import Right
from crm.refusal import Fault, Refused
from crm.web.api import Created, Embed, Input, Listed, Reference, Shape, Shown
from customers.filters.handovers import HandoverFilters, HandoverRowFilters
from customers.handovers import books
from customers.handovers.books import Turns
from customers.models import Customer, Handover, HandoverRow


class HandoverRowShape(Shape):
    class Meta:
        model = HandoverRow
        fields = ["id", "handover", "customer", "from_member", "from_department", "to_member", "came_back"]


class HandoverShape(Shape):
    class Meta:
        model = Handover
        fields = ["id", "member", "department", "state", "reason", "opened_on", "due_on", "executed_on"]
        fields += ["executed_at", "executed_by", "undo_until", "undone_on", "undone_by"]
        fields += ["version", "created_at", "updated_at"]
        embeds = {"rows": Embed(HandoverRowShape, by="handover", order="id")}


class TurnInput(Input):
    """One customer by hand."""

    customer = serializers.UUIDField()
    to = Reference(queryset=Member.objects)


class HandoverInput(Input):
    """Whose book (a person's or a department's), and who gets it: in turn, by hand, or both.

    With `among` the whole book is dealt in turn; `by_hand` then says otherwise for some customers.
    """

    member = Reference(queryset=Member.objects, required=False, allow_null=True)
    department = Reference(queryset=Department.objects, required=False, allow_null=True)
    among = serializers.ListField(
        child=Reference(queryset=Member.objects), required=False, max_length=100, min_length=1
    )
    by_hand = serializers.ListField(child=TurnInput(), required=False, max_length=5000)
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


def asked(viewer: Viewer, data: dict[str, Any]) -> tuple[Member | Department, Turns]:
    """Whose book it is, and who gets which customer of it within the caller's reach.

    Refused: member required, does_not_exist; department does_not_exist; among required;
    by_hand.n.customer does_not_exist.
    """
    whose = _whose(viewer, data)
    rows = list(reach(viewer, books.book(whose)))
    by_hand = data.get("by_hand") or []
    turns = books.deal(rows, data.get("among") or []) if data.get("among") or not by_hand else {}
    mine = {row.pk for row in rows}
    known = mine | set(
        reach(viewer, Customer.objects.filter(pk__in=[one["customer"] for one in by_hand])).values_list(
            "pk", flat=True
        )
    )
    words = _("There is no such record.")
    faults = [
        Fault(f"by_hand.{number}.customer", "does_not_exist", words)
        for number, one in enumerate(by_hand)
        if one["customer"] not in known
    ]
    if faults:
        raise Refused(*faults)
    return whose, turns | {one["customer"]: one["to"] for one in by_hand}


def _whose(viewer: Viewer, data: dict[str, Any]) -> Member | Department:
    member, department = data.get("member"), data.get("department")
    if (member is None) == (department is None):
        words = _("Say whose customers: those of a person, or those of a department.")
        raise Refused(Fault("member", "required", words))
    name = "department" if member is None else "member"
    rows: Any = books.departments(viewer) if member is None else books.people(viewer)
    found = rows.filter(pk=(member or department).pk).first()  # type: ignore[union-attr]
    if found is None:
        raise Refused(Fault(name, "does_not_exist", _("There is no such record.")))
    return found


class Nothing(Input):
    """An empty body."""


class Handovers(Listed, Shown, Created):
    """Books of customers that pass on: of somebody who leaves, or of a department that is re-organised.

    One of a leaver is OPEN from the day he gives notice; what nobody hands over by `due_on` goes round
    robin in his department. POST hands over at once; `undo` takes back within seven days what nobody
    has changed since.
    """

    model, shape, filters, area = Handover, HandoverShape, HandoverFilters, "ownerships"
    rights = {"read": Right.OWNERSHIP_TRANSFER, "write": Right.OWNERSHIP_TRANSFER}
    bodies = {"create": HandoverInput, "undo": Nothing}
    sorts = {"due_on": "due_on", "opened_on": "opened_on"}
    ordering = "-opened_on"

    def make(self, data: dict[str, Any]) -> Handover:
        whose, turns = asked(self.viewer, data)
        return books.execute(whose, turns, reason=data.get("reason", ""), **self.act)

    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: UUID) -> HttpResponse:
        """Take it back; `came_back` of each row says whether the customer went back."""
        self.body()
        books.undo(self.found(pk), **self.act)
        return self.answer(pk)


class HandoverRows(Listed, Shown):
    """The customers of handovers: whose each was and whose it became."""

    model, shape, filters, area = HandoverRow, HandoverRowShape, HandoverRowFilters, "ownerships"
    rights = {"read": Right.OWNERSHIP_TRANSFER}
    sorts = {"id": "id"}
    ordering = "id"
