from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer, scoped
from crm.accounts.models import Department, Member
from crm.accounts.rights import Scope
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import TenantModel, VersionedModel
from customers.models import Contract


class PoolDistribution(VersionedModel):
    """The pool of a contract whose plan gives it to the department (distribution POOL), to be distributed.

    Until `distributed_on` all of it is held. `asked` is who distributes it by `due_on`: the head of the
    department, from a missed day on whoever stands above.
    """

    contract = TenantForeignKey(
        Contract, models.CASCADE, related_name="pools", verbose_name=_("contract"), db_index=False
    )
    department = TenantForeignKey(
        Department, models.PROTECT, related_name="+", verbose_name=_("department"), db_index=False
    )
    asked = TenantForeignKey(
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("to be distributed by")
    )
    opened_on = models.DateField(_("opened on"))
    due_on = models.DateField(_("due on"))
    escalated_on = models.DateField(_("escalated on"), null=True)
    distributed_by = TenantForeignKey(
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("distributed by")
    )
    distributed_on = models.DateField(_("distributed on"), null=True)

    class Meta(VersionedModel.Meta):
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "contract"], name="pool_distribution_once"),
            models.CheckConstraint(
                condition=Q(distributed_on__isnull=True, distributed_by__isnull=True)
                | Q(distributed_on__isnull=False, distributed_by__isnull=False),
                name="pool_distribution_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "due_on", "id"], name="pool_distribution_due"),
            models.Index(
                fields=["tenant_id", "department"],
                name="pool_distribution_waits",
                condition=Q(distributed_on__isnull=True),
            ),
        ]

    def is_late(self, on: date) -> bool:
        """Whether it should have been distributed before `on`."""
        return self.distributed_on is None and self.due_on < on

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        """Who is asked, and who reviews the commission of the department."""
        asked = Q(asked=viewer.id)
        if viewer.commission is Scope.NONE:
            return asked
        return scoped(viewer.commission, viewer, own=asked, department="department")


class PoolShare(TenantModel):
    """What one person has of a distributed pool; the basis points of all sum to 10,000."""

    distribution = TenantForeignKey(
        PoolDistribution, models.CASCADE, related_name="shares", verbose_name=_("pool"), db_index=False
    )
    position = models.PositiveSmallIntegerField(default=0)
    member = TenantForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("payee"))
    basis_points = models.PositiveIntegerField(_("basis points"))

    class Meta(TenantModel.Meta):
        ordering = ["distribution", "position"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "distribution", "member"], name="pool_share_once"),
            models.CheckConstraint(
                condition=Q(basis_points__gt=0, basis_points__lte=10_000), name="pool_share_basis_points"
            ),
        ]

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        """The payee himself, and who reviews the commission of the department."""
        own = Q(member=viewer.id) | Q(distribution__asked=viewer.id)
        if viewer.commission is Scope.NONE:
            return own
        return scoped(viewer.commission, viewer, own=own, department="distribution__department")
