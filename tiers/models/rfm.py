from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer
from crm.tenancy import dated
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import AppendOnlyModel, VersionedModel
from customers.models import Customer, ValueSegment


class RfmPolicy(VersionedModel):
    """The weights and cuts of customer value over [valid_from, valid_to); never edited once used.

    From `fewest` customers on each score is a fifth of them; below it, `cuts` give the score: four bounds
    for each letter, of which R's are days (each one reached takes a point off 5), F's contracts and M's
    amounts (each one reached adds a point to 1).
    """

    code = models.CharField(_("version"), max_length=40)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)
    weight_r = models.DecimalField(_("weight of R"), max_digits=3, decimal_places=2)
    weight_f = models.DecimalField(_("weight of F"), max_digits=3, decimal_places=2)
    weight_m = models.DecimalField(_("weight of M"), max_digits=3, decimal_places=2)
    fewest = models.PositiveSmallIntegerField(_("customers from which fifths are taken"))
    cuts = models.JSONField(_("fixed cuts"), default=dict)

    class Meta(VersionedModel.Meta):
        ordering = ["-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "code"], name="rfm_policy_code"),
            dated.ends_after_it_begins("rfm_policy_period"),
            models.CheckConstraint(
                condition=Q(weight_r__gte=0, weight_f__gte=0, weight_m__gte=0)
                & Q(weight_r=Decimal(1) - F("weight_f") - F("weight_m")),
                name="rfm_policy_weights",
            ),
            dated.one_at_a_time("one_rfm_policy_at_a_time"),
        ]

    def __str__(self) -> str:
        return self.code


class RfmScore(AppendOnlyModel):
    """What a customer was worth on a day, with everything needed to explain it.

    A row is written when an input, a score, the value, the segment or the version differs from the latest
    row, so the latest (by id) explains what Standing says. `inputs` tell how many customers were judged,
    the customer's rank for each letter, the means, and whether fifths or fixed cuts gave the scores.
    Scores are null and the segment "" when no contract is left that ever began.
    """

    # Without database keys, as in Grade.
    customer = TenantForeignKey(
        Customer, models.DO_NOTHING, related_name="rfm_scores", db_constraint=False, db_index=False
    )
    last_on = models.DateField(_("last signed or paid"), null=True)
    contracts = models.PositiveIntegerField(_("contracts signed in 36 months"), null=True)
    cash = models.DecimalField(_("cash of 12 months"), max_digits=15, decimal_places=2, null=True)
    r = models.PositiveSmallIntegerField("R", null=True)
    f = models.PositiveSmallIntegerField("F", null=True)
    m = models.PositiveSmallIntegerField("M", null=True)
    value = models.DecimalField(_("customer value"), max_digits=3, decimal_places=2, null=True)
    segment = models.CharField(_("value segment"), max_length=3, choices=ValueSegment, blank=True)
    segment_before = models.CharField(
        _("value segment before"), max_length=3, choices=ValueSegment, blank=True
    )
    inputs = models.JSONField(_("inputs"), default=dict)
    policy = TenantForeignKey(
        RfmPolicy,
        models.PROTECT,
        related_name="+",
        verbose_name=_("version"),
        db_constraint=False,
        db_index=False,
    )
    on = models.DateField(_("business date"))
    at = models.DateTimeField(_("time"))

    class Meta(AppendOnlyModel.Meta):
        ordering = ["-id"]
        indexes = [models.Index(fields=["tenant_id", "customer", "-id"], name="rfm_score_history")]

    def __str__(self) -> str:
        return f"{self.value} {self.segment}"

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Customer.reach(viewer, "customer__")
