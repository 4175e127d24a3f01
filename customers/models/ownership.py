from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer
from crm.accounts.models import Department, Member
from crm.tenancy import dated
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import TenantModel
from customers.models.assignment import AssignmentPolicy
from customers.models.contract import Contract
from customers.models.customer import Customer
from customers.models.pool import CustomerPool


class OwnershipCredit(TenantModel):
    """Who developed or who manages a customer over [valid_from, valid_to), and by which rule.

    Written by customers.ownership alone. The rule's id, inputs and version (`policy`, for a row of the
    decision table) are the answer to "why?".
    Time in a pool is a MANAGER row with the pool instead of a department, so that no day is missing.
    """

    class Role(models.TextChoices):
        DEVELOPER = "DEVELOPER", _("Developer")
        MANAGER = "MANAGER", _("Manager")
        COLLABORATOR = "COLLABORATOR", _("Collaborator")

    customer = TenantForeignKey(Customer, models.CASCADE, related_name="credits")
    role = models.CharField(_("role"), max_length=12, choices=Role)
    department = TenantForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="+")
    pool = TenantForeignKey(CustomerPool, models.PROTECT, null=True, blank=True, related_name="+")
    member = TenantForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="credits")
    basis_points = models.PositiveIntegerField(_("share"), default=10_000)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)
    rule = models.CharField(_("rule"), max_length=20)
    policy = TenantForeignKey(AssignmentPolicy, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    inputs = models.JSONField(default=dict)
    decided_by = TenantForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta(TenantModel.Meta):
        ordering = ["-valid_from", "-id"]
        constraints = [
            dated.ends_after_it_begins("credit_period"),
            models.CheckConstraint(condition=Q(basis_points__lte=10_000), name="credit_basis_points"),
            models.CheckConstraint(
                condition=Q(department__isnull=False, pool__isnull=True)
                | Q(role="MANAGER", department__isnull=True, pool__isnull=False, member__isnull=True),
                name="credit_department_or_pool",
            ),
            dated.one_at_a_time("one_manager_at_a_time", "customer", condition=Q(role="MANAGER")),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "member", "customer"],
                name="credit_in_force",
                condition=Q(valid_to__isnull=True),
            ),
        ]

    @property
    def place(self) -> Department | CustomerPool:
        """The department, or the pool it waits in."""
        return self.department or self.pool  # type: ignore[return-value]

    @property
    def since(self) -> date:
        """Since when it is held: what was handed over and came back goes on where it stopped."""
        resumed: dict[str, str] = self.inputs.get("resumes", {})
        return date.fromisoformat(resumed["since"]) if resumed else self.valid_from

    @property
    def held_by(self) -> str:
        """By which rule it is held: that of the time before a handover that was taken back."""
        return str(self.inputs["resumes"]["rule"]) if "resumes" in self.inputs else self.rule

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Customer.reach(viewer, "customer__")


class Territory(TenantModel):
    """A department's region (管理区域): a province, or one city of it."""

    department = TenantForeignKey(Department, models.CASCADE, related_name="territories")
    province = models.CharField(_("province"), max_length=40)
    city = models.CharField(_("city"), max_length=40, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "department", "province", "city"], name="territory_once"
            )
        ]


class Capability(TenantModel):
    """What a department is able to manage (管理能力): a product kind, and a line or all lines (empty)."""

    department = TenantForeignKey(Department, models.CASCADE, related_name="capabilities")
    product_kind = models.CharField(max_length=8, choices=Contract.ProductKind)
    line = models.CharField(max_length=60, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "department", "product_kind", "line"], name="capability_once"
            )
        ]
