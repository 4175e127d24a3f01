"""What grades, tier policies and judgements of customer value may be filtered by."""

from datetime import date

import django_filters
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.web.filters import Choices, Day, Filters
from customers.models import Customer
from tiers.models import (
    Grade,
    Review,
    ReviewLine,
    RfmPolicy,
    RfmScore,
    Strategy,
    TierBand,
    TierOverride,
    TierPolicy,
    TierProposal,
)

DIRECTIONS = [("UP", pgettext_lazy("tier", "Up")), ("DOWN", pgettext_lazy("tier", "Down"))]


def _rank(column: str) -> Subquery:
    bands = TierBand.objects.filter(policy=OuterRef("policy"), tier=OuterRef(column)).order_by()
    return Subquery(bands.values("rank")[:1])


class GradeFilters(Filters):
    """Judgements by customer, tier and day."""

    on = Day("on", label=_("Business date"))
    on__gte = Day("on", "gte", label=_("Business date"))
    on__lte = Day("on", "lte", label=_("Business date"))
    moved = django_filters.BooleanFilter(method="has_moved", label=_("Tier changed"))

    direction = Choices(method="goes", label=_("Direction"), choices=DIRECTIONS)

    class Meta:
        model = Grade
        fields = ["customer", "tier", "trigger", "policy"]

    def goes(self, rows: QuerySet, name: str, words: list[str]) -> QuerySet:
        """Judgements that moved the customer up or down, by the bands of the version that judged."""
        before, after = (_rank(column) for column in ("previous", "tier"))
        rows = rows.annotate(rank_before=before, rank_after=after)
        wanted = Q()
        if "UP" in words:
            wanted |= Q(rank_after__gt=F("rank_before"))
        if "DOWN" in words:
            wanted |= Q(rank_after__lt=F("rank_before"))
        return rows.filter(wanted)

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


class TierOverrideFilters(Filters):
    """Tiers by decision by customer, tier and the days they hold."""

    in_force_on = Day(method="holds_on", label=_("In force on"))
    valid_to__lte = Day("valid_to", "lte", label=_("until"))
    valid_to__gt = Day("valid_to", "gt", label=_("until"))

    class Meta:
        model = TierOverride
        fields = ["customer", "tier", "decided_by", "proposed_by"]

    def holds_on(self, rows: QuerySet, name: str, day: date) -> QuerySet:
        """Decisions that hold on a day."""
        return rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)


class TierProposalFilters(Filters):
    """Proposals by customer, tier, people, and whether they wait."""

    open = django_filters.BooleanFilter(method="is_open", label=_("Waiting"))

    class Meta:
        model = TierProposal
        fields = ["customer", "tier", "outcome", "proposed_by", "decided_by"]

    def is_open(self, rows: QuerySet, name: str, wanted: bool) -> QuerySet:
        """Proposals that wait, or that were decided."""
        return rows.filter(outcome="") if wanted else rows.exclude(outcome="")


class ReviewFilters(Filters):
    """Cycles of evaluation by name, and whether they run."""

    running = django_filters.BooleanFilter("signed_on", "isnull", label=_("Running"))

    class Meta:
        model = Review
        fields = ["code"]


class ReviewLineFilters(Filters):
    """Customers of a cycle by owner, tier and verdict."""

    proposed = django_filters.BooleanFilter("proposed_on", "isnull", exclude=True, label=_("Proposed"))
    confirmed = django_filters.BooleanFilter("confirmed_on", "isnull", exclude=True, label=_("Confirmed"))

    class Meta:
        model = ReviewLine
        fields = ["review", "customer", "owner", "tier", "verdict", "is_agreed"]


class StrategyFilters(Filters):
    """Strategies by what they speak of, and whether they still hold."""

    is_open = django_filters.BooleanFilter("valid_to", "isnull", label=_("In force"))

    class Meta:
        model = Strategy
        fields = ["tier", "stage", "segment"]
