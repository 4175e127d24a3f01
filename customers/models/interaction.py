from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer
from crm.accounts.models import Member
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import TenantModel, VersionedModel
from customers.models.contact import Contact
from customers.models.customer import Customer


class Interaction(VersionedModel):
    """A follow-up that happened: a call, a visit, a message."""

    class Kind(models.TextChoices):
        CALL = "CALL", _("Call")
        VISIT = "VISIT", _("Visit")
        WECHAT = "WECHAT", _("WeChat")
        EMAIL = "EMAIL", _("E-mail")
        MEETING = "MEETING", _("Meeting")
        OTHER = "OTHER", _("Other")

    number = models.CharField(_("number"), max_length=60, blank=True)  # key of the system it came from
    customer = TenantForeignKey(
        Customer, models.PROTECT, related_name="interactions", verbose_name=_("customer")
    )
    contact = TenantForeignKey(
        Contact,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="interactions",
        verbose_name=_("contact"),
    )
    member = TenantForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="interactions", verbose_name=_("by")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.CALL)
    on = models.DateField(_("date"))
    at = models.DateTimeField(_("time"))
    note = models.TextField(_("note"), blank=True)
    is_effective = models.BooleanField(_("reached the customer"), default=True)

    class Meta(VersionedModel.Meta):
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "number"], condition=~Q(number=""), name="interaction_number"
            )
        ]
        indexes = [models.Index(fields=["tenant_id", "customer", "-on"], name="interaction_timeline")]

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Customer.reach(viewer, "customer__")


class Usage(TenantModel):
    """How much a customer used our service on a day, by one measure."""

    customer = TenantForeignKey(Customer, models.CASCADE, related_name="usage", db_index=False)
    day = models.DateField(_("day"))
    measure = models.CharField(_("measure"), max_length=40)
    value = models.DecimalField(_("value"), max_digits=15, decimal_places=2)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "customer", "day", "measure"], name="usage_once")
        ]

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Customer.reach(viewer, "customer__")
