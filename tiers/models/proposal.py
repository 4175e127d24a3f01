"""A tier that is proposed to whoever may decide it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.access import Viewer
from crm.accounts.models import Member
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import VersionedModel
from customers.models import Customer


class TierProposal(VersionedModel):
    """A tier that somebody proposes for a customer until a day, and what became of it.

    Whoever proposes it never approves it. While `outcome` is empty it waits, one for a customer.
    """

    class Outcome(models.TextChoices):
        APPROVED = "APPROVED", pgettext_lazy("proposal", "Approved")
        REFUSED = "REFUSED", pgettext_lazy("proposal", "Refused")
        TAKEN_BACK = "TAKEN_BACK", pgettext_lazy("proposal", "Taken back")

    customer = TenantForeignKey(Customer, models.CASCADE, related_name="tier_proposals")
    tier = models.CharField(_("tier"), max_length=20)
    until = models.DateField(_("until"))
    reason = models.CharField(_("reason"), max_length=200)
    proposed_by = TenantForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("proposed by"))
    proposed_on = models.DateField(_("proposed on"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True, default="")
    decided_by = TenantForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_on = models.DateField(_("decided on"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True, default="")

    class Meta(VersionedModel.Meta):
        ordering = ["-proposed_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "customer"], condition=Q(outcome=""), name="one_open_tier_proposal"
            ),
            models.CheckConstraint(
                condition=~Q(outcome="APPROVED") | ~Q(decided_by=F("proposed_by")),
                name="tier_proposal_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposed_on} {self.tier}"

    @property
    def is_open(self) -> bool:
        return not self.outcome

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Customer.reach(viewer, "customer__")
