from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower, Right
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import VersionedModel
from customers.models.customer import Customer


def _digits(text: F) -> Func:
    plain = Func(text, template="normalize(%(expressions)s, NFKC)", arity=1)
    return Func(plain, Value("[^0-9]"), Value(""), Value("g"), function="regexp_replace")


class Contact(VersionedModel):
    """A person at a customer. Phones are a field secret (Right.SEE_PHONE)."""

    customer = TenantForeignKey(Customer, models.CASCADE, related_name="contacts", verbose_name=_("customer"))
    name = models.CharField(_("name"), max_length=120)
    title = models.CharField(_("title"), max_length=80, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    wechat = models.CharField(_("WeChat"), max_length=80, blank=True)
    is_primary = models.BooleanField(_("main contact"), default=False)
    note = models.TextField(_("note"), blank=True)
    phone_key = models.GeneratedField(  # as 查重 compares: +86 139-8765 4321 is 13987654321
        expression=Right(_digits(F("phone")), 11),
        output_field=models.CharField(max_length=11),
        db_persist=True,
    )
    mail_domain = models.GeneratedField(
        expression=Lower(Func(F("email"), Value("@"), Value(2), function="split_part")),
        output_field=models.CharField(max_length=254),
        db_persist=True,
    )

    class Meta(VersionedModel.Meta):
        ordering = ["-is_primary", "name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "customer", "name", "phone"], name="contact_once"),
            models.CheckConstraint(condition=~Q(name=""), name="contact_has_name"),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "phone_key"], name="contact_by_phone"),
            models.Index(fields=["tenant_id", "mail_domain"], name="contact_by_domain"),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Customer.reach(viewer, "customer__")

    @classmethod
    def writes(cls, viewer: Viewer) -> Q:
        """Those of customers that the viewer may change."""
        return Customer.writes(viewer, "customer__")
