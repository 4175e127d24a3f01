from django.db import models
from django.utils.translation import pgettext_lazy

from crm.accounts.models import Member
from crm.periods import month_from, month_text
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import VersionedModel


class Commencement(VersionedModel):
    """The month with which commission begins (启用月份): proposed, then approved by somebody else.

    Once approved, all months before it count as settled elsewhere. A company has at most one.
    """

    month = models.CharField(pgettext_lazy("period", "Month"), max_length=7)  # YYYY-MM
    proposed_by = TenantForeignKey(Member, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved_by = TenantForeignKey(Member, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)

    class Meta(VersionedModel.Meta):
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["tenant_id"], name="commencement_once")]

    def __str__(self) -> str:
        return self.month

    @property
    def is_approved(self) -> bool:
        return self.approved_at is not None

    @property
    def month_before(self) -> str:
        """The last month that is settled elsewhere."""
        return month_text(month_from(self.month) - 1)
