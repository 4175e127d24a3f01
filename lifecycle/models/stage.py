from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.access import Viewer
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import AppendOnlyModel
from customers.models import Customer


class Stage(models.TextChoices):
    """Where a customer stands in its life (domain.md §4), in the order of a life, not of precedence.

    OPPORTUNITY is entered by opportunities, which do not exist yet.
    """

    LEAD = "LEAD", pgettext_lazy("stage", "Lead")
    PROSPECT = "PROSPECT", pgettext_lazy("stage", "Prospect")
    OPPORTUNITY = "OPPORTUNITY", pgettext_lazy("stage", "Opportunity")
    NEW = "NEW", pgettext_lazy("stage", "New")
    ACTIVE = "ACTIVE", pgettext_lazy("stage", "Active")
    RENEWAL_DUE = "RENEWAL_DUE", pgettext_lazy("stage", "Renewal due")
    AT_RISK = "AT_RISK", pgettext_lazy("stage", "At risk")
    WON_BACK = "WON_BACK", pgettext_lazy("stage", "Won back")
    OVERDUE = "OVERDUE", pgettext_lazy("stage", "Renewal overdue")
    CHURNED = "CHURNED", pgettext_lazy("stage", "Churned")
    DORMANT = "DORMANT", pgettext_lazy("stage", "Dormant")
    BLOCKED = "BLOCKED", pgettext_lazy("stage", "Blocked")


class StageReason(models.TextChoices):
    """Why a customer stands in its stage: one line of the rule table in lifecycle.stages."""

    BLOCKED = "BLOCKED", _("Blocked by decision")
    TERMINATED = "TERMINATED", _("The last contract was cancelled")
    LAPSED = "LAPSED", _("More than 90 days without a contract")
    ENDED = "ENDED", _("The last contract has ended, no renewal is signed")
    ENDS_SOON = "ENDS_SOON", _("The last contract ends within 90 days")
    RED = "RED", _("The risk is high")
    RED_LATELY = "RED_LATELY", _("The risk was high less than 30 days ago")
    WON_BACK = "WON_BACK", _("Signed again after having left, less than 12 months ago")
    FIRST_YEAR = "FIRST_YEAR", _("In the first 12 months, not yet renewed")
    RENEWED = "RENEWED", _("Has renewed")
    AFTER_FIRST_YEAR = "AFTER_FIRST_YEAR", _("A customer for 12 months or more")
    SILENT = "SILENT", _("No contract, and no contact for 180 days")
    NOT_STARTED = "NOT_STARTED", _("Signed, but no contract has started")
    CONTACTED = "CONTACTED", _("Reached, nothing signed")
    REGISTERED = "REGISTERED", _("Registered, not yet reached")


class StageMove(AppendOnlyModel):
    """One change of a customer's stage, with the reason and the facts it was judged by."""

    # Without a database key: a lead that was registered twice may be deleted, this history may not.
    customer = TenantForeignKey(
        Customer,
        models.DO_NOTHING,
        related_name="stage_moves",
        verbose_name=_("customer"),
        db_constraint=False,
        db_index=False,
    )
    from_stage = models.CharField(_("from"), max_length=20, choices=Stage)
    to_stage = models.CharField(_("to"), max_length=20, choices=Stage)
    reason = models.CharField(_("reason"), max_length=20, choices=StageReason)
    inputs = models.JSONField(_("facts"), default=dict)
    on = models.DateField(_("business date"))
    at = models.DateTimeField(_("time"))

    class Meta(AppendOnlyModel.Meta):
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(from_stage=models.F("to_stage")), name="stage_move_moves")
        ]
        indexes = [models.Index(fields=["tenant_id", "customer", "-id"], name="stage_move_history")]

    def __str__(self) -> str:
        return f"{self.from_stage} → {self.to_stage}"

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Customer.reach(viewer, "customer__")
