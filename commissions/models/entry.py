from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commissions.models.payee import ONE_PAYEE
from commissions.models.plan import PlanVersion
from crm.accounts.access import Viewer, scoped
from crm.accounts.models import Department, Member
from crm.accounts.rights import Scope
from crm.tenancy.fields import TenantForeignKey, TenantOneToOneField
from crm.tenancy.models import AppendOnlyModel, TenantModel
from customers.models import Contract, Customer


class Component(models.TextChoices):
    NEW_DEV = "NEW_DEV", _("New business")
    RENEWAL = "RENEWAL", _("Renewal")
    DEPT_FUND = "DEPT_FUND", _("Department fund")
    OVERLAY = "OVERLAY", _("Overlay credit")
    OPS_SHARE = "OPS_SHARE", _("Operations share")


class Kind(models.TextChoices):
    EARNED = "EARNED", _("Earned")
    HOLD = "HOLD", _("Held back")
    RELEASE = "RELEASE", _("Released from holdback")
    FORFEIT = "FORFEIT", _("Forfeited")
    CLAWBACK = "CLAWBACK", _("Clawback")
    REVERSAL = "REVERSAL", _("Reversal")
    ADJUSTMENT = "ADJUSTMENT", _("Adjustment")
    CAP = "CAP", _("Cap")
    FLOOR = "FLOOR", _("Filled up to the guarantee")
    RECOVER = "RECOVER", _("Guarantee recovered")
    CARRY = "CARRY", _("Carried")


MEMO_KINDS = (Kind.HOLD, Kind.FORFEIT)  # they keep the total accounted for but are not payable (D14)
OF_A_MONTH = (Kind.CAP, Kind.FLOOR, Kind.RECOVER, Kind.CARRY)  # posted for a payee when his month is settled
SETTLED = Q(contract__isnull=True, kind__in=OF_A_MONTH)  # what the settlement of a month posted
BY_HAND = "adjustment:"  # begins the source of an entry that an adjustment posted, not the calculation
ACCRUED = ~Q(source_event__startswith=BY_HAND)


def payee_reach(viewer: Viewer, path: str = "") -> Q:
    """Commission is seen by its payee, by who reviews that subtree, and by who reviews the tenant."""
    own = Q(**{f"{path}member_id": viewer.id})
    if viewer.commission is Scope.NONE:
        return own
    return scoped(viewer.commission, viewer, own=own, department=f"{path}payee_department")


class Entitlement(TenantModel):
    """What a contract year pays one payee in all, when every instalment has come in time (T′ and T).

    The last result of the calculation, replaced when the facts change. Amounts are in the plan's
    currency. What was posted of it stands in the ledger.
    """

    contract = TenantForeignKey(Contract, models.CASCADE, related_name="entitlements")
    customer = TenantForeignKey(Customer, models.PROTECT, related_name="+")
    contract_year = models.PositiveSmallIntegerField()
    starts_on = models.DateField()
    component = models.CharField(max_length=10, choices=Component)
    member = TenantForeignKey(Member, models.PROTECT, null=True, related_name="+")
    department = TenantForeignKey(Department, models.PROTECT, null=True, related_name="+")
    payee_department = TenantForeignKey(Department, models.PROTECT, related_name="+")
    amount = models.DecimalField(max_digits=15, decimal_places=2)
    amount_before_cap = models.DecimalField(max_digits=15, decimal_places=2)
    plan_version = TenantForeignKey(PlanVersion, models.PROTECT, related_name="+")
    trace = models.JSONField(default=list)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "contract", "contract_year", "component", "member", "department"],
                nulls_distinct=False,
                name="entitlement_once",
            ),
            models.CheckConstraint(condition=ONE_PAYEE, name="entitlement_one_payee"),
        ]
        indexes = [models.Index(fields=["tenant_id", "member", "starts_on"], name="entitlement_payee")]

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return payee_reach(viewer)


class LedgerEntry(AppendOnlyModel):
    """One posting of commission. The ledger only grows: what changes arrives as a difference.

    A row without a contract is of its payee's month as a whole (OF_A_MONTH), or an adjustment by hand that
    corrects no line of a contract; its contract year is 0.
    """

    contract = TenantForeignKey(Contract, models.PROTECT, null=True, related_name="entries")
    customer = TenantForeignKey(Customer, models.PROTECT, null=True, related_name="+")
    contract_year = models.PositiveSmallIntegerField(_("contract year"))
    component = models.CharField(_("component"), max_length=10, choices=Component, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    member = TenantForeignKey(Member, models.PROTECT, null=True, related_name="+")
    department = TenantForeignKey(Department, models.PROTECT, null=True, related_name="+")
    payee_department = TenantForeignKey(Department, models.PROTECT, related_name="+")
    amount = models.DecimalField(_("amount"), max_digits=15, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    effective_date = models.DateField(_("effective date"))
    posting_period = models.CharField(_("posting period"), max_length=7)  # YYYY-MM
    source_event = models.CharField(_("source event"), max_length=80)
    reverses = models.CharField(max_length=80, blank=True)
    round = models.PositiveIntegerField(default=0)  # counts up when facts known the same day arrive in turn
    plan_version = TenantForeignKey(PlanVersion, models.PROTECT, related_name="+")
    trace = models.JSONField(default=list)
    posted_at = models.DateTimeField(_("posted at"))

    class Meta(AppendOnlyModel.Meta):
        ordering = ["-effective_date", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "tenant_id",
                    "contract",
                    "source_event",
                    "contract_year",
                    "component",
                    "member",
                    "department",
                    "kind",
                    "reverses",
                    "round",
                ],
                nulls_distinct=False,
                name="entry_once",
            ),
            models.CheckConstraint(condition=ONE_PAYEE, name="entry_one_payee"),
            models.CheckConstraint(condition=~Q(amount=0), name="entry_not_zero"),
            models.CheckConstraint(
                condition=Q(contract__isnull=False, customer__isnull=False)
                | Q(
                    contract__isnull=True,
                    customer__isnull=True,
                    component="",
                    kind__in=[*OF_A_MONTH, Kind.ADJUSTMENT],
                ),
                name="entry_of_contract_or_month",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "member", "posting_period"], name="entry_payee"),
            models.Index(fields=["tenant_id", "posting_period"], name="entry_period"),
            models.Index(fields=["tenant_id", "-effective_date", "-id"], name="entry_date"),
        ]

    @property
    def is_by_hand(self) -> bool:
        """Whether an adjustment posted it, not the calculation."""
        return self.source_event.startswith(BY_HAND)

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return payee_reach(viewer)


class AccrualState(TenantModel):
    """When a contract's commission was last worked out; the night takes up what has come since."""

    id = None  # type: ignore[assignment]
    contract = TenantOneToOneField(Contract, models.CASCADE, primary_key=True, related_name="accrual")
    calculated_on = models.DateField()
    next_on = models.DateField(null=True)  # when the next contract year starts
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant_id", "next_on"], name="accrual_next")]
