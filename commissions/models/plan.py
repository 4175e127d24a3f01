from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from commissions.models.payee import ONE_PAYEE
from crm.accounts.access import EVERYTHING, Viewer, subtree
from crm.accounts.models import Department, Member
from crm.accounts.rights import Scope
from crm.tenancy import dated
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import VersionedModel

DEFAULT = "DEFAULT"  # the code of the plan that pays whoever has none


class Plan(VersionedModel):
    """A comp plan 提成方案; what it pays is said by its dated versions, whom it pays by its assignments."""

    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)

    class Meta(VersionedModel.Meta):
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["tenant_id", "code"], name="plan_code")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        """Rates are a secret: of other plans than one's own only those know who review the whole company."""
        return EVERYTHING if viewer.commission is Scope.TENANT else Q(pk__in=_own_plans(viewer))


def _own_plans(viewer: Viewer) -> Any:
    """Ids of the plans that pay a viewer or whom he reviews, as a subquery; DEFAULT pays everybody else."""
    line = Q(assignments__department__in=viewer.member.department.ancestors)
    mine = Q(code=DEFAULT) | Q(assignments__member=viewer.id) | line
    if viewer.commission is Scope.DEPT_TREE:
        mine |= Q(assignments__department__in=subtree(viewer.department_id))
    return Plan.objects.filter(mine).order_by().values("id")


class PlanVersion(VersionedModel):
    """The settings of a plan (spec/what-if.md §3) over [valid_from, valid_to).

    Only an approved version pays. It is never edited: a change is a new version. `valid_from` of one that
    is not approved is the day it is meant to begin.
    """

    class State(models.TextChoices):
        DRAFT = "DRAFT", pgettext_lazy("plan version", "Draft")
        SUBMITTED = "SUBMITTED", pgettext_lazy("plan version", "Submitted")
        APPROVED = "APPROVED", pgettext_lazy("plan version", "Approved")
        REFUSED = "REFUSED", pgettext_lazy("plan version", "Refused")

    plan = TenantForeignKey(Plan, models.PROTECT, related_name="versions", verbose_name=_("plan"))
    code = models.CharField(_("version"), max_length=40)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)
    settings = models.JSONField(_("settings"), default=dict)
    drafted_by = TenantForeignKey(Member, models.PROTECT, null=True, related_name="+")
    submitted_by = TenantForeignKey(Member, models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    decided_by = TenantForeignKey(Member, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)  # why it was refused

    class Meta(VersionedModel.Meta):
        ordering = ["-valid_from", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "plan", "code"], name="plan_version_code"),
            dated.ends_after_it_begins("plan_version_period"),
            dated.one_at_a_time("one_plan_version_at_a_time", "plan", condition=Q(state="APPROVED")),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_open(self) -> bool:
        """Whether it may still be written."""
        return self.state in (self.State.DRAFT, self.State.REFUSED)

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        """As plans; what does not pay yet is a matter of those who review the whole company."""
        if viewer.commission is Scope.TENANT:
            return EVERYTHING
        return Q(state=cls.State.APPROVED, plan__in=_own_plans(viewer))


class PlanAssignment(VersionedModel):
    """Whom a plan pays over [valid_from, valid_to): a department with all below it, or one person.

    A contract is paid by the plan of its responsible department; the plan of a person rules his statements.
    """

    plan = TenantForeignKey(Plan, models.PROTECT, related_name="assignments", verbose_name=_("plan"))
    department = TenantForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("department")
    )
    member = TenantForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)
    assigned_by = TenantForeignKey(Member, models.PROTECT, null=True, related_name="+")

    class Meta(VersionedModel.Meta):
        ordering = ["-valid_from", "-id"]
        constraints = [
            models.CheckConstraint(condition=ONE_PAYEE, name="plan_assignment_one_subject"),
            dated.ends_after_it_begins("plan_assignment_period"),
            dated.one_at_a_time(
                "one_plan_of_a_department", "department", condition=Q(department__isnull=False)
            ),
            dated.one_at_a_time("one_plan_of_a_person", "member", condition=Q(member__isnull=False)),
        ]

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return EVERYTHING if viewer.commission is Scope.TENANT else Q(plan__in=_own_plans(viewer))

    @property
    def subject(self) -> Department | Member:
        found = self.department or self.member
        assert found is not None  # the database sees to that
        return found
