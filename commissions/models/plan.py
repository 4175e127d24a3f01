from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.tenancy import dated
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
            dated.ends_after_it_begins("plan_version_period"),
            dated.one_at_a_time("one_plan_version_at_a_time", "plan"),
        ]

    def __str__(self) -> str:
        return self.code
