from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.access import Viewer, scoped
from crm.accounts.models import Department, Member
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import VersionedModel
from customers.models.contract import Contract
from customers.models.customer import Customer


class SplitConfirmation(VersionedModel):
    """The word of a payee's department on the split of a contract (domain.md §2.2): its head's.

    A split that gives somebody else than the responsible owner a share has one for each department of its
    payees, any other has none. Until all are given its commission is held. `asked` is who is to give it:
    the head, or the next one above who is not paid by the contract himself.
    """

    class State(models.TextChoices):
        WAITING = "WAITING", pgettext_lazy("split", "To be confirmed")
        CONFIRMED = "CONFIRMED", pgettext_lazy("split", "Confirmed")
        REFUSED = "REFUSED", pgettext_lazy("split", "Refused")
        DROPPED = "DROPPED", pgettext_lazy("split", "No longer asked")

    OPEN = (State.WAITING, State.REFUSED, State.DROPPED)  # the split may still change; commission is held

    contract = TenantForeignKey(
        Contract, models.CASCADE, related_name="confirmations", verbose_name=_("contract"), db_index=False
    )
    department = TenantForeignKey(
        Department, models.PROTECT, related_name="+", verbose_name=_("department of the payee")
    )
    asked = TenantForeignKey(
        Member, models.PROTECT, related_name="+", verbose_name=_("to be confirmed by"), db_index=False
    )
    asked_on = models.DateField(_("asked on"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WAITING)
    decided_by = TenantForeignKey(
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_on = models.DateField(_("decided on"), null=True)
    words = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta(VersionedModel.Meta):
        ordering = ["asked_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "contract", "department"], name="split_confirmation_once"
            ),
            models.CheckConstraint(
                condition=Q(state="WAITING", decided_on__isnull=True)
                | (~Q(state="WAITING") & Q(decided_on__isnull=False)),
                name="split_confirmation_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state="REFUSED") | ~Q(words=""), name="split_refusal_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "asked", "state"], name="split_confirmation_asked"),
            models.Index(fields=["tenant_id", "asked_on", "id"], name="split_confirmation_since"),
        ]

    def __str__(self) -> str:
        return str(self.get_state_display())

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        """Who reaches the customer, who is asked, and those above the department."""
        asked = Q(asked=viewer.id)
        own = Customer.reach(viewer, "contract__customer__") | asked
        return own | scoped(viewer.customers, viewer, own=asked, department="department")
