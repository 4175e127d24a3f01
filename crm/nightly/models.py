from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import TenantModel


class NightRun(TenantModel):
    """The night run of one business day: everything is worked out as of that local day.

    `customers` is how many the run saw when it began, so that a night that suddenly sees none is noticed.
    """

    class State(models.TextChoices):
        RUNNING = "RUNNING", pgettext_lazy("night run", "running")
        DONE = "DONE", pgettext_lazy("night run", "done")
        FAILED = "FAILED", pgettext_lazy("night run", "failed")

    business_day = models.DateField(_("business day"))
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.RUNNING)
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    error = models.TextField(_("error"), blank=True)
    customers = models.PositiveIntegerField(_("customers"), default=0)

    class Meta(TenantModel.Meta):
        ordering = ["-business_day"]
        constraints = [models.UniqueConstraint(fields=["tenant_id", "business_day"], name="night_run_once")]

    def __str__(self) -> str:
        return f"{self.business_day} {self.state}"


class NightStep(TenantModel):
    """A step that a night has done; written in the step's own transaction, so that it is done once."""

    run = TenantForeignKey(NightRun, models.CASCADE, related_name="steps")
    business_day = models.DateField(_("business day"))
    step = models.CharField(_("step"), max_length=60)
    rows = models.PositiveIntegerField(_("rows changed"), default=0)
    seconds = models.DecimalField(_("seconds"), max_digits=9, decimal_places=3, default=0)

    class Meta(TenantModel.Meta):
        ordering = ["business_day", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "business_day", "step"], name="night_step_once")
        ]

    def __str__(self) -> str:
        return f"{self.business_day} {self.step}"
