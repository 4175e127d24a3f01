from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.access import EVERYTHING, Viewer
from crm.accounts.models import Member
from crm.accounts.rights import Scope
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import VersionedModel
from customers.models.customer import Customer
from customers.models.openitems import FEN
from customers.models.receivable import Payment


class BankLine(VersionedModel):
    """A line of a bank's statement: money that arrived, until somebody knows whose it is.

    `serial` is the bank's own number; matched, it is the number of the receipt. OPEN lines stay listed and
    keep months of commission from being calculated. Nothing is matched without a person or the exact rule
    (customers.receivables.banking).
    """

    class State(models.TextChoices):
        OPEN = "OPEN", pgettext_lazy("bank line", "Unmatched")
        MATCHED = "MATCHED", pgettext_lazy("bank line", "Matched")
        SET_ASIDE = "SET_ASIDE", pgettext_lazy("bank line", "No receipt")

    class By(models.TextChoices):
        EXACT = "EXACT", pgettext_lazy("bank line", "by the exact rule")
        PERSON = "PERSON", pgettext_lazy("bank line", "by a person")

    serial = models.CharField(_("serial number of the bank"), max_length=60)
    received_on = models.DateField(_("received on"))
    payer = models.CharField(_("payer"), max_length=200)
    payer_key = models.CharField(max_length=200, editable=False, default="", db_default="")
    amount = models.DecimalField(
        _("amount"), max_digits=15, decimal_places=2, validators=[MinValueValidator(FEN)]
    )
    currency = models.CharField(_("currency"), max_length=3)
    reference = models.CharField(_("reference"), max_length=300, blank=True)
    account = models.CharField(_("our account"), max_length=60, blank=True)
    entered_on = models.DateField(_("entered on"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN, db_default="OPEN")
    by = models.CharField(_("matched"), max_length=6, choices=By, blank=True, db_default="")
    payment = TenantForeignKey(
        Payment, models.PROTECT, null=True, related_name="bank_lines", verbose_name=_("receipt")
    )
    decided_by = TenantForeignKey(
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_on = models.DateField(_("decided on"), null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True, db_default="")

    class Meta(VersionedModel.Meta):
        ordering = ["-received_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "serial"], name="bank_line_serial"),
            models.UniqueConstraint(fields=["tenant_id", "payment"], name="bank_line_payment"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="bank_line_amount"),
            models.CheckConstraint(
                condition=Q(state="OPEN", payment__isnull=True, decided_on__isnull=True)
                | (Q(state="MATCHED", payment__isnull=False, decided_on__isnull=False) & ~Q(by=""))
                | (Q(state="SET_ASIDE", payment__isnull=True, decided_on__isnull=False) & ~Q(reason="")),
                name="bank_line_state",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "state", "-received_on", "-id"], name="bank_line_waiting"),
            models.Index(fields=["tenant_id", "-received_on", "-id"], name="bank_line_received"),
        ]

    def __str__(self) -> str:
        return self.serial

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        """Whose a line is nobody knows before it is matched: until then for who sees every customer."""
        if viewer.customers is Scope.TENANT:
            return EVERYTHING
        return Q(payment__isnull=False) & Customer.reach(viewer, "payment__customer__")
