from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.tenancy import dated
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import TenantModel, VersionedModel


class Tier(models.TextChoices):
    """The four default tiers, high to low; a tenant's policy may name others."""

    COMPANY = "COMPANY", pgettext_lazy("tier", "Company account")
    KEY = "KEY", pgettext_lazy("tier", "Key account")
    MAJOR = "MAJOR", pgettext_lazy("tier", "Major account")
    GENERAL = "GENERAL", pgettext_lazy("tier", "General account")


class Basis(models.TextChoices):
    """Which amount counts on a day (`class_basis` of spec/what-if.md)."""

    IN_FORCE_ANNUALISED = "IN_FORCE_ANNUALISED", _("annual value of the contracts in force")
    TRAILING_12M = "TRAILING_12M", _("first-year value signed in the last twelve months")
    CALENDAR_YEAR = "CALENDAR_YEAR", _("first-year value signed since 1 January")


class Scope(models.TextChoices):
    """Whose contracts count (`class_scope`)."""

    CUSTOMER = "CUSTOMER", _("the customer's own contracts")
    GROUP = "GROUP", _("the contracts of the whole group")


class TierPolicy(VersionedModel):
    """The rules of grading over [valid_from, valid_to).

    Once used only `valid_to` may be set: a change is a new version.
    `applied_on` is the business day of the first night that graded everybody by it.
    """

    code = models.CharField(_("version"), max_length=40)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)
    class_basis = models.CharField(
        _("amount that counts"), max_length=20, choices=Basis, default=Basis.IN_FORCE_ANNUALISED
    )
    gross_up_short = models.BooleanField(_("annualise terms below a year"), default=False)
    class_scope = models.CharField(_("counted over"), max_length=8, choices=Scope, default=Scope.CUSTOMER)
    downgrade_grace_days = models.PositiveSmallIntegerField(_("days below before a downgrade"), default=90)
    currency = models.CharField(_("currency"), max_length=3)
    applied_on = models.DateField(null=True, editable=False)

    class Meta(VersionedModel.Meta):
        ordering = ["-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "code"], name="tier_policy_code"),
            dated.ends_after_it_begins("tier_policy_period"),
            dated.one_at_a_time("one_tier_policy_at_a_time"),
        ]

    def __str__(self) -> str:
        return self.code


class TierBand(TenantModel):
    """One tier's amounts [lower, upper) in the policy's currency; the bands of a policy tile [0, ∞).

    Rank 1 is the lowest. tiers.policies refuses bands that leave a hole or overlap.
    """

    policy = TenantForeignKey(TierPolicy, models.CASCADE, related_name="bands")
    tier = models.CharField(_("tier"), max_length=20)
    name = models.CharField(_("name"), max_length=60, blank=True)
    lower = models.DecimalField(pgettext_lazy("band", "from"), max_digits=15, decimal_places=2)
    upper = models.DecimalField(
        pgettext_lazy("band", "below"), max_digits=15, decimal_places=2, null=True, blank=True
    )
    rank = models.PositiveSmallIntegerField()

    class Meta(TenantModel.Meta):
        ordering = ["policy", "-rank"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "policy", "tier"], name="tier_band_once"),
            models.UniqueConstraint(fields=["tenant_id", "policy", "rank"], name="tier_band_rank"),
            models.CheckConstraint(
                condition=Q(lower__gte=0) & (Q(upper__isnull=True) | Q(upper__gt=F("lower"))),
                name="tier_band_bounds",
            ),
        ]

    def __str__(self) -> str:
        return str(self.name or (Tier(self.tier).label if self.tier in Tier else self.tier))
