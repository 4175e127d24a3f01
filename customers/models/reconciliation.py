from datetime import date, timedelta
from decimal import Decimal

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.access import Viewer
from crm.accounts.models import Member
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import VersionedModel
from customers.models.customer import Customer


def _amount(label: object) -> models.DecimalField:
    return models.DecimalField(label, max_digits=15, decimal_places=2)  # type: ignore[arg-type]


class Reconciliation(VersionedModel):
    """The statement of account of a customer over [starts_on, ends_on) in one currency (对账单).

    opening + due − received + refunded − written_off = closing; below zero the customer has paid ahead.
    `lines` are the movements, as they were when it was worked out on `worked_on`; from the sending on they
    stay. What the customer says differs is `difference`: his closing less ours.
    """

    class State(models.TextChoices):
        DRAFT = "DRAFT", pgettext_lazy("reconciliation", "Draft")
        SENT = "SENT", pgettext_lazy("reconciliation", "Sent")
        SIGNED = "SIGNED", pgettext_lazy("reconciliation", "Signed")
        DISAGREED = "DISAGREED", pgettext_lazy("reconciliation", "Disagreed")

    customer = TenantForeignKey(
        Customer, models.PROTECT, related_name="reconciliations", verbose_name=_("customer")
    )
    currency = models.CharField(_("currency"), max_length=3)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("day after the last"))
    opening, due = _amount(_("opening balance")), _amount(_("fell due"))
    received, refunded = _amount(_("received")), _amount(_("given back"))
    written_off, closing = _amount(_("written off")), _amount(_("closing balance"))
    lines = models.JSONField(default=list)
    worked_on = models.DateField(_("worked out on"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT)
    prepared_by = TenantForeignKey(
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("prepared by")
    )
    sent_on = models.DateField(_("sent on"), null=True)
    answered_on = models.DateField(_("answered on"), null=True)
    signatory = models.CharField(_("who answered for the customer"), max_length=60, blank=True)
    difference = models.DecimalField(_("difference"), max_digits=15, decimal_places=2, null=True)
    answer = models.TextField(_("what the customer says"), validators=[MaxLengthValidator(1000)], blank=True)

    class Meta(VersionedModel.Meta):
        ordering = ["-ends_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="reconciliation_period"),
            models.CheckConstraint(
                condition=Q(
                    closing=F("opening") + F("due") - F("received") + F("refunded") - F("written_off")
                ),
                name="reconciliation_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(state="DRAFT", sent_on__isnull=True, answered_on__isnull=True)
                | Q(state="SENT", sent_on__isnull=False, answered_on__isnull=True)
                | Q(state="SIGNED", answered_on__isnull=False, difference__isnull=True)
                | Q(state="DISAGREED", answered_on__isnull=False, difference__isnull=False),
                name="reconciliation_state",
            ),
            ExclusionConstraint(
                name="one_reconciliation_at_a_time",
                expressions=[
                    ("tenant_id", RangeOperators.EQUAL),
                    ("customer", RangeOperators.EQUAL),
                    ("currency", RangeOperators.EQUAL),
                    (
                        Func("starts_on", "ends_on", function="daterange", output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "state", "-ends_on", "-id"], name="reconciliation_waiting"),
            models.Index(fields=["tenant_id", "-ends_on", "-id"], name="reconciliation_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.customer} {self.starts_on}"

    @property
    def last_day(self) -> date:
        """The last day of the period."""
        return self.ends_on - timedelta(days=1)

    @property
    def their_closing(self) -> Decimal | None:
        """What the customer says is open at the end."""
        return None if self.difference is None else self.closing + self.difference

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Customer.reach(viewer, "customer__")
