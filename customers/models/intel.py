from datetime import date

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.access import Viewer
from crm.accounts.models import Department, Member
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import VersionedModel
from customers.models.contract import Contract
from customers.models.customer import Customer


class CustomerIntel(VersionedModel):
    """News of a customer (信息通报) that a colleague passes on to whoever is responsible for it.

    `called` is how the sender named the customer: of a customer beyond his reach he sees that and
    nothing else. For whom it is follows the customer: its owner of the day, after the deadline the head
    named in `escalated_to` too.
    """

    class Kind(models.TextChoices):
        NEED = "NEED", _("A need")
        RISK = "RISK", pgettext_lazy("news", "A risk")
        PERSON = "PERSON", _("A person")
        COMPETITOR = "COMPETITOR", _("A competitor")
        OTHER = "OTHER", pgettext_lazy("news", "Other")

    class Outcome(models.TextChoices):
        USEFUL = "USEFUL", _("Useful")
        KNOWN = "KNOWN", _("Known already")
        UNFOUNDED = "UNFOUNDED", _("Unfounded")

    customer = TenantForeignKey(
        Customer, models.CASCADE, related_name="intel", verbose_name=_("customer"), db_index=False
    )
    called = models.CharField(_("customer as the sender calls it"), max_length=200)
    member = TenantForeignKey(
        Member, models.PROTECT, related_name="+", verbose_name=_("from"), db_index=False
    )
    department = TenantForeignKey(
        Department, models.PROTECT, related_name="+", verbose_name=_("department of the sender")
    )
    kind = models.CharField(_("kind of news"), max_length=10, choices=Kind, default=Kind.NEED)
    text = models.TextField(_("news"), validators=[MaxLengthValidator(4000)])
    relayed_on = models.DateField(_("passed on"))
    due_on = models.DateField(_("to be answered by"))
    escalated_on = models.DateField(_("escalated on"), null=True)
    escalated_to = TenantForeignKey(
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("escalated to")
    )
    acknowledged_by = TenantForeignKey(
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("answered by")
    )
    acknowledged_at = models.DateTimeField(_("answered at"), null=True)
    acknowledged_on = models.DateField(_("answered on"), null=True)
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome, blank=True)
    answer = models.TextField(_("answer"), validators=[MaxLengthValidator(2000)], blank=True)
    thanked_by = TenantForeignKey(
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("thanked by")
    )
    thanked_on = models.DateField(_("thanked on"), null=True)
    thanks = models.TextField(_("thanks"), validators=[MaxLengthValidator(500)], blank=True)
    led_to_contract = TenantForeignKey(
        Contract, models.SET_NULL, null=True, related_name="+", verbose_name=_("led to the contract")
    )

    class Meta(VersionedModel.Meta):
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(text="") & ~Q(called=""), name="intel_says_something"),
            models.CheckConstraint(condition=Q(due_on__gte=F("relayed_on")), name="intel_due"),
            models.CheckConstraint(
                condition=Q(
                    acknowledged_by__isnull=True,
                    acknowledged_at__isnull=True,
                    acknowledged_on__isnull=True,
                    outcome="",
                )
                | (Q(acknowledged_at__isnull=False, acknowledged_on__isnull=False) & ~Q(outcome="")),
                name="intel_answered",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "customer", "acknowledged_on"], name="intel_customer"),
            models.Index(fields=["tenant_id", "member", "-relayed_on", "-id"], name="intel_sender"),
            models.Index(
                fields=["tenant_id", "due_on", "id"],
                name="intel_open",
                condition=Q(acknowledged_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.called

    @property
    def is_open(self) -> bool:
        """Whether nobody has answered it yet."""
        return self.acknowledged_at is None

    def is_late(self, on: date) -> bool:
        """Whether it should have been answered before `on`."""
        return self.is_open and self.due_on < on

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        rows = Customer.reach(viewer, "customer__")
        # All rows are an empty condition, which an "or" would drop.
        return rows | Q(member_id=viewer.id) | Q(escalated_to_id=viewer.id) if rows else rows
