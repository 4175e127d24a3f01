from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.access import Viewer
from crm.accounts.models import Member
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import VersionedModel
from customers.models.customer import Customer
from customers.models.ownership import OwnershipCredit


class Extension(VersionedModel):
    """More days of protection 延长保护, asked for by the owner with a reason, granted by his head.

    It belongs to one ownership: the credit, and the person in it (a change on its first day keeps the
    credit). Whoever is the next owner may ask anew.
    """

    class State(models.TextChoices):
        ASKED = "ASKED", pgettext_lazy("extension", "Asked for")
        GRANTED = "GRANTED", pgettext_lazy("extension", "Granted")
        REFUSED = "REFUSED", pgettext_lazy("extension", "Refused")
        LAPSED = "LAPSED", pgettext_lazy("extension", "No longer his")

    customer = TenantForeignKey(
        Customer, models.CASCADE, related_name="extensions", verbose_name=_("customer")
    )
    credit = TenantForeignKey(
        OwnershipCredit,
        models.CASCADE,
        related_name="extensions",
        verbose_name=_("ownership"),
        db_index=False,
    )
    member = TenantForeignKey(
        Member, models.PROTECT, related_name="extensions", verbose_name=_("asked for by")
    )
    reason = models.CharField(_("reason"), max_length=200)
    days = models.PositiveSmallIntegerField(_("days"))
    asked_on = models.DateField(_("asked for on"))
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.ASKED)
    decided_by = TenantForeignKey(
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_on = models.DateField(_("decided on"), null=True)
    answer = models.CharField(_("answer"), max_length=200, blank=True)

    class Meta(VersionedModel.Meta):
        ordering = ["-asked_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "credit", "member"],
                condition=Q(state__in=["ASKED", "GRANTED"]),
                name="extension_once",
            ),
            models.CheckConstraint(condition=~Q(reason="") & Q(days__gte=1), name="extension_says_why"),
            models.CheckConstraint(
                condition=Q(state="ASKED", decided_on__isnull=True)
                | (~Q(state="ASKED") & Q(decided_on__isnull=False)),
                name="extension_decided",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "asked_on", "id"], name="extension_waiting", condition=Q(state="ASKED")
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_state_display())

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        rows = Customer.reach(viewer, "customer__")
        return rows | Q(member_id=viewer.id) if rows else rows
