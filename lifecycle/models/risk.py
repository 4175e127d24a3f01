from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.access import Viewer
from crm.tenancy import dated
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import AppendOnlyModel, VersionedModel
from customers.models import Customer


class Band(models.TextChoices):
    RED = "RED", pgettext_lazy("risk band", "high")
    AMBER = "AMBER", pgettext_lazy("risk band", "medium")
    GREEN = "GREEN", pgettext_lazy("risk band", "low")


class Signal(models.TextChoices):
    """What is listened to for the churn score (domain.md §4), in the order ties are broken by."""

    UNQUOTED = "unquoted", _("Ends soon, no renewal quote")
    INTERACTION = "interaction", _("Silence against the usual interval")
    COMPLAINTS = "complaints", _("Complaints in 90 days")
    SATISFACTION = "satisfaction", _("Satisfaction")
    PAYMENT = "payment", _("Late payment")
    SHRINK = "shrink", _("Smaller at the last renewal")
    USAGE = "usage", _("Use of the service")


class RiskPolicy(VersionedModel):
    """The weights, cuts and bands of the churn score over [valid_from, valid_to); never edited once used.

    lifecycle.churn.policy says what `settings` looks like and checks it.
    """

    code = models.CharField(_("version"), max_length=40)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)
    settings = models.JSONField(_("settings"), default=dict)

    class Meta(VersionedModel.Meta):
        ordering = ["-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "code"], name="risk_policy_code"),
            dated.ends_after_it_begins("risk_policy_period"),
            dated.one_at_a_time("one_risk_policy_at_a_time"),
        ]

    def __str__(self) -> str:
        return self.code


class RiskScore(AppendOnlyModel):
    """A customer's churn score at the time it changed, with everything needed to explain it.

    `signals` is a list, in policy order, of {"signal", "weight", "points" or null for no data, and
    the raw "inputs"}. Score and band are null and "" when the customer has no contract in force.
    """

    # Without a database key, as in StageMove.
    customer = TenantForeignKey(
        Customer,
        models.DO_NOTHING,
        related_name="risk_scores",
        verbose_name=_("customer"),
        db_constraint=False,
        db_index=False,
    )
    score = models.PositiveSmallIntegerField(_("risk"), null=True)
    band = models.CharField(_("risk band"), max_length=6, choices=Band, blank=True)
    band_before = models.CharField(_("risk band before"), max_length=6, choices=Band, blank=True)
    signals = models.JSONField(_("signals"), default=list)
    reasons = models.JSONField(_("reasons"), default=list)
    policy = TenantForeignKey(
        RiskPolicy, models.PROTECT, related_name="+", verbose_name=_("version"), db_index=False
    )
    on = models.DateField(_("business date"))
    at = models.DateTimeField(_("time"))

    class Meta(AppendOnlyModel.Meta):
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["tenant_id", "customer", "-id"], name="risk_score_history"),
            models.Index(
                fields=["tenant_id", "on", "customer"],
                name="risk_score_left_red",
                condition=Q(band_before="RED") & ~Q(band="RED"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.score} {self.band}"

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Customer.reach(viewer, "customer__")
