from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer
from crm.accounts.models import Department, Member
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import TenantModel, VersionedModel
from customers.models.customer import Customer

ZERO = Decimal("0.00")


class Contract(VersionedModel):
    """A signed contract over a half-open term [starts_on, ends_on)."""

    class ProductKind(models.TextChoices):
        STANDARD = "STANDARD", _("Standard product")
        CUSTOM = "CUSTOM", _("Custom project")

    number = models.CharField(_("contract number"), max_length=60)
    customer = TenantForeignKey(
        Customer, models.PROTECT, related_name="contracts", verbose_name=_("customer")
    )
    title = models.CharField(_("subject"), max_length=200, blank=True)
    line = models.CharField(_("product line"), max_length=60, default="DEFAULT")
    product_kind = models.CharField(
        _("product kind"), max_length=8, choices=ProductKind, default=ProductKind.STANDARD
    )
    gross = models.DecimalField(
        _("amount incl. VAT"), max_digits=15, decimal_places=2, validators=[MinValueValidator(ZERO)]
    )
    vat_rate = models.DecimalField(_("VAT rate"), max_digits=7, decimal_places=6, default=0)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    book_rate = models.DecimalField(_("book rate"), max_digits=16, decimal_places=8, default=1)
    signed_on = models.DateField(_("signed on"))
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("day after the last"))
    cancelled_on = models.DateField(_("cancelled from"), null=True, blank=True)
    cancellation_entered_on = models.DateField(_("cancellation entered on"), null=True, blank=True)
    # What the customer still owes of `gross` after a cancellation, tax included.
    kept_gross = models.DecimalField(
        _("amount kept"),
        max_digits=15,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(ZERO)],
    )
    renewal_of = TenantForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="renewals", verbose_name=_("renews")
    )
    responsible_dept = TenantForeignKey(
        Department,
        models.PROTECT,
        null=True,
        related_name="contracts",
        verbose_name=_("responsible department"),
    )
    signed_by = TenantForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="contracts", verbose_name=_("signed by")
    )
    has_schedule = models.BooleanField(
        default=False, editable=False
    )  # amounts per year were agreed, not derived
    entered_on = models.DateField(_("entered on"))  # the day it became known: closed months are judged by it

    class Meta(VersionedModel.Meta):
        ordering = ["-signed_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "number"], name="contract_number"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="contract_term"),
            models.CheckConstraint(condition=Q(gross__gte=0), name="contract_gross"),
            models.CheckConstraint(condition=Q(vat_rate__gte=0) & Q(vat_rate__lte=1), name="contract_vat"),
            models.CheckConstraint(condition=Q(book_rate__gt=0), name="contract_book_rate"),
            models.CheckConstraint(
                condition=Q(cancelled_on__isnull=True, kept_gross__isnull=True)
                | Q(cancelled_on__isnull=False, kept_gross__gte=0, kept_gross__lte=F("gross")),
                name="contract_cancelled",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "-signed_on", "-id"], name="contract_signed"),
            models.Index(fields=["tenant_id", "ends_on", "id"], name="contract_ends"),
        ]

    def __str__(self) -> str:
        return self.number

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Customer.reach(viewer, "customer__")

    @classmethod
    def writes(cls, viewer: Viewer) -> Q:
        """Those of customers that the viewer may change."""
        return Customer.writes(viewer, "customer__")


class ContractYear(TenantModel):
    """One contract year k = [starts_on, ends_on), its amount, and what it counts a year.

    `annual_amount` is in the tenant's currency at the book rate (rule ANNUAL of spec/what-if.md);
    [counts_from, counts_until) is when it counts as in force: signed, begun, not ended or cancelled.
    Derived by customers.contracts from the contract, and kept so that the night is one plain sum.
    """

    contract = TenantForeignKey(Contract, models.CASCADE, related_name="years")
    customer = TenantForeignKey(Customer, models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveSmallIntegerField(_("contract year"))
    starts_on = models.DateField()
    ends_on = models.DateField()
    gross = models.DecimalField(max_digits=15, decimal_places=2)
    annual_amount = models.DecimalField(max_digits=15, decimal_places=2)
    counts_from = models.DateField()
    counts_until = models.DateField()

    class Meta(TenantModel.Meta):
        ordering = ["contract", "number"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "contract", "number"], name="contract_year_once"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="contract_year_term"),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "customer", "counts_until"],
                include=["counts_from", "annual_amount"],
                name="contract_year_counts",
            )
        ]

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Customer.reach(viewer, "customer__")


class CreditSplit(TenantModel):
    """Who shares the commission pool of a contract: one payee, a member or a department.

    Basis points of all splits of a contract sum to 10,000 (customers.splits refuses anything else).
    """

    contract = TenantForeignKey(Contract, models.CASCADE, related_name="splits")
    position = models.PositiveSmallIntegerField(default=0)
    member = TenantForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="splits")
    department = TenantForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="splits")
    basis_points = models.PositiveIntegerField(_("basis points"))

    class Meta(TenantModel.Meta):
        ordering = ["contract", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "contract", "member"],
                name="split_member_once",
                condition=Q(member__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["tenant_id", "contract", "department"],
                name="split_department_once",
                condition=Q(department__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(member__isnull=True, department__isnull=False)
                | Q(member__isnull=False, department__isnull=True),
                name="split_one_payee",
            ),
            models.CheckConstraint(condition=Q(basis_points__lte=10_000), name="split_basis_points"),
        ]

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Customer.reach(viewer, "contract__customer__")


class ContractExpense(VersionedModel):
    """A direct expense booked to a contract year; a field secret (Right.SEE_EXPENSE)."""

    class Category(models.TextChoices):
        ENTERTAINMENT = "ENTERTAINMENT", _("Entertainment")
        TRAVEL = "TRAVEL", _("Travel")
        SUBCONTRACTING = "SUBCONTRACTING", _("Subcontracting")
        RESALE_COST = "RESALE_COST", _("Resale cost")
        CHANNEL_FEE = "CHANNEL_FEE", _("Channel fee")
        PLATFORM_FEE = "PLATFORM_FEE", _("Platform fee")
        OTHER = "OTHER", _("Other, not deductible")

    number = models.CharField(_("voucher number"), max_length=60)
    contract = TenantForeignKey(Contract, models.PROTECT, related_name="expenses", verbose_name=_("contract"))
    category = models.CharField(_("category"), max_length=14, choices=Category)
    amount = models.DecimalField(
        _("amount"), max_digits=15, decimal_places=2, validators=[MinValueValidator(ZERO)]
    )
    incurred_on = models.DateField(_("date"))
    contract_year = models.PositiveSmallIntegerField(_("contract year"), default=1)
    note = models.CharField(_("note"), max_length=200, blank=True)
    entered_on = models.DateField(_("entered on"))

    class Meta(VersionedModel.Meta):
        ordering = ["-incurred_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "number"], name="expense_number"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="expense_amount"),
        ]

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Customer.reach(viewer, "contract__customer__")
