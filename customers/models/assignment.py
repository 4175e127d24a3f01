from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.tenancy import dated
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import TenantModel, VersionedModel
from customers.assignment.table import COLUMNS, Rule


class Outcome(models.TextChoices):
    """Who becomes responsible when a row of the decision table wins."""

    ARRANGED = "ARRANGED", _("the department that the company named")
    OWNER = "OWNER", _("the department that has it")
    DEVELOPER = "DEVELOPER", _("the developer's department")
    KEY_ACCOUNT = "KEY_ACCOUNT", _("an able key-account department, else the developer's")
    REGION = "REGION", _("the able department of the region")
    CAPABLE = "CAPABLE", _("the able department of the region, else the able one with the fewest customers")
    POOL = "POOL", _("nobody: it waits in the public pool")


class Sharer(models.TextChoices):
    """Whose department is proposed a share beside the responsible one."""

    NOBODY = "", pgettext_lazy("share", "nobody")
    DEVELOPER = "DEVELOPER", pgettext_lazy("share", "the developer's department")
    INTEL = "INTEL", pgettext_lazy("share", "the department whose news it was")
    REGION = "REGION", pgettext_lazy("share", "the department of the region")


class AssignmentPolicy(VersionedModel):
    """A version of the decision table ASSIGN-01…09 over [valid_from, valid_to).

    Once it has begun only `valid_to` may be set: a change is a new version.
    """

    code = models.CharField(_("version"), max_length=40)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)

    class Meta(VersionedModel.Meta):
        ordering = ["-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "code"], name="assignment_policy_code"),
            dated.ends_after_it_begins("assignment_policy_period"),
            dated.one_at_a_time("one_assignment_policy_at_a_time"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def table(self) -> tuple[Rule, ...]:
        """Its rows in order; fetch `rules` beforehand."""
        return tuple(row.rule for row in self.rules.all())


class AssignmentRule(TenantModel):
    """One row of the table: conditions (empty is any), outcome and proposed share.

    What each says stands in customers.assignment.table, which also refuses tables with a hole.
    """

    policy = TenantForeignKey(AssignmentPolicy, models.CASCADE, related_name="rules")
    position = models.PositiveSmallIntegerField(_("order"))
    code = models.CharField(_("rule"), max_length=20)
    name = models.CharField(_("own words"), max_length=120, blank=True)
    arranged = models.BooleanField(_("arranged by the company"), null=True)
    protected = models.BooleanField(_("a protected owner has it"), null=True)
    anyone_capable = models.BooleanField(_("some department is able"), null=True)
    developed = models.BooleanField(_("somebody developed it"), null=True)
    capable = models.BooleanField(_("the developer's department is able"), null=True)
    in_region = models.BooleanField(_("the developer's department is in the region"), null=True)
    region_served = models.BooleanField(_("an able department is in the region"), null=True)
    within_authority = models.BooleanField(_("within the developer's authority"), null=True)
    amount_from = models.DecimalField(
        _("annual amount from"), max_digits=15, decimal_places=2, null=True, blank=True
    )
    amount_below = models.DecimalField(
        _("annual amount below"), max_digits=15, decimal_places=2, null=True, blank=True
    )
    outcome = models.CharField(_("responsible"), max_length=12, choices=Outcome)
    share_to = models.CharField(_("share to"), max_length=12, choices=Sharer, blank=True)
    basis_points = models.PositiveSmallIntegerField(_("share"), default=0)

    class Meta(TenantModel.Meta):
        ordering = ["policy", "position"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "policy", "code"], name="assignment_rule_once"),
            models.UniqueConstraint(
                fields=["tenant_id", "policy", "position"], name="assignment_rule_position"
            ),
            models.CheckConstraint(condition=Q(basis_points__lte=10_000), name="assignment_rule_share"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def rule(self) -> Rule:
        """The row as the decision asks it."""
        return Rule(**{name: getattr(self, name) for name in COLUMNS})
