from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer
from crm.accounts.models import Department, Member
from crm.periods import contains
from crm.tenancy import dated
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import VersionedModel
from customers.models.customer import Customer


class Arrangement(VersionedModel):
    """公司安排: a department that is responsible for a customer over [valid_from, valid_to) by decision of
    the company, whatever the rules say (ASSIGN-01).

    Without `approved_by` it came from a program.
    """

    customer = TenantForeignKey(Customer, models.CASCADE, related_name="arrangements")
    department = TenantForeignKey(Department, models.PROTECT, related_name="+", verbose_name=_("department"))
    reason = models.CharField(_("reason"), max_length=200)
    approved_by = TenantForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approved by")
    )
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)

    class Meta(VersionedModel.Meta):
        ordering = ["-valid_from", "-id"]
        constraints = [
            dated.ends_after_it_begins("arrangement_period"),
            dated.one_at_a_time("one_arrangement_at_a_time", "customer"),
        ]

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Customer.reach(viewer, "customer__")

    def holds(self, on: date) -> bool:
        """Whether it is in force on a day."""
        return contains(self.valid_from, self.valid_to, on)
