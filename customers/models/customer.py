from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.access import EVERYTHING, Viewer, scoped
from crm.accounts.models import Department, Member
from crm.accounts.rights import Scope
from crm.tenancy.fields import TenantForeignKey, TenantOneToOneField
from crm.tenancy.models import TenantModel, VersionedModel


class Customer(VersionedModel):
    """A company we serve or want to serve. What is computed about it stands in its Standing."""

    code = models.CharField(_("customer code"), max_length=40)
    name = models.CharField(_("name"), max_length=200)
    credit_code = models.CharField(
        _("unified social credit code"), max_length=18, blank=True, db_collation="C"
    )
    parent = TenantForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="subsidiaries",
        verbose_name=_("parent company"),
    )
    industry = models.CharField(_("industry"), max_length=80, blank=True)
    province = models.CharField(_("province"), max_length=40, blank=True)
    city = models.CharField(_("city"), max_length=40, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    website = models.CharField(_("website"), max_length=200, blank=True)
    source = models.CharField(_("source"), max_length=80, blank=True)
    note = models.TextField(_("note"), blank=True)
    registered_on = models.DateField(_("registered on"))
    # Who is responsible today: written by customers.ownership alone, from the credits in force.
    owner = TenantForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="customers", verbose_name=_("responsible")
    )
    responsible_dept = TenantForeignKey(
        Department,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="customers",
        verbose_name=_("responsible department"),
    )
    pool = TenantForeignKey(
        "CustomerPool",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="customers",
        verbose_name=_("pool"),
    )
    # Never released into a pool, and not to be claimed from one: written by customers.pools alone.
    is_locked = models.BooleanField(_("locked"), default=False, db_default=False)
    is_blocked = models.BooleanField(_("blocked"), default=False)
    block_reason = models.CharField(_("reason for the block"), max_length=200, blank=True, db_default="")
    # Written by customers.search alone.
    name_key = models.CharField(max_length=200, editable=False, default="", db_default="")
    pinyin = models.CharField(max_length=600, editable=False, default="", db_default="", db_collation="C")
    initials = models.CharField(max_length=200, editable=False, default="", db_default="", db_collation="C")

    class Meta(VersionedModel.Meta):
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "code"], name="customer_code"),
            models.UniqueConstraint(
                fields=["tenant_id", "credit_code"], condition=~Q(credit_code=""), name="customer_credit_code"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="customer_has_name"),
            models.CheckConstraint(
                condition=Q(owner__isnull=True) | Q(responsible_dept__isnull=False),
                name="owner_has_department",
            ),
            models.CheckConstraint(
                condition=Q(pool__isnull=True) | Q(responsible_dept__isnull=True),
                name="pooled_has_no_department",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "name", "id"], name="customer_by_name"),
            models.Index(fields=["tenant_id", "name_key"], name="customer_name_key"),
            models.Index(fields=["tenant_id", "initials"], name="customer_initials"),
            models.Index(fields=["tenant_id", "pinyin", "id"], name="customer_pinyin"),
            models.Index(fields=["tenant_id", "updated_at", "id"], name="customer_updated"),
            models.Index(
                fields=["tenant_id", "pool", "name", "id"],
                name="customer_pooled",
                condition=Q(pool__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def reach(cls, viewer: Viewer, path: str = "") -> Q:
        """Customers within a viewer's scope, and those he helps with; `path` leads to a model's customer."""
        return cls._within(viewer, path, ("READ", "WRITE"))

    @classmethod
    def writes(cls, viewer: Viewer, path: str = "") -> Q:
        """Of these the ones he may change, if his roles let him: not what he is only let read."""
        return cls._within(viewer, path, ("WRITE",))

    @classmethod
    def governs(cls, viewer: Viewer, path: str = "") -> Q:
        """Of these the ones whose owner, helpers and pool he may decide on: not what he helps with."""
        return cls._within(viewer, path, ())

    @classmethod
    def _within(cls, viewer: Viewer, path: str, helping: tuple[str, ...]) -> Q:
        if viewer.customers is Scope.TENANT:
            return EVERYTHING
        from customers.models.collaboration import Collaboration
        from customers.models.ownership import OwnershipCredit

        credited = OwnershipCredit.objects.filter(member_id=viewer.id, valid_to__isnull=True)
        own = Q(**{f"{path}pk__in": credited.values("customer_id")})
        if helping:
            helps = Collaboration.objects.filter(member_id=viewer.id, valid_to__isnull=True)
            own |= Q(**{f"{path}pk__in": helps.filter(rights__in=helping).values("customer_id")})
        if viewer.live_customers:
            own |= Q(**{f"{path}standing__contracts_in_force__gt": 0})
        return scoped(viewer.customers, viewer, own=own, department=f"{path}responsible_dept")


class Counter(TenantModel):
    """A running number of a tenant; its row is locked while the next one is taken."""

    name = models.CharField(max_length=60)
    last = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant_id", "name"], name="counter_name")]


class ValueSegment(models.TextChoices):
    """The eight segments of customer value (domain.md §2.1): R, F and M at least the mean, or below it."""

    HHH = "HHH", pgettext_lazy("value segment", "Champion")
    LHH = "LHH", pgettext_lazy("value segment", "Important, to be kept")
    HLH = "HLH", pgettext_lazy("value segment", "Important, to be developed")
    LLH = "LLH", pgettext_lazy("value segment", "Important, to be won back")
    HHL = "HHL", pgettext_lazy("value segment", "Loyal")
    LHL = "LHL", pgettext_lazy("value segment", "Loyal once")
    HLL = "HLL", pgettext_lazy("value segment", "Recent")
    LLL = "LLL", pgettext_lazy("value segment", "Dormant")


class Standing(TenantModel):
    """Where a customer stands today: derived facts, each column written by one module only.

    Narrow and apart from Customer, because the night rewrites it: tiers.grading writes tier to
    first_ends_on, tiers.rfm the value and its segment, tiers.strategies contact_due_on, lifecycle
    stage and risk, customers.interactions last_contact_on, customers.cash the open and overdue
    amounts, lifecycle.followups next_on. Amounts are in the tenant's currency.
    """

    id = None  # type: ignore[assignment]
    customer = TenantOneToOneField(Customer, models.CASCADE, primary_key=True, related_name="standing")
    tier = models.CharField(_("tier"), max_length=20, default="", blank=True)
    annual_amount = models.DecimalField(_("annual amount"), max_digits=15, decimal_places=2, default=0)
    contracts_in_force = models.PositiveIntegerField(_("contracts in force"), default=0)
    first_ends_on = models.DateField(_("first to end"), null=True)
    rfm_value = models.DecimalField(_("customer value"), max_digits=3, decimal_places=2, null=True)
    rfm_segment = models.CharField(
        _("value segment"), max_length=3, choices=ValueSegment, default="", db_default="", blank=True
    )
    stage = models.CharField(_("stage"), max_length=20, default="LEAD")
    risk_score = models.PositiveSmallIntegerField(_("risk"), null=True)
    risk_band = models.CharField(_("risk band"), max_length=6, default="", blank=True)
    risk_reasons = models.JSONField(_("risk reasons"), default=list)
    last_contact_on = models.DateField(_("last contact"), null=True)
    next_on = models.DateField(_("next step"), null=True)
    contact_due_on = models.DateField(_("contact due by strategy"), null=True)
    open_amount = models.DecimalField(_("receivable"), max_digits=15, decimal_places=2, default=0)
    overdue_amount = models.DecimalField(_("overdue"), max_digits=15, decimal_places=2, default=0)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["tenant_id", "annual_amount", "customer"], name="standing_amount"),
            models.Index(fields=["tenant_id", "first_ends_on", "customer"], name="standing_ends"),
            models.Index(fields=["tenant_id", "risk_score", "customer"], name="standing_risk"),
            models.Index(fields=["tenant_id", "tier", "customer"], name="standing_tier"),
            models.Index(fields=["tenant_id", "stage", "customer"], name="standing_stage"),
            models.Index(fields=["tenant_id", "contact_due_on", "customer"], name="standing_contact_due"),
            models.Index(fields=["tenant_id", "rfm_value", "customer"], name="standing_value"),
            models.Index(fields=["tenant_id", "rfm_segment", "customer"], name="standing_segment"),
        ]


class Tag(VersionedModel):
    """A word put on customers by hand."""

    name = models.CharField(_("tag"), max_length=40)

    class Meta(VersionedModel.Meta):
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["tenant_id", "name"], name="tag_name")]

    def __str__(self) -> str:
        return self.name


class CustomerTag(TenantModel):
    """One tag on one customer."""

    customer = TenantForeignKey(Customer, models.CASCADE, related_name="customer_tags")
    tag = TenantForeignKey(Tag, models.CASCADE, related_name="customer_tags")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "customer", "tag"], name="customer_tag_once")
        ]

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Customer.reach(viewer, "customer__")
