from decimal import Decimal

from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.access import Viewer
from crm.accounts.models import Member
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import VersionedModel
from customers.models.contract import Contract
from customers.models.customer import Customer

MOST_DAYS = 365
FEN = Decimal("0.01")


class CreditTerms(VersionedModel):
    """What was agreed of the account of a customer and contract (建账) beyond the payment plan.

    The plan says when an instalment is due. `credit_days` are days after that in which nobody is dunned;
    what is overdue, its age, and what commission makes of it count from the due date all the same.
    Every `statement_months` months the account is reconciled (对账). Without a row: 0 days, monthly.
    """

    contract = TenantForeignKey(
        Contract, models.CASCADE, related_name="credit_terms", verbose_name=_("contract"), db_index=False
    )
    customer = TenantForeignKey(Customer, models.PROTECT, related_name="+", verbose_name=_("customer"))
    credit_days = models.PositiveSmallIntegerField(
        _("days of credit"), default=0, validators=[MaxValueValidator(MOST_DAYS)]
    )
    statement_months = models.PositiveSmallIntegerField(
        _("months between statements"), default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta(VersionedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "contract"], name="credit_terms_once"),
            models.CheckConstraint(
                condition=Q(credit_days__lte=MOST_DAYS, statement_months__gte=1, statement_months__lte=12),
                name="credit_terms_range",
            ),
        ]

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Customer.reach(viewer, "customer__")

    @classmethod
    def writes(cls, viewer: Viewer) -> Q:
        """Those of customers that the viewer may change."""
        return Customer.writes(viewer, "customer__")


class WriteOff(VersionedModel):
    """Money of an overdue instalment that is given up (核销坏账), or a correction that takes some back.

    Proposed by one person and approved by another; what is approved is never changed: money that comes
    after all is entered by a correction, which opens the instalment again. Amounts are in contract
    currency. The instalment is named by its number, for an amendment may write the plan anew.
    """

    class Kind(models.TextChoices):
        WRITE_OFF = "WRITE_OFF", pgettext_lazy("receivables", "Write-off")
        CORRECTION = "CORRECTION", pgettext_lazy("receivables", "Correction of a write-off")

    class State(models.TextChoices):
        PROPOSED = "PROPOSED", pgettext_lazy("write-off", "To be approved")
        APPROVED = "APPROVED", pgettext_lazy("write-off", "Approved")
        REFUSED = "REFUSED", pgettext_lazy("write-off", "Refused")
        WITHDRAWN = "WITHDRAWN", pgettext_lazy("write-off", "Withdrawn")

    number = models.CharField(_("number"), max_length=70)  # the contract's number, "/W", position
    contract = TenantForeignKey(
        Contract, models.PROTECT, related_name="write_offs", verbose_name=_("contract")
    )
    customer = TenantForeignKey(Customer, models.PROTECT, related_name="+", verbose_name=_("customer"))
    instalment = models.CharField(_("instalment number"), max_length=70)
    contract_year = models.PositiveSmallIntegerField(_("contract year"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.WRITE_OFF)
    corrects = TenantForeignKey(
        "self", models.PROTECT, null=True, related_name="corrections", verbose_name=_("corrects")
    )
    amount = models.DecimalField(
        _("amount"), max_digits=15, decimal_places=2, validators=[MinValueValidator(FEN)]
    )
    currency = models.CharField(_("currency"), max_length=3)
    reason = models.TextField(_("reason"), validators=[MaxLengthValidator(500)])
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.PROPOSED)
    proposed_by = TenantForeignKey(
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("proposed by")
    )
    proposed_on = models.DateField(_("proposed on"))
    decided_by = TenantForeignKey(
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_on = models.DateField(_("decided on"), null=True)
    answer = models.TextField(_("answer"), validators=[MaxLengthValidator(500)], blank=True)

    class Meta(VersionedModel.Meta):
        ordering = ["-proposed_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "number"], name="write_off_number"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="write_off_amount"),
            models.CheckConstraint(condition=~Q(reason=""), name="write_off_says_why"),
            models.CheckConstraint(
                condition=Q(kind="CORRECTION", corrects__isnull=False)
                | Q(kind="WRITE_OFF", corrects__isnull=True),
                name="write_off_corrects",
            ),
            models.CheckConstraint(
                condition=Q(state="PROPOSED", decided_on__isnull=True)
                | (~Q(state="PROPOSED") & Q(decided_on__isnull=False)),
                name="write_off_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state="APPROVED") | ~Q(decided_by=F("proposed_by")), name="write_off_four_eyes"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "state", "-proposed_on", "-id"], name="write_off_waiting"),
            models.Index(fields=["tenant_id", "-proposed_on", "-id"], name="write_off_proposed"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def signed_amount(self) -> Decimal:
        """What it adds to what is written off: a correction takes away."""
        return self.amount if self.kind == self.Kind.WRITE_OFF else -self.amount

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Customer.reach(viewer, "customer__")
