"""What lists of commission may be filtered by: one FilterSet for page and API."""

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from commissions.models import (
    Adjustment,
    Attachment,
    Commencement,
    DisputePolicy,
    LedgerEntry,
    LineDispute,
    Period,
    Plan,
    PlanAssignment,
    PlanVersion,
    PoolDistribution,
    Statement,
)
from commissions.models.period import State
from commissions.statement import PAYABLE
from crm.accounts.models import Member
from crm.web.filters import Choices, Day, DepartmentTree, Filters, Related


class EntryFilters(Filters):
    """Entries of the ledger by payee, contract, kind and month."""

    posting_period = django_filters.CharFilter(label=_("Month"), max_length=7)
    posting_period__gte = django_filters.CharFilter("posting_period", "gte", label=_("Month"), max_length=7)
    posting_period__lte = django_filters.CharFilter("posting_period", "lte", label=_("Month"), max_length=7)
    payable = django_filters.BooleanFilter(method="only_payable", label=_("Paid out"))
    effective_date = Day(label=_("Date"))
    effective_date__gte = Day("effective_date", "gte", label=_("Date"))
    effective_date__lt = Day("effective_date", "lt", label=_("Date"))

    class Meta:
        model = LedgerEntry
        fields = ["contract", "customer", "member", "department", "component", "kind", "source_event"]

    def only_payable(self, rows: QuerySet, name: str, value: bool) -> QuerySet:
        """Rows that are paid out, or the memo rows."""
        return rows.filter(PAYABLE) if value else rows.exclude(PAYABLE)


class PlanFilters(Filters):
    """Plans by their code."""

    class Meta:
        model = Plan
        fields = ["code", "name"]


class PlanVersionFilters(Filters):
    """Versions by plan and days."""

    valid_from__lte = Day("valid_from", "lte", label=_("From"))
    valid_from__gte = Day("valid_from", "gte", label=_("From"))

    class Meta:
        model = PlanVersion
        fields = ["plan", "code", "state"]


class PlanAssignmentFilters(Filters):
    """Assignments by plan and subject."""

    class Meta:
        model = PlanAssignment
        fields = ["plan", "department", "member"]


class PeriodFilters(Filters):
    """Months by state and from one to another."""

    state = Choices(label=_("State"), choices=State.choices)
    month__gte = django_filters.CharFilter("month", "gte", label=_("Month"), max_length=7)
    month__lte = django_filters.CharFilter("month", "lte", label=_("Month"), max_length=7)

    class Meta:
        model = Period
        fields = ["month"]


class CommencementFilters(Filters):
    """Beginnings by month."""

    class Meta:
        model = Commencement
        fields = ["month"]


class StatementFilters(Filters):
    """Statements by month and payee."""

    month = django_filters.CharFilter("period__month", label=_("Month"), max_length=7)
    month__gte = django_filters.CharFilter("period__month", "gte", label=_("Month"), max_length=7)
    month__lte = django_filters.CharFilter("period__month", "lte", label=_("Month"), max_length=7)
    payee_department = DepartmentTree("payee_department", label=_("Department of the payee"))
    published = django_filters.BooleanFilter("published_at", "isnull", exclude=True, label=_("Published"))

    class Meta:
        model = Statement
        fields = ["period", "member", "department"]


class PoolFilters(Filters):
    """Pools of departments by contract, who is asked, day and whether they are distributed."""

    distributed = django_filters.BooleanFilter(
        "distributed_on", "isnull", exclude=True, label=_("Distributed")
    )
    asked = Related("asked", label=_("To be distributed by"), to=Member)
    department = DepartmentTree("department", label=_("Department"))
    due_on__lt = Day("due_on", "lt", label=pgettext_lazy("pool", "Due on"))

    class Meta:
        model = PoolDistribution
        fields = ["contract"]


class LineDisputeFilters(Filters):
    """Disputes of lines by state, payee, who answers and month."""

    state = Choices(label=_("State"), choices=LineDispute.State.choices)
    category = Choices(label=_("What is wrong"), choices=LineDispute.Category.choices)
    month = django_filters.CharFilter("statement__period__month", label=_("Month"), max_length=7)
    payee_department = DepartmentTree("payee_department", label=_("Department of the payee"))
    due_on__lt = Day("due_on", "lt", label=_("Answer due"))
    opened_on__gte = Day("opened_on", "gte", label=_("Opened"))

    class Meta:
        model = LineDispute
        fields = ["statement", "entry", "member", "answerer"]


class AdjustmentFilters(Filters):
    """Adjustments by state, payee and who proposed or decided."""

    state = Choices(label=_("State"), choices=Adjustment.State.choices)
    payee_department = DepartmentTree("payee_department", label=_("Department of the payee"))
    month = django_filters.CharFilter("entry__posting_period", label=_("Month"), max_length=7)

    class Meta:
        model = Adjustment
        fields = ["member", "department", "dispute", "corrects", "proposed_by", "decided_by"]


class DisputePolicyFilters(Filters):
    """Versions of the rules by their first day."""

    valid_from__lte = Day("valid_from", "lte", label=_("From"))
    valid_from__gte = Day("valid_from", "gte", label=_("From"))

    class Meta:
        model = DisputePolicy
        fields: list[str] = []


class AttachmentFilters(Filters):
    """Files by what they stand beside."""

    class Meta:
        model = Attachment
        fields = ["dispute", "adjustment"]
