from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from commissions.models.entry import ONE_PAYEE, payee_reach
from commissions.models.period import Period
from commissions.models.plan import PlanVersion
from crm.accounts.access import Viewer
from crm.accounts.models import Department, Member
from crm.accounts.rights import Scope
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import VersionedModel


class Statement(VersionedModel):
    """What a month pays a payee (rule STATEMENT): opening carry + posted = payable + closing carry.

    Written when the month is calculated, and anew until it is approved; published with the approval.
    """

    period = TenantForeignKey(Period, models.PROTECT, related_name="statements")
    member = TenantForeignKey(Member, models.PROTECT, null=True, related_name="+")
    department = TenantForeignKey(Department, models.PROTECT, null=True, related_name="+")
    payee_department = TenantForeignKey(Department, models.PROTECT, related_name="+")
    plan_version = TenantForeignKey(PlanVersion, models.PROTECT, related_name="+")
    ruled = models.BooleanField()  # whether caps, floor and minimum apply: not to funds, overlays and ops
    currency = models.CharField(_("currency"), max_length=3)
    opening_carry = models.DecimalField(_("opening carry"), max_digits=15, decimal_places=2)
    by_kind = models.JSONField(default=dict)  # payable kinds whose sum is not zero, as decimal strings
    posted = models.DecimalField(_("posted"), max_digits=15, decimal_places=2)  # the sum of by_kind
    payable = models.DecimalField(_("payable"), max_digits=15, decimal_places=2)
    closing_carry = models.DecimalField(_("closing carry"), max_digits=15, decimal_places=2)
    draw_due = models.DecimalField(_("guarantee still to be recovered"), max_digits=15, decimal_places=2)
    held = models.DecimalField(_("held back"), max_digits=15, decimal_places=2)
    forfeited = models.DecimalField(_("forfeited"), max_digits=15, decimal_places=2)
    published_at = models.DateTimeField(null=True)
    disputable_until = models.DateField(null=True)  # the last day, fixed with the publication
    confirmed_at = models.DateTimeField(null=True)  # when its payee said that he has read it

    class Meta(VersionedModel.Meta):
        ordering = ["-period__month", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "period", "member", "department"],
                nulls_distinct=False,
                name="statement_once",
            ),
            models.CheckConstraint(condition=ONE_PAYEE, name="statement_one_payee"),
            models.CheckConstraint(
                condition=Q(payable=F("opening_carry") + F("posted") - F("closing_carry")),
                name="statement_adds_up",
            ),
            models.CheckConstraint(condition=Q(payable__gte=0), name="statement_payable"),
        ]
        indexes = [models.Index(fields=["tenant_id", "member", "period"], name="statement_payee")]

    @property
    def payee_name(self) -> str:
        """Who is paid, as he is called today."""
        payee = self.member or self.department
        return payee.name if payee else ""

    @property
    def is_draft(self) -> bool:
        """Whether it may still change."""
        return self.published_at is None

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        """A payee sees his own once it is published; reviewers see those of their payees from the start."""
        own = Q(member_id=viewer.id)
        published = own & Q(published_at__isnull=False)
        return published if viewer.commission is Scope.NONE else published | (payee_reach(viewer) & ~own)
