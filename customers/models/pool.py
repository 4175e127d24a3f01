from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer
from crm.accounts.models import Department, Member
from crm.accounts.rights import Scope
from crm.tenancy import dated
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import TenantModel, VersionedModel
from customers.models.customer import Customer
from customers.pools.protection import Terms


class CustomerPool(VersionedModel):
    """A public sea 公海: customers without an owner, whom the people of a department may claim.

    A pool without a department is the company's own, and takes whatever no other pool takes.
    """

    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=80)
    department = TenantForeignKey(
        Department,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="pools",
        verbose_name=_("claimed by the people of"),
    )

    class Meta(VersionedModel.Meta):
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "code"], name="pool_code"),
            models.UniqueConstraint(
                fields=["tenant_id", "department"], nulls_distinct=False, name="pool_of_department"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        """The company's own pools, and those of the viewer's departments upwards; all for who sees all."""
        if viewer.customers is Scope.TENANT:
            return ~Q(pk__in=[])
        return Q(department__isnull=True) | Q(department__in=viewer.member.department.ancestors)


class PooledCustomer(Customer):
    """A customer that waits in a pool, as who may claim from that pool sees it."""

    class Meta(VersionedModel.Meta):
        proxy = True
        ordering = ["name", "id"]

    @classmethod
    def reach(cls, viewer: Viewer, path: str = "") -> Q:
        return Q(**{f"{path}pool__in": CustomerPool.objects.filter(CustomerPool.reach(viewer))})


class PoolPolicy(VersionedModel):
    """The rules of a pool over [valid_from, valid_to): a change is a new version (domain.md §2.2).

    Days count from the last effective follow-up or from becoming owner; `stretch` multiplies those of a
    tier, such as {"KEY": 2}. What the defaults say stands in customers.pools.protection.
    """

    pool = TenantForeignKey(CustomerPool, models.CASCADE, related_name="policies")
    code = models.CharField(_("version"), max_length=40)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)
    registered_days = models.PositiveSmallIntegerField(_("days protected when registered"), default=15)
    contacted_days = models.PositiveSmallIntegerField(_("days protected when contacted"), default=30)
    quoted_days = models.PositiveSmallIntegerField(_("days protected when quoted"), default=60)
    signed_days = models.PositiveSmallIntegerField(_("days protected after a contract"), default=90)
    hard_limit_days = models.PositiveSmallIntegerField(_("days protected at most"), default=180)
    extension_days = models.PositiveSmallIntegerField(_("days of an extension"), default=30)
    follow_up_days = models.PositiveSmallIntegerField(_("days without a follow-up"), default=30)
    signature_days = models.PositiveSmallIntegerField(_("days without a signature"), default=90)
    first_touch_days = models.PositiveSmallIntegerField(
        _("days until the first follow-up after a claim"), default=3
    )
    renewal_days = models.PositiveSmallIntegerField(_("days kept after a contract ended"), default=90)
    win_back_months = models.PositiveSmallIntegerField(_("months kept to win it back"), default=12)
    daily_claims = models.PositiveSmallIntegerField(_("claims a person and day"), default=10)
    holding_cap = models.PositiveSmallIntegerField(_("customers without a contract a person"), default=200)
    cool_down_days = models.PositiveSmallIntegerField(_("days an earlier owner waits"), default=30)
    memory_days = models.PositiveSmallIntegerField(_("days an earlier owner is remembered"), default=180)
    stretch = models.JSONField(_("longer by tier"), default=dict)

    class Meta(VersionedModel.Meta):
        ordering = ["pool", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "pool", "code"], name="pool_policy_code"),
            dated.ends_after_it_begins("pool_policy_period"),
            models.CheckConstraint(
                condition=Q(follow_up_days__gte=1) & Q(signature_days__gte=1) & Q(first_touch_days__gte=1),
                name="pool_policy_days",
            ),
            dated.one_at_a_time("one_pool_policy_at_a_time", "pool"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def terms(self) -> Terms:
        """The numbers of this version."""
        return Terms(**{name: getattr(self, name) for name in Terms.__dataclass_fields__})


class Claim(TenantModel):
    """A customer taken out of a pool by somebody for himself: what the daily quota counts."""

    customer = TenantForeignKey(Customer, models.CASCADE, related_name="claims")
    member = TenantForeignKey(Member, models.PROTECT, related_name="claims")
    pool = TenantForeignKey(CustomerPool, models.PROTECT, related_name="claims")
    on = models.DateField(_("date"))
    at = models.DateTimeField(_("time"))

    class Meta(TenantModel.Meta):
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["tenant_id", "member", "on"], name="claim_of_day")]

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        rows = Customer.reach(viewer, "customer__")
        return rows | Q(member_id=viewer.id) if rows else rows
