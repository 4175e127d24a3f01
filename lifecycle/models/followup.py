from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import EVERYTHING, Viewer
from crm.accounts.models import Member
from crm.accounts.rights import Right
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import VersionedModel
from customers.models import Customer, Dunning


class FollowUp(VersionedModel):
    """Something to be done for a customer by a day, with its outcome (跟进任务).

    `source` names what asked for it; at most one is open per customer and source, so that a night
    run twice opens nothing twice. What the system opens has no title of its own: its headline comes
    from kind and inputs, in the reader's language.
    """

    class Kind(models.TextChoices):
        MANUAL = "MANUAL", _("By hand")
        RISK = "RISK", _("Risk")
        NEXT_STEP = "NEXT_STEP", _("Next step")
        FIRST_TOUCH = "FIRST_TOUCH", _("First contact")
        DROP = "DROP", _("Drops into the pool")
        NEWS = "NEWS", _("News")
        REGISTRATION = "REGISTRATION", _("Registration")
        DISPUTE = "DISPUTE", _("Dispute")
        EXTENSION = "EXTENSION", _("More days asked for")
        NEGLECT = "NEGLECT", _("Missed follow-up")
        DUNNING = "DUNNING", _("Dunning")

    class State(models.TextChoices):
        OPEN = "OPEN", _("Open")
        DONE = "DONE", _("Done")
        CANCELLED = "CANCELLED", _("No longer needed")

    customer = TenantForeignKey(
        Customer, models.CASCADE, related_name="follow_ups", verbose_name=_("customer"), db_index=False
    )
    owner = TenantForeignKey(
        Member,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="follow_ups",
        verbose_name=_("to be done by"),
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.MANUAL)
    title = models.CharField(_("what to do"), max_length=200, blank=True)
    due_on = models.DateField(_("due on"))
    source = models.CharField(max_length=80, blank=True, editable=False)
    inputs = models.JSONField(default=dict, editable=False)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    opened_by = TenantForeignKey(
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("opened by"), db_index=False
    )
    opened_on = models.DateField(_("opened on"))
    closed_by = TenantForeignKey(
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("closed by"), db_index=False
    )
    closed_at = models.DateTimeField(_("closed at"), null=True)
    outcome = models.TextField(_("outcome"), blank=True)

    class Meta(VersionedModel.Meta):
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "customer", "source"],
                condition=Q(state="OPEN") & ~Q(source=""),
                name="follow_up_open_once",
            ),
            models.CheckConstraint(
                condition=Q(state="OPEN", closed_at__isnull=True)
                | (~Q(state="OPEN") & Q(closed_at__isnull=False)),
                name="follow_up_closed_at",
            ),
            models.CheckConstraint(condition=~Q(kind="MANUAL", title=""), name="follow_up_title"),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "customer", "state", "due_on"], name="follow_up_customer"),
            models.Index(fields=["tenant_id", "owner", "state", "due_on", "id"], name="follow_up_owner"),
            models.Index(fields=["tenant_id", "state", "due_on", "id"], name="follow_up_due"),
        ]

    def __str__(self) -> str:
        return str(self.headline)

    @property
    def headline(self) -> Any:
        """What to do, in the reader's language."""
        if self.title:
            return self.title
        if self.kind == self.Kind.RISK:
            return _("Visit within 5 working days: the risk is high (%(score)s)") % self.inputs
        if self.kind == self.Kind.FIRST_TOUCH:
            return _("First contact, or the customer goes back into the pool")
        if self.kind == self.Kind.DROP:
            return _("Contact, or the customer drops into the pool on %(drops_on)s") % self.inputs
        if self.kind == self.Kind.NEWS:
            return _("Answer the news from %(department)s") % self.inputs
        if self.kind == self.Kind.REGISTRATION and "drops_on" in self.inputs:
            return _("Register again, or the customer drops into the pool on %(drops_on)s") % self.inputs
        if self.kind == self.Kind.REGISTRATION:
            return _("Reach the customer, or the registration lapses")
        if self.kind == self.Kind.DISPUTE:
            return self._of_dispute % self.inputs
        if self.kind == self.Kind.EXTENSION:
            return _("Decide whether %(who)s keeps the customer %(days)s days longer") % self.inputs
        if self.kind == self.Kind.NEGLECT:
            return self._of_neglect % self.inputs
        if self.kind == self.Kind.DUNNING:
            return self._of_dunning % self.inputs
        return _("Next step")

    @property
    def _of_dunning(self) -> Any:
        if self.inputs.get("step") == Dunning.Step.LEGAL:
            return _("Prepare the legal letter with finance: %(contract)s is overdue since %(since)s")
        if self.inputs.get("step") == Dunning.Step.JOINT:
            return _("Dun together with finance: %(contract)s is overdue since %(since)s")
        return _("Ask for payment: %(contract)s is overdue since %(since)s")

    @property
    def _of_neglect(self) -> Any:
        if self.inputs.get("part") == "owner":
            return _("Contact the customer: the follow-up of %(missed_on)s was missed")
        if self.inputs.get("rung") == "FLAGGED":
            return _("Decide who looks after the customer: %(owner)s has not since %(missed_on)s")
        return _("See to it with %(owner)s: the follow-up of %(missed_on)s was missed")

    @property
    def _of_dispute(self) -> Any:
        if self.inputs.get("part") == "answer":
            return _("Answer the claim of %(department)s to this customer")
        return _("Rule on the claim of %(department)s to this customer")

    @property
    def ending(self) -> Any:
        """How it ended, in words; what the system closed says why in the reader's language."""
        if self.state == self.State.CANCELLED and self.kind == self.Kind.RISK and not self.outcome:
            return _("The risk is no longer high")
        if self.state == self.State.CANCELLED and self.kind in (self.Kind.FIRST_TOUCH, self.Kind.DROP):
            return self.outcome or _("The customer was contacted, or is no longer yours")
        if self.state == self.State.CANCELLED and self.kind == self.Kind.REGISTRATION and not self.outcome:
            return _("The registration lapsed")
        if self.state == self.State.CANCELLED and self.kind == self.Kind.DISPUTE:
            return self.outcome or _("The dispute has ended")
        if self.state == self.State.CANCELLED and self.kind == self.Kind.DUNNING:
            return self.outcome or _("Nothing of it is overdue any more")
        return self.outcome

    @classmethod
    def told_to(cls, viewer: Viewer) -> Q:
        """Those whose words the viewer may read: what is overdue is a secret of receivables."""
        return EVERYTHING if viewer.may(Right.RECEIVABLE_VIEW) else ~Q(kind=cls.Kind.DUNNING)

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        rows = Customer.reach(viewer, "customer__")
        # All rows are an empty condition, which an "or" would drop.
        found = rows | Q(owner_id=viewer.id) if rows else rows
        return found if viewer.may(Right.RECEIVABLE_VIEW) else found & cls.told_to(viewer)

    @classmethod
    def writes(cls, viewer: Viewer) -> Q:
        """His own, and those of the customers he may change: not what he is only let read."""
        rows = Customer.writes(viewer, "customer__")
        return rows | Q(owner_id=viewer.id) if rows else rows
