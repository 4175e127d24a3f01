"""What grades, tier policies and judgements of customer value may be filtered by."""

import django_filters
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from crm.web.filters import Day, Filters
from customers.models import Customer
from tiers.models import Grade, RfmPolicy, RfmScore, TierPolicy


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


class RfmScoreFilters(Filters):
    """Judgements of customer value by customer, segment, version and day."""

    on = Day("on", label=_("Business date"))
    on__gte = Day("on", "gte", label=_("Business date"))
    on__lte = Day("on", "lte", label=_("Business date"))

    class Meta:
        model = RfmScore
        fields = ["customer", "segment", "policy"]


class RfmPolicyFilters(Filters):
    """Versions of the rules of customer value by their name."""

    class Meta:
        model = RfmPolicy
        fields = ["code"]


class MovementFilters(Filters):
    """Customers by their tiers on the two days of a comparison (tiers.movement.standing)."""

    before = django_filters.CharFilter("tier_before", label=_("Tier before"))
    after = django_filters.CharFilter("tier_after", label=_("Tier after"))
    moved = django_filters.BooleanFilter(method="has_moved", label=_("Tier changed"))

    class Meta:
        model = Customer
        fields: list[str] = []

    def has_moved(self, rows: QuerySet, name: str, wanted: bool) -> QuerySet:
        """Customers that stand in another tier than before, or in the same."""
        same = Q(tier_before=F("tier_after"))
        return rows.exclude(same) if wanted else rows.filter(same)
