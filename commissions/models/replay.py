from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from commissions.models.plan import PlanVersion
from crm.accounts.access import EVERYTHING, NOTHING, Viewer
from crm.accounts.models import Department, Member
from crm.accounts.rights import Scope
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import TenantModel


class Replay(TenantModel):
    """What a version would have cost over [since, until): a simulation, kept as it was worked out.

    `result` is that of commissions.replay.Sums; the ledger knows nothing of it.
    """

    class State(models.TextChoices):
        RUNNING = "RUNNING", pgettext_lazy("replay", "Running")
        DONE = "DONE", pgettext_lazy("replay", "Done")
        FAILED = "FAILED", pgettext_lazy("replay", "Failed")

    plan_version = TenantForeignKey(PlanVersion, models.CASCADE, related_name="replays")
    since = models.DateField(_("from"))
    until = models.DateField(_("until"))
    department = TenantForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="+")
    asked_by = TenantForeignKey(Member, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    on = models.DateField()  # what was known on this day counts
    state = models.CharField(max_length=7, choices=State, default=State.RUNNING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    result: Any = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        ordering = ["-asked_at", "-id"]

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        """It tells what everybody earns: only who reviews the whole company sees one."""
        return EVERYTHING if viewer.commission is Scope.TENANT else NOTHING
