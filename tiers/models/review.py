from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.access import Viewer
from crm.accounts.models import Member
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import VersionedModel
from customers.models import Customer


class Review(VersionedModel):
    """A periodic evaluation of customers: a list frozen on a day, judged until another, then signed.

    What it changes of tiers holds until `holds_until`. One runs at a time.
    """

    code = models.CharField(_("name"), max_length=40)
    frozen_on = models.DateField(_("frozen on"))
    due_on = models.DateField(_("to be judged by"))
    holds_until = models.DateField(_("results hold until"))
    opened_by = TenantForeignKey(
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("opened by")
    )
    signed_by = TenantForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("signed by")
    )
    signed_on = models.DateField(_("signed on"), null=True, blank=True)

    class Meta(VersionedModel.Meta):
        ordering = ["-frozen_on"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "code"], name="review_code"),
            models.UniqueConstraint(
                fields=["tenant_id"], condition=Q(signed_on__isnull=True), name="one_review_at_a_time"
            ),
            models.CheckConstraint(condition=Q(holds_until__gt=F("frozen_on")), name="review_holds"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_open(self) -> bool:
        return self.signed_on is None


class ReviewLine(VersionedModel):
    """One customer of a review as it stood when the list was frozen, and what was judged of it.

    The owner proposes, another confirms or not. Amounts are in the tenant's currency.
    """

    class Verdict(models.TextChoices):
        KEEP = "KEEP", pgettext_lazy("verdict", "Keep")
        UP = "UP", pgettext_lazy("verdict", "Up")
        DOWN = "DOWN", pgettext_lazy("verdict", "Down")

    review = TenantForeignKey(Review, models.CASCADE, related_name="lines")
    customer = TenantForeignKey(Customer, models.CASCADE, related_name="review_lines")
    owner = TenantForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("responsible"))
    tier = models.CharField(_("tier"), max_length=20)
    annual_amount = models.DecimalField(_("annual amount"), max_digits=15, decimal_places=2)
    verdict = models.CharField(_("verdict"), max_length=4, choices=Verdict, blank=True, db_default="")
    proposed_tier = models.CharField(_("proposed tier"), max_length=20, blank=True, db_default="")
    reason = models.CharField(_("reason"), max_length=200, blank=True, db_default="")
    next_step = models.CharField(_("next step"), max_length=200, blank=True, db_default="")
    next_on = models.DateField(_("next step on"), null=True, blank=True)
    proposed_by = TenantForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("proposed by")
    )
    proposed_on = models.DateField(_("proposed on"), null=True, blank=True)
    is_agreed = models.BooleanField(_("agreed"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=200, blank=True, db_default="")
    confirmed_by = TenantForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("confirmed by")
    )
    confirmed_on = models.DateField(_("confirmed on"), null=True, blank=True)

    class Meta(VersionedModel.Meta):
        ordering = ["-annual_amount", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "review", "customer"], name="review_line_once"),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("proposed_by")),
                name="review_line_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tier} {self.verdict}"

    @property
    def changes(self) -> bool:
        """Whether the tier is agreed to become another one."""
        return bool(self.is_agreed) and self.verdict in (self.Verdict.UP, self.Verdict.DOWN)

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Customer.reach(viewer, "customer__")
