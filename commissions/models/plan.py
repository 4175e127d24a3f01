from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import VersionedModel


class Plan(VersionedModel):
    """A comp plan 提成方案; what it pays is said by its dated versions."""

    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)

    class Meta(VersionedModel.Meta):
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["tenant_id", "code"], name="plan_code")]

    def __str__(self) -> str:
        return self.name


class PlanVersion(VersionedModel):
    """The settings of a plan (spec/what-if.md §3) over [valid_from, valid_to); never edited once used."""

    plan = TenantForeignKey(Plan, models.PROTECT, related_name="versions", verbose_name=_("plan"))
    code = models.CharField(_("version"), max_length=40)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)
    settings = models.JSONField(_("settings"), default=dict)

    class Meta(VersionedModel.Meta):
        ordering = ["-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "plan", "code"], name="plan_version_code"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="plan_version_period",
            ),
            ExclusionConstraint(
                name="one_plan_version_at_a_time",
                expressions=[
                    ("tenant_id", RangeOperators.EQUAL),
                    ("plan", RangeOperators.EQUAL),
                    (
                        Func(
                            F("valid_from"),
                            F("valid_to"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.code
