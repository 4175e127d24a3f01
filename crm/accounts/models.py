from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.rights import Role
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import Tenant, VersionedModel


class UserManager(BaseUserManager):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person who can sign in; without a password he has to set one by the reset mail."""
        user: Any = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in. What he may do is said by his memberships, one a tenant."""

    class Theme(models.TextChoices):
        AUTO = "auto", _("As the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class Density(models.TextChoices):
        COMPACT = "compact", _("Compact")
        ROOMY = "roomy", _("Roomy")

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(_("language"), max_length=10, blank=True)
    theme = models.CharField(_("theme"), max_length=5, choices=Theme, default=Theme.AUTO)
    density = models.CharField(_("density"), max_length=7, choices=Density, default=Density.COMPACT)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name


class Department(VersionedModel):
    """A unit of the company; units form a tree."""

    class Kind(models.TextChoices):
        SALES = "SALES_DEPT", _("Commercial")
        OPS = "OPS_DEPT", _("Operations")
        SERVICE = "SERVICE_DEPT", _("Customer service")
        FINANCE = "FINANCE_DEPT", _("Finance")
        MANAGEMENT = "MANAGEMENT", _("Management")

    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.SALES)
    parent = TenantForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("belongs to")
    )
    ancestors = ArrayField(
        models.UUIDField(), default=list, editable=False
    )  # from the root down, itself last
    authority_amount = models.DecimalField(
        _("may sign up to, a year"), max_digits=15, decimal_places=2, null=True, blank=True
    )
    is_key_account = models.BooleanField(_("key-account department"), default=False)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta(VersionedModel.Meta):
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["tenant_id", "code"], name="department_code")]

    def __str__(self) -> str:
        return self.name


class Member(VersionedModel):
    """A person of the company, with or without a sign-in."""

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", pgettext_lazy("person", "Active")
        LEAVING = "LEAVING", _("Leaving")
        LEFT = "LEFT", _("Left")

    code = models.CharField(_("staff number"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"), blank=True)
    title = models.CharField(_("title"), max_length=80, blank=True)
    department = TenantForeignKey(
        Department, models.PROTECT, related_name="members", verbose_name=_("department")
    )
    roles = ArrayField(models.CharField(max_length=20, choices=Role), default=list, verbose_name=_("roles"))
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.ACTIVE)
    user = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta(VersionedModel.Meta):
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "code"], name="member_code"),
            models.UniqueConstraint(
                fields=["tenant_id", "user"], condition=models.Q(user__isnull=False), name="member_user"
            ),
            models.UniqueConstraint(
                fields=["tenant_id", "email"], condition=~models.Q(email=""), name="member_email"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Seat(models.Model):
    """Which tenants a person may enter. It belongs to no tenant: it is read before one is chosen."""

    user = models.ForeignKey(User, models.CASCADE, related_name="seats")
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "tenant"], name="seat_once")]
