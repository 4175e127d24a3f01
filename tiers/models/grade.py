from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.access import Viewer
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import AppendOnlyModel
from customers.models import Customer
from tiers.models.policy import TierPolicy


class Trigger(models.TextChoices):
    """What made us look at the customer's tier."""

    NIGHT = "NIGHT", pgettext_lazy("occasion", "night run")
    SIGNATURE = "SIGNATURE", pgettext_lazy("occasion", "signature")
    AMENDMENT = "AMENDMENT", pgettext_lazy("occasion", "amendment")
    CANCELLATION = "CANCELLATION", pgettext_lazy("occasion", "cancellation")
    IMPORT = "IMPORT", pgettext_lazy("occasion", "import")
    REGISTRATION = "REGISTRATION", pgettext_lazy("occasion", "registration")
    GROUP = "GROUP", pgettext_lazy("occasion", "change of the group")
    OVERRIDE = "OVERRIDE", pgettext_lazy("occasion", "decision")


class Grade(AppendOnlyModel):
    """One judgement of a customer: the tier, and everything it was made of.

    A row is written whenever what Standing says of tier, annual amount or contracts in force
    changes, so the latest row (by id) always explains today's figures; where `tier` differs from `previous`
    the customer moved. Amounts are in the policy's currency. `inputs` holds the contracts that
    counted, the highest amount of the grace window, and a decision in force.
    """

    # No database keys: a customer that never signed may be deleted, his history may not; and the check
    # of each row against the one policy that wrote it would cost the night a tenth.
    customer = TenantForeignKey(
        Customer, models.DO_NOTHING, related_name="grades", db_constraint=False, db_index=False
    )
    tier = models.CharField(_("tier"), max_length=20)
    previous = models.CharField(_("tier before"), max_length=20, blank=True)
    computed_tier = models.CharField(_("tier by amount"), max_length=20)
    annual_amount = models.DecimalField(_("annual amount"), max_digits=15, decimal_places=2)
    contracts_in_force = models.PositiveIntegerField(_("contracts in force"))
    first_ends_on = models.DateField(_("first to end"), null=True)
    below_since = models.DateField(_("below since"), null=True)
    on = models.DateField(_("as of"))
    at = models.DateTimeField(_("time"))
    trigger = models.CharField(_("occasion"), max_length=12, choices=Trigger)
    policy = TenantForeignKey(
        TierPolicy, models.PROTECT, related_name="grades", db_constraint=False, db_index=False
    )
    inputs = models.JSONField(default=dict)

    class Meta(AppendOnlyModel.Meta):
        ordering = ["-id"]
        indexes = [models.Index(fields=["tenant_id", "customer", "-id"], name="grade_history")]

    def __str__(self) -> str:
        return f"{self.on} {self.tier}"

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Customer.reach(viewer, "customer__")
