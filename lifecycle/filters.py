"""What follow-ups, risks and stages may be filtered by: one FilterSet for page and API."""

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.models import Member
from crm.web.filters import Day, DepartmentTree, Filters, Related
from lifecycle.models import FollowUp, Neglect, NeglectPolicy, RiskScore, StageMove


class FollowUpFilters(Filters):
    """Follow-ups by customer, person, day and state."""

    owner = Related("owner", label=_("To be done by"), to=Member)
    department = DepartmentTree("customer__responsible_dept", label=_("Department"))
    due_on = Day("due_on", label=_("Due"))
    due_on__gte = Day("due_on", "gte", label=_("Due"))
    due_on__lte = Day("due_on", "lte", label=_("Due"))
    due_on__lt = Day("due_on", "lt", label=_("Due"))
    closed_at__gte = django_filters.IsoDateTimeFilter("closed_at", "gte", label=_("Closed"))
    updated_at__gte = django_filters.IsoDateTimeFilter("updated_at", "gte", label=_("Changed"))

    class Meta:
        model = FollowUp
        fields = ["customer", "state", "kind", "opened_by"]


class NeglectFilters(Filters):
    """Missed follow-ups by owner, head, day, and how far they came."""

    owner = Related("owner", label=_("Responsible"), to=Member)
    head = Related("head", label=_("Head who was told"), to=Member)
    department = DepartmentTree("customer__responsible_dept", label=_("Department"))
    flagged = django_filters.BooleanFilter(
        "flagged_on", "isnull", exclude=True, label=pgettext_lazy("neglect", "Neglected")
    )
    head_told = django_filters.BooleanFilter(
        "head_told_on", "isnull", exclude=True, label=pgettext_lazy("neglect", "Head told")
    )
    missed_on__gte = Day("missed_on", "gte", label=_("Missed on"))
    missed_on__lte = Day("missed_on", "lte", label=_("Missed on"))

    class Meta:
        model = Neglect
        fields = ["customer"]


class NeglectPolicyFilters(Filters):
    """Versions of the rules by their first day."""

    valid_from__lte = Day("valid_from", "lte", label=_("In force from"))

    class Meta:
        model = NeglectPolicy
        fields = ["reassigns"]


class LatestOfCustomer(django_filters.BooleanFilter):
    """Only the row that holds now of each customer; the rest is history."""

    def filter(self, qs: QuerySet, value: bool | None) -> QuerySet:
        if value is None:
            return qs
        newer = qs.model.objects.filter(customer=OuterRef("customer"))
        later = newer.filter(Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), id__gt=OuterRef("id")))
        return qs.filter(~Exists(later)) if value else qs.filter(Exists(later))


class RiskFilters(Filters):
    """Scores by customer, band and day."""

    current = LatestOfCustomer(label=_("Holds now"))
    on = Day("on", label=_("Business date"))
    on__gte = Day("on", "gte", label=_("Business date"))
    on__lte = Day("on", "lte", label=_("Business date"))
    score__gte = django_filters.NumberFilter("score", "gte", label=_("Risk"))
    score__lte = django_filters.NumberFilter("score", "lte", label=_("Risk"))

    class Meta:
        model = RiskScore
        fields = ["customer", "band", "policy"]


class StageFilters(Filters):
    """Moves by customer, stage and day."""

    current = LatestOfCustomer(label=_("Holds now"))
    on = Day("on", label=_("Business date"))
    on__gte = Day("on", "gte", label=_("Business date"))
    on__lte = Day("on", "lte", label=_("Business date"))

    class Meta:
        model = StageMove
        fields = ["customer", "from_stage", "to_stage", "reason"]
