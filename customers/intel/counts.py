"""How much news people and departments passed on, and what it was worth: for evaluation."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Q

from crm.accounts.access import Viewer, scoped
from customers.models import CustomerIntel

PARTS = {
    "relayed": Q(),
    "answered": Q(acknowledged_at__isnull=False),
    "useful": Q(outcome=CustomerIntel.Outcome.USEFUL),
    "thanked": Q(thanked_on__isnull=False),
    "signed": Q(led_to_contract__isnull=False),
}


@dataclass(frozen=True)
class Counted:
    """One sender's news of a time: how much, and what became of it."""

    member_id: UUID
    member: str
    department_id: UUID
    department: str
    relayed: int
    answered: int
    useful: int
    thanked: int
    signed: int


def counts(viewer: Viewer, since: date, until: date) -> list[Counted]:
    """News passed on in [since, until) by everybody in the viewer's scope: one query, by department."""
    own = scoped(viewer.customers, viewer, own=Q(member_id=viewer.id), department="department")
    rows = CustomerIntel.objects.filter(own, relayed_on__gte=since, relayed_on__lt=until)
    names = ("member_id", "member__name", "department_id", "department__name")
    numbers = {name: Count("pk", filter=which) for name, which in PARTS.items()}
    found = rows.order_by("department__code", "member__code").values_list(*names).annotate(**numbers)
    return [Counted(*row) for row in found]
