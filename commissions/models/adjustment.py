from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from commissions.models.dispute import LineDispute
from commissions.models.entry import BY_HAND, LedgerEntry, payee_reach
from commissions.models.payee import ONE_PAYEE
from crm.accounts.access import Viewer
from crm.accounts.models import Department, Member
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import AppendOnlyModel, VersionedModel


class Adjustment(VersionedModel):
    """A correction of commission by hand: proposed by one, approved by another, then posted as an entry.

    It corrects a line, whose contract and component it takes over, or stands for itself. `amount` is the
    difference that is posted.
    """

    class State(models.TextChoices):
        PROPOSED = "PROPOSED", pgettext_lazy("adjustment", "Proposed")
        APPROVED = "APPROVED", pgettext_lazy("adjustment", "Approved")
        REFUSED = "REFUSED", pgettext_lazy("adjustment", "Refused")
        WITHDRAWN = "WITHDRAWN", pgettext_lazy("adjustment", "Withdrawn")

    dispute = TenantForeignKey(LineDispute, models.PROTECT, null=True, related_name="adjustments")
    corrects = TenantForeignKey(
        LedgerEntry, models.PROTECT, null=True, related_name="adjustments", verbose_name=_("line")
    )
    member = TenantForeignKey(Member, models.PROTECT, null=True, related_name="+", verbose_name=_("payee"))
    department = TenantForeignKey(Department, models.PROTECT, null=True, related_name="+")
    payee_department = TenantForeignKey(Department, models.PROTECT, related_name="+")
    amount = models.DecimalField(_("amount"), max_digits=15, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    effective_on = models.DateField(_("effective date"))
    reason = models.TextField(_("reason"), validators=[MaxLengthValidator(2000)])
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.PROPOSED)
    proposed_by = TenantForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("proposed by"))
    proposed_on = models.DateField(_("proposed on"))
    proposed_at = models.DateTimeField(_("proposed at"))
    decided_by = TenantForeignKey(
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_on = models.DateField(_("decided on"), null=True)
    decision = models.TextField(_("decision"), validators=[MaxLengthValidator(2000)], blank=True)
    entry = TenantForeignKey(LedgerEntry, models.PROTECT, null=True, related_name="+")

    class Meta(VersionedModel.Meta):
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=ONE_PAYEE, name="adjustment_one_payee"),
            models.CheckConstraint(condition=~Q(amount=0), name="adjustment_not_zero"),
            models.CheckConstraint(
                condition=Q(state="APPROVED", entry__isnull=False)
                | (~Q(state="APPROVED") & Q(entry__isnull=True)),
                name="adjustment_posted",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True)
                | Q(state="WITHDRAWN")
                | (~Q(decided_by=F("proposed_by")) & (Q(member__isnull=True) | ~Q(decided_by=F("member")))),
                name="adjustment_decided_by_another",
            ),
            models.UniqueConstraint(
                fields=["tenant_id", "dispute"],
                condition=Q(state__in=["PROPOSED", "APPROVED"]),
                name="adjustment_once_for_a_dispute",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "state", "-proposed_at", "-id"], name="adjustment_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    @property
    def source(self) -> str:
        """Under which its entry stands in the ledger."""
        return f"{BY_HAND}{self.pk}"

    @property
    def payee_name(self) -> str:
        """Who is paid, as he is called today."""
        payee = self.member or self.department
        return payee.name if payee else ""

    @classmethod
    def reach(cls, viewer: Viewer, path: str = "") -> Q:
        """Whoever reviews the payee; the payee himself what was posted, and what answers his dispute."""
        own = Q(**{f"{path}member_id": viewer.id})
        his = own & (Q(**{f"{path}state": "APPROVED"}) | Q(**{f"{path}dispute__isnull": False}))
        return his | (payee_reach(viewer, path) & ~own)


class Attachment(AppendOnlyModel):
    """A file beside a dispute or an adjustment; the bytes lie in the storage under `stored`."""

    dispute = TenantForeignKey(LineDispute, models.PROTECT, null=True, related_name="attachments")
    adjustment = TenantForeignKey(Adjustment, models.PROTECT, null=True, related_name="attachments")
    name = models.CharField(_("name"), max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(_("bytes"))
    stored = models.CharField(max_length=200)
    added_by = TenantForeignKey(Member, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta(AppendOnlyModel.Meta):
        ordering = ["added_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(dispute__isnull=False, adjustment__isnull=True)
                | Q(dispute__isnull=True, adjustment__isnull=False),
                name="attachment_of_one",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        """Who reaches what it stands beside."""
        beside = Q(dispute__isnull=False) & LineDispute.reach(viewer, "dispute__")
        return beside | (Q(adjustment__isnull=False) & Adjustment.reach(viewer, "adjustment__"))
