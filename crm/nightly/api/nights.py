from decimal import Decimal

from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce
from rest_framework import serializers

from crm.accounts.rights import Right
from crm.nightly.filters import NightFilters
from crm.nightly.models import NightRun, NightStep
from crm.web.api import Embed, Listed, Shape, Shown


class StepShape(Shape):
    class Meta:
        model = NightStep
        fields = ["id", "step", "rows", "seconds"]


class NightShape(Shape):
    rows = serializers.IntegerField(read_only=True, help_text="changed by all steps together")
    seconds = serializers.DecimalField(
        max_digits=12, decimal_places=3, read_only=True, help_text="of all steps together"
    )

    class Meta:
        model = NightRun
        fields = ["id", "business_day", "state", "started_at", "finished_at", "error", "customers"]
        fields += ["rows", "seconds"]
        embeds = {"steps": Embed(StepShape, by="run")}


class Nights(Listed, Shown):
    """The night runs of the company, one a business day; `expand=steps` adds what each step did."""

    model, shape, filters, area = NightRun, NightShape, NightFilters, "platform"
    rights = {"read": Right.NIGHT_VIEW}
    sorts = {"business_day": "business_day"}
    ordering = "-business_day"

    def rows(self) -> QuerySet:
        nothing = Decimal("0.000")
        return (
            super()
            .rows()
            .annotate(rows=Coalesce(Sum("steps__rows"), 0), seconds=Coalesce(Sum("steps__seconds"), nothing))
        )
