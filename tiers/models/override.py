from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer
from crm.accounts.models import Member
from crm.tenancy import dated
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import TenantModel
from customers.models import Customer


class TierOverride(TenantModel):
    """A tier given by decision over [valid_from, valid_to), whatever the amount says.

    `proposed_by` is another one than who decided; empty where he decided of his own accord.
    """

    customer = TenantForeignKey(Customer, models.CASCADE, related_name="tier_overrides")
    tier = models.CharField(_("tier"), max_length=20)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200)
    decided_by = TenantForeignKey(
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    proposed_by = TenantForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("proposed by")
    )

    class Meta(TenantModel.Meta):
        ordering = ["-valid_from"]
        constraints = [
            dated.ends_after_it_begins("tier_override_period"),
            dated.one_at_a_time("one_tier_override_at_a_time", "customer"),
        ]

    def holds(self, on: date) -> bool:
        """Whether the customer has this tier on a day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Customer.reach(viewer, "customer__")
