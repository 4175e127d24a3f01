"""What grades and tier policies may be filtered by."""

from django.utils.translation import gettext_lazy as _

from crm.web.filters import Day, Filters
from tiers.models import Grade, TierPolicy


class GradeFilters(Filters):
    """Judgements by customer, tier and day."""

    on = Day("on", label=_("Business date"))
    on__gte = Day("on", "gte", label=_("Business date"))
    on__lte = Day("on", "lte", label=_("Business date"))

    class Meta:
        model = Grade
        fields = ["customer", "tier", "trigger", "policy"]


class TierPolicyFilters(Filters):
    """Versions of the rules by their name and the day they hold from."""

    valid_from__gte = Day("valid_from", "gte", label=_("from"))
    valid_from__lte = Day("valid_from", "lte", label=_("from"))

    class Meta:
        model = TierPolicy
        fields = ["code"]
