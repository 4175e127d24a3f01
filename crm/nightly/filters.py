from django.utils.translation import gettext_lazy as _

from crm.nightly.models import NightRun
from crm.web.filters import Day, Filters


class NightFilters(Filters):
    """Nights by their business day and how they ended."""

    business_day = Day("business_day", label=_("Business day"))
    business_day__gte = Day("business_day", "gte", label=_("Business day"))
    business_day__lte = Day("business_day", "lte", label=_("Business day"))

    class Meta:
        model = NightRun
        fields = ["state"]
