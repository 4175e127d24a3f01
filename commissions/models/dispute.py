from datetime import date
from decimal import Decimal

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from commissions.models.entry import LedgerEntry, payee_reach
from commissions.models.period import Period
from commissions.models.statement import Statement
from crm.accounts.access import Viewer
from crm.accounts.models import Department, Member
from crm.tenancy import dated
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import VersionedModel

ZERO = Decimal("0.00")


class DisputePolicy(VersionedModel):
    """The days of disputes and the bands of adjustments, over [valid_from, valid_to).

    A tenant without a version has the defaults, which are those of the fields. Bands are upper bounds,
    themselves excluded, of the amount without its sign.
    """

    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)
    open_days = models.PositiveSmallIntegerField(_("days to dispute, from the publication"), default=30)
    answer_workdays = models.PositiveSmallIntegerField(_("working days to answer"), default=10)
    head_below = models.DecimalField(
        _("a department head approves below"), max_digits=15, decimal_places=2, default=Decimal("5000.00")
    )
    finance_below = models.DecimalField(
        _("finance approves below"), max_digits=15, decimal_places=2, default=Decimal("25000.00")
    )

    class Meta(VersionedModel.Meta):
        ordering = ["-valid_from"]
        constraints = [
            dated.ends_after_it_begins("dispute_policy_period"),
            models.CheckConstraint(
                condition=Q(open_days__gte=1, answer_workdays__gte=1, head_below__gte=0)
                & Q(finance_below__gte=F("head_below")),
                name="dispute_policy_order",
            ),
            dated.one_at_a_time("one_dispute_policy_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.head_below} / {self.finance_below}"


class LineDispute(VersionedModel):
    """A payee disputes one line of his published statement (申诉): what he says, expects, and is answered.

    Not to be taken for a claim to a customer (撞单, customers.OwnershipDispute). `withheld` is what the
    payout of the statement's month left out because of it, `paid_with` the month that pays it after all.
    `granted` is the difference that the answer gives him; it is posted by an adjustment of its own.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", pgettext_lazy("line dispute", "Open")
        REVIEW = "REVIEW", pgettext_lazy("line dispute", "Under review")
        UPHELD = "UPHELD", pgettext_lazy("line dispute", "Upheld")
        PARTIAL = "PARTIAL", pgettext_lazy("line dispute", "Upheld in part")
        REJECTED = "REJECTED", pgettext_lazy("line dispute", "Rejected")
        WITHDRAWN = "WITHDRAWN", pgettext_lazy("line dispute", "Withdrawn")

    class Category(models.TextChoices):
        RATE = "RATE", _("Rate or class")
        CASH = "CASH", _("Cash or its date")
        SHARE = "SHARE", _("Share")
        EXPENSE = "EXPENSE", _("Expenses")
        CLAWBACK = "CLAWBACK", _("Clawback or forfeit")
        OTHER = "OTHER", pgettext_lazy("line dispute", "Something else")

    PENDING = (State.OPEN, State.REVIEW)  # somebody has to answer
    GRANTING = (State.UPHELD, State.PARTIAL)

    statement = TenantForeignKey(Statement, models.PROTECT, related_name="disputes")
    entry = TenantForeignKey(LedgerEntry, models.PROTECT, related_name="disputes", verbose_name=_("line"))
    member = TenantForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("payee"))
    payee_department = TenantForeignKey(Department, models.PROTECT, related_name="+")
    category = models.CharField(_("what is wrong"), max_length=8, choices=Category)
    words = models.TextField(_("reason"), validators=[MaxLengthValidator(2000)])
    expected = models.DecimalField(_("expected amount"), max_digits=15, decimal_places=2)
    opened_on = models.DateField(_("opened on"))
    opened_at = models.DateTimeField(_("opened at"))
    answerer = TenantForeignKey(
        Member,
        models.PROTECT,
        related_name="+",
        verbose_name=pgettext_lazy("line dispute", "to be answered by"),
    )
    due_on = models.DateField(_("answer due on"))
    escalated_on = models.DateField(_("escalated on"), null=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    taken_on = models.DateField(_("under review since"), null=True)
    answer = models.TextField(_("answer"), validators=[MaxLengthValidator(2000)], blank=True)
    granted = models.DecimalField(_("granted"), max_digits=15, decimal_places=2, null=True)
    answered_by = TenantForeignKey(
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("answered by")
    )
    closed_on = models.DateField(_("closed on"), null=True)
    withheld = models.DecimalField(_("kept out of the payout"), max_digits=15, decimal_places=2, default=ZERO)
    paid_with = TenantForeignKey(
        Period, models.PROTECT, null=True, related_name="+", verbose_name=_("paid with")
    )

    class Meta(VersionedModel.Meta):
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "entry"], condition=~Q(state="WITHDRAWN"), name="line_disputed_once"
            ),
            models.CheckConstraint(condition=~Q(answerer=F("member")), name="line_dispute_answerer"),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=F("member")),
                name="line_dispute_answered_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["OPEN", "REVIEW"], closed_on__isnull=True)
                | (~Q(state__in=["OPEN", "REVIEW"]) & Q(closed_on__isnull=False)),
                name="line_dispute_closed",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["UPHELD", "PARTIAL"], granted__isnull=False)
                | (~Q(state__in=["UPHELD", "PARTIAL"]) & Q(granted__isnull=True)),
                name="line_dispute_granted",
            ),
            models.CheckConstraint(condition=Q(withheld__gte=0), name="line_dispute_withheld"),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "state", "due_on", "id"], name="line_dispute_due"),
            models.Index(fields=["tenant_id", "member", "state"], name="line_dispute_payee"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.opened_on}"

    @property
    def is_pending(self) -> bool:
        """Whether somebody has to answer it."""
        return self.state in self.PENDING

    def is_late(self, on: date) -> bool:
        """Whether it should have been answered before `on`."""
        return self.is_pending and self.due_on < on

    @classmethod
    def reach(cls, viewer: Viewer, path: str = "") -> Q:
        return payee_reach(viewer, path)
