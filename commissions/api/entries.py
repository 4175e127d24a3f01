from typing import Any

from rest_framework import serializers

from commissions.filters import EntryFilters
from commissions.models import LedgerEntry
from commissions.views import told
from commissions.views.entries import SORTS
from crm.accounts.access import Viewer
from crm.web.api import Derived, Input, Listed, Money, Shape, Shown

FIELDS = [
    *("id", "contract", "customer", "contract_year", "component", "kind", "member", "department"),
    *("amount", "currency", "effective_date", "posting_period", "source_event", "reverses", "round"),
    *("plan_version", "posted_at"),
]


class EntryShape(Shape):
    amount = Money(help_text="HOLD and FORFEIT are noted, all other kinds are paid out")

    class Meta:
        model = LedgerEntry
        fields = FIELDS


class StepShape(Input):
    """A step of the calculation in words."""

    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name
    value = serializers.CharField()


def _steps(viewer: Viewer, trace: list[dict[str, Any]], component: str) -> list[dict[str, str]]:
    return [{"label": row.label, "value": row.cells[0]} for row in told.rows(trace, component, viewer)]


class EntryDetail(EntryShape):
    steps = Derived(_steps, "trace", "component", for_viewer=True, like=StepShape(many=True))

    class Meta(EntryShape.Meta):
        fields = [*FIELDS, "steps"]


class Entries(Listed, Shown):
    """The commission ledger, append-only: a member's own entries, and those of whom he reviews."""

    model, shape, filters, area = LedgerEntry, EntryShape, EntryFilters, "commissions"
    rights = {"read": None}  # nobody reaches an entry that is neither his own nor his to review
    answers = {"retrieve": EntryDetail}
    sorts = SORTS
    ordering = "-effective_date"
