from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.access import Viewer
from crm.accounts.models import Member
from crm.tenancy import dated
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import VersionedModel
from customers.models import Customer


class NeglectPolicy(VersionedModel):
    """How many days after a missed follow-up who is told, over [valid_from, valid_to).

    A tenant without a version has the defaults, which are those of the fields.
    """

    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)
    owner_days = models.PositiveSmallIntegerField(_("days until the owner is told"), default=3)
    head_days = models.PositiveSmallIntegerField(_("days until the head is told"), default=5)
    flag_days = models.PositiveSmallIntegerField(_("days until the customer is marked"), default=7)
    in_workdays = models.BooleanField(_("count working days"), default=False)
    reassigns = models.BooleanField(_("hand marked customers to colleagues"), default=False)

    class Meta(VersionedModel.Meta):
        ordering = ["-valid_from"]
        constraints = [
            dated.ends_after_it_begins("neglect_policy_period"),
            models.CheckConstraint(
                condition=Q(owner_days__gte=1, head_days__gt=F("owner_days"), flag_days__gt=F("head_days")),
                name="neglect_policy_order",
            ),
            dated.one_at_a_time("one_neglect_policy_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.owner_days}/{self.head_days}/{self.flag_days}"


class Neglect(VersionedModel):
    """A customer whose owner missed a follow-up, as far as it was told: to him, to his head, to all.

    Written by lifecycle.neglect alone, which works it out from the open follow-ups; gone when it is made
    good. What was told stays in the events.
    """

    class Rung(models.TextChoices):
        OWNER = "OWNER", pgettext_lazy("neglect", "Owner told")
        HEAD = "HEAD", pgettext_lazy("neglect", "Head told")
        FLAGGED = "FLAGGED", pgettext_lazy("neglect", "Neglected")

    customer = TenantForeignKey(
        Customer, models.CASCADE, related_name="neglects", verbose_name=_("customer"), db_index=False
    )
    owner = TenantForeignKey(Member, models.CASCADE, related_name="+", verbose_name=_("responsible"))
    head = TenantForeignKey(
        Member, models.SET_NULL, null=True, related_name="+", verbose_name=_("head who was told")
    )
    missed_on = models.DateField(_("missed on"))
    owner_told_on = models.DateField(_("owner told on"))
    head_told_on = models.DateField(_("head told on"), null=True)
    flagged_on = models.DateField(_("marked on"), null=True)

    class Meta(VersionedModel.Meta):
        ordering = ["missed_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "customer"], name="neglect_once"),
            models.CheckConstraint(
                condition=Q(flagged_on__isnull=True) | Q(head_told_on__isnull=False), name="neglect_order"
            ),
        ]
        indexes = [models.Index(fields=["tenant_id", "missed_on", "id"], name="neglect_first")]

    def __str__(self) -> str:
        return str(self.rung.label)

    @property
    def rung(self) -> "Neglect.Rung":
        """How far it has come."""
        if self.flagged_on:
            return self.Rung.FLAGGED
        return self.Rung.HEAD if self.head_told_on else self.Rung.OWNER

    def days(self, on: date) -> int:
        """How many days ago the follow-up was due."""
        return (on - self.missed_on).days

    @classmethod
    def reach(cls, viewer: Viewer) -> Any:
        return Customer.reach(viewer, "customer__")
