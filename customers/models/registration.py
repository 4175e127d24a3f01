from datetime import date

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.access import Viewer, scoped
from crm.accounts.models import Department, Member
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import VersionedModel
from customers.models.contact import Contact
from customers.models.contract import Contract
from customers.models.customer import Customer
from customers.models.interaction import Interaction


class Registration(VersionedModel):
    """A customer that somebody has registered 报备 as the one who develops it.

    It takes effect by the first follow-up that reaches the customer up to and with `due_on`; the first of
    a customer to take effect fixes its developer. One that did not lapses. Written by
    customers.registrations alone.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", pgettext_lazy("registration", "To be reached")
        EFFECTIVE = "EFFECTIVE", pgettext_lazy("registration", "In effect")
        LAPSED = "LAPSED", pgettext_lazy("registration", "Lapsed")

    customer = TenantForeignKey(
        Customer, models.CASCADE, related_name="registrations", verbose_name=_("customer")
    )
    name = models.CharField(_("legal name"), max_length=200)
    credit_code = models.CharField(
        _("unified social credit code"), max_length=18, blank=True, db_collation="C"
    )
    no_code_reason = models.CharField(_("why there is no credit code"), max_length=200, blank=True)
    contact = TenantForeignKey(
        Contact, models.SET_NULL, null=True, related_name="+", verbose_name=_("contact")
    )
    contact_name = models.CharField(_("contact person"), max_length=120)
    need = models.TextField(_("need"), validators=[MaxLengthValidator(2000)])
    product_kind = models.CharField(
        _("product kind"),
        max_length=8,
        choices=Contract.ProductKind,
        default=Contract.ProductKind.STANDARD,
    )
    line = models.CharField(_("product line"), max_length=60, default="DEFAULT")
    expected_annual = models.DecimalField(
        _("expected amount a year"), max_digits=15, decimal_places=2, null=True, blank=True
    )
    member = TenantForeignKey(
        Member, models.PROTECT, related_name="+", verbose_name=_("registered by"), db_index=False
    )
    department = TenantForeignKey(
        Department, models.PROTECT, related_name="+", verbose_name=_("department of the registrant")
    )
    registered_on = models.DateField(_("registered on"))
    registered_at = models.DateTimeField(_("registered at"))
    due_on = models.DateField(_("to be reached by"))
    effective_on = models.DateField(_("in effect since"), null=True)
    effective_at = models.DateTimeField(_("took effect at"), null=True)
    follow_up = TenantForeignKey(
        Interaction, models.PROTECT, null=True, related_name="+", verbose_name=_("first follow-up")
    )
    fixes_developer = models.BooleanField(_("fixed the developer"), default=False)
    lapsed_on = models.DateField(_("lapsed on"), null=True)

    class Meta(VersionedModel.Meta):
        ordering = ["-registered_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(contact_name="") & ~Q(need=""), name="registration_says_whom"
            ),
            models.CheckConstraint(
                condition=~Q(credit_code="") | ~Q(no_code_reason=""), name="registration_code_or_reason"
            ),
            models.CheckConstraint(condition=Q(due_on__gt=F("registered_on")), name="registration_due"),
            models.CheckConstraint(
                condition=Q(
                    effective_on__isnull=True,
                    effective_at__isnull=True,
                    follow_up__isnull=True,
                    fixes_developer=False,
                )
                | Q(
                    effective_on__gte=F("registered_on"),
                    effective_on__lte=F("due_on"),
                    effective_at__gte=F("registered_at"),
                    follow_up__isnull=False,
                    lapsed_on__isnull=True,
                ),
                name="registration_effective",
            ),
            models.CheckConstraint(
                condition=Q(lapsed_on__isnull=True) | Q(lapsed_on__gt=F("registered_on")),
                name="registration_lapsed",
            ),
            models.UniqueConstraint(
                fields=["tenant_id", "customer"],
                condition=Q(effective_on__isnull=True, lapsed_on__isnull=True),
                name="registration_open_once",
            ),
            models.UniqueConstraint(
                fields=["tenant_id", "customer"],
                condition=Q(fixes_developer=True),
                name="registration_one_developer",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "due_on", "id"],
                name="registration_open",
                condition=Q(effective_on__isnull=True, lapsed_on__isnull=True),
            ),
            models.Index(fields=["tenant_id", "member", "-registered_at", "-id"], name="registration_member"),
            models.Index(fields=["tenant_id", "-registered_at", "-id"], name="registration_newest"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> "Registration.State":
        """Where it stands."""
        if self.effective_on:
            return self.State.EFFECTIVE
        return self.State.LAPSED if self.lapsed_on else self.State.OPEN

    @property
    def is_open(self) -> bool:
        """Whether the customer is still to be reached."""
        return self.state is self.State.OPEN

    def days_left(self, on: date) -> int:
        """Days until the last on which it can take effect; 0 is today."""
        return (self.due_on - on).days

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        """His own, those of the departments he sees, and those of the customers he reaches."""
        own = Q(member_id=viewer.id)
        return Customer.reach(viewer, "customer__") | scoped(
            viewer.customers, viewer, own=own, department="department"
        )
