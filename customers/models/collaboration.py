from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.access import Viewer
from crm.accounts.models import Member
from crm.tenancy import dated
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import VersionedModel
from customers.models.customer import Customer


class Collaboration(VersionedModel):
    """Somebody helps with a customer that he is not responsible for, over [valid_from, valid_to).

    He sees it on every channel, and with `rights` WRITE works on it; he is paid nothing by it: shares
    stand in the ownership credits. One ended on the day it began was in force on no day.
    """

    class Role(models.TextChoices):
        JOINT = "JOINT", pgettext_lazy("collaborator", "Follows up together")
        SERVICE = "SERVICE", pgettext_lazy("collaborator", "After-sales service")
        MEMBER = "MEMBER", pgettext_lazy("collaborator", "Helps")

    class Rights(models.TextChoices):
        READ = "READ", pgettext_lazy("collaborator", "Reads")
        WRITE = "WRITE", pgettext_lazy("collaborator", "Reads and writes")

    customer = TenantForeignKey(
        Customer, models.CASCADE, related_name="collaborations", verbose_name=_("customer")
    )
    member = TenantForeignKey(
        Member, models.PROTECT, related_name="collaborations", verbose_name=_("collaborator")
    )
    role = models.CharField(_("part"), max_length=7, choices=Role, default=Role.JOINT)
    rights = models.CharField(_("rights"), max_length=5, choices=Rights, default=Rights.READ)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)
    added_by = TenantForeignKey(
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("added by")
    )
    ended_by = TenantForeignKey(
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("ended by")
    )

    class Meta(VersionedModel.Meta):
        ordering = ["-valid_from", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="collaboration_period",
            ),
            dated.one_at_a_time("one_collaboration_at_a_time", "customer", "member"),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "member", "customer"],
                name="collaboration_in_force",
                condition=Q(valid_to__isnull=True),
            ),
        ]

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Customer.reach(viewer, "customer__")
