from uuid import UUID

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from crm.accounts.rights import Role
from crm.tenancy import dated
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import VersionedModel
from customers.models import Segment

ANY_SEGMENT = UUID(int=0)


class Strategy(VersionedModel):
    """How customers of a tier, a stage and a segment are served over [valid_from, valid_to).

    "" and no segment mean any. Once it has held a day only `valid_to` is set: a change is a new row.
    tiers.strategies says which of several that fit a customer holds for him.
    """

    tier = models.CharField(_("tier"), max_length=20, blank=True)
    stage = models.CharField(_("stage"), max_length=20, blank=True)
    segment = TenantForeignKey(
        Segment, models.PROTECT, null=True, blank=True, related_name="strategies", verbose_name=_("segment")
    )
    service_level = models.CharField(_("service level"), max_length=60)
    rhythm_days = models.PositiveSmallIntegerField(_("days between contacts"))
    visitor = models.CharField(_("who visits"), max_length=20, choices=Role, blank=True)  # "": the owner
    benefits = models.CharField(_("benefits"), max_length=500, blank=True)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)

    class Meta(VersionedModel.Meta):
        verbose_name = _("strategy")
        ordering = ["-valid_from", "id"]
        constraints = [
            dated.ends_after_it_begins("strategy_period"),
            models.CheckConstraint(condition=Q(rhythm_days__gte=1), name="strategy_rhythm"),
            dated.one_at_a_time(
                "one_strategy_at_a_time",
                "tier",
                "stage",
                Coalesce(
                    F("segment"),
                    Value(ANY_SEGMENT, models.UUIDField()),
                    output_field=models.UUIDField(),
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.service_level
