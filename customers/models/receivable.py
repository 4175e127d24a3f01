from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import TenantModel, VersionedModel
from customers.models.contract import Contract
from customers.models.customer import Customer

FEN = Decimal("0.01")


class Receivable(VersionedModel):
    """One instalment of a contract's payment plan, in contract currency."""

    number = models.CharField(_("instalment number"), max_length=70)  # the contract's number, "/", position
    contract = TenantForeignKey(
        Contract, models.PROTECT, related_name="receivables", verbose_name=_("contract")
    )
    customer = TenantForeignKey(
        Customer, models.PROTECT, related_name="receivables", verbose_name=_("customer")
    )
    due_on = models.DateField(_("due on"))
    amount = models.DecimalField(
        _("amount"), max_digits=15, decimal_places=2, validators=[MinValueValidator(FEN)]
    )
    contract_year = models.PositiveSmallIntegerField(_("contract year"), default=1)
    milestone = models.CharField(_("milestone"), max_length=60, blank=True, default="", db_default="")
    # Derived by customers.application: what receipts settle of it, what a cancellation takes off it, what
    # is written off (customers.receivables.writeoffs), what is left.
    applied = models.DecimalField(
        _("received"), max_digits=15, decimal_places=2, default=0, db_default=0, editable=False
    )
    waived = models.DecimalField(
        _("waived"), max_digits=15, decimal_places=2, default=0, db_default=0, editable=False
    )
    written_off = models.DecimalField(
        _("written off"), max_digits=15, decimal_places=2, default=0, db_default=0, editable=False
    )
    open = models.GeneratedField(
        expression=F("amount") - F("waived") - F("written_off") - F("applied"),
        output_field=models.DecimalField(_("open"), max_digits=15, decimal_places=2),
        db_persist=True,
        verbose_name=_("open"),
    )

    class Meta(VersionedModel.Meta):
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "number"], name="receivable_number"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="receivable_amount"),
            models.CheckConstraint(
                condition=Q(
                    applied__gte=0,
                    waived__gte=0,
                    written_off__gte=0,
                    applied__lte=F("amount") - F("waived") - F("written_off"),
                ),
                name="receivable_applied",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "due_on", "id"], name="receivable_due"),
            models.Index(
                fields=["tenant_id", "customer", "due_on"],
                name="receivable_open",
                condition=Q(open__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Customer.reach(viewer, "customer__")


class Payment(VersionedModel):
    """Money received for a contract, or given back (kind REFUND); amounts are positive."""

    class Kind(models.TextChoices):
        RECEIPT = "RECEIPT", _("Receipt")
        REFUND = "REFUND", _("Refund")

    number = models.CharField(_("receipt number"), max_length=60)
    contract = TenantForeignKey(Contract, models.PROTECT, related_name="payments", verbose_name=_("contract"))
    customer = TenantForeignKey(Customer, models.PROTECT, related_name="payments", verbose_name=_("customer"))
    kind = models.CharField(_("kind"), max_length=7, choices=Kind, default=Kind.RECEIPT)
    amount = models.DecimalField(
        _("amount"), max_digits=15, decimal_places=2, validators=[MinValueValidator(FEN)]
    )
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    received_on = models.DateField(_("received on"))
    entered_on = models.DateField(_("entered on"))
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta(VersionedModel.Meta):
        ordering = ["-received_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "number"], name="payment_number"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount"),
        ]
        indexes = [models.Index(fields=["tenant_id", "-received_on", "-id"], name="payment_received")]

    def __str__(self) -> str:
        return self.number

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Customer.reach(viewer, "customer__")


class CashApplication(TenantModel):
    """Which part of a receipt settles which instalment (核销): oldest due first, in contract currency."""

    payment = TenantForeignKey(Payment, models.CASCADE, related_name="applications")
    receivable = TenantForeignKey(Receivable, models.CASCADE, related_name="applications")
    amount = models.DecimalField(_("amount"), max_digits=15, decimal_places=2)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "payment", "receivable"], name="application_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="application_amount"),
        ]

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Customer.reach(viewer, "payment__customer__")
