"""What grades and tier policies may be filtered by."""

import django_filters
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from crm.web.filters import Day, Filters
from tiers.models import Grade, TierPolicy


class GradeFilters(Filters):
    """Judgements by customer, tier and day."""

    on = Day("on", label=_("Business date"))
    on__gte = Day("on", "gte", label=_("Business date"))
    on__lte = Day("on", "lte", label=_("Business date"))
    moved = django_filters.BooleanFilter(method="has_moved", label=_("Tier changed"))

    class Meta:
        model = Grade
        fields = ["customer", "tier", "trigger", "policy"]

    def has_moved(self, rows: QuerySet, name: str, wanted: bool) -> QuerySet:
        """Judgements that moved the customer to another tier, or left it where it was."""
        stays = Q(previous="") | Q(previous=F("tier"))
        return rows.exclude(stays) if wanted else rows.filter(stays)


class TierPolicyFilters(Filters):
    """Versions of the rules by their name and the day they hold from."""

    valid_from__gte = Day("valid_from", "gte", label=_("from"))
    valid_from__lte = Day("valid_from", "lte", label=_("from"))

    class Meta:
        model = TierPolicy
        fields = ["code"]
