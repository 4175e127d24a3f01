from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.access import Viewer, scoped
from crm.accounts.models import Department, Member
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import TenantModel, VersionedModel
from customers.models.customer import Customer


class Handover(VersionedModel):
    """A book of customers passes to others (交接): that of a person, or in a re-organisation of a department.

    For somebody who leaves one is open from the day he is known to leave; what nobody has reassigned by
    `due_on` the night deals out in his department. Without `executed_by` the night did it.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", pgettext_lazy("handover", "To be handed over")
        DONE = "DONE", pgettext_lazy("handover", "Handed over")
        UNDONE = "UNDONE", pgettext_lazy("handover", "Taken back")
        DROPPED = "DROPPED", pgettext_lazy("handover", "Not needed any more")

    member = TenantForeignKey(
        Member, models.PROTECT, null=True, related_name="handovers", verbose_name=_("whose customers")
    )
    department = TenantForeignKey(
        Department, models.PROTECT, related_name="handovers", verbose_name=_("department")
    )
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.OPEN)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    opened_on = models.DateField(_("opened on"))
    due_on = models.DateField(_("to be handed over by"), null=True)
    executed_on = models.DateField(_("handed over on"), null=True)
    executed_at = models.DateTimeField(null=True)
    executed_by = TenantForeignKey(
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("handed over by")
    )
    undo_until = models.DateField(_("may be taken back until"), null=True)
    undone_on = models.DateField(_("taken back on"), null=True)
    undone_by = TenantForeignKey(
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("taken back by")
    )

    class Meta(VersionedModel.Meta):
        ordering = ["-opened_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "member"], condition=Q(state="OPEN"), name="handover_open_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["OPEN", "DROPPED"], executed_on__isnull=True)
                | Q(state__in=["DONE", "UNDONE"], executed_on__isnull=False, undo_until__isnull=False),
                name="handover_executed",
            ),
            models.CheckConstraint(
                condition=Q(state="UNDONE", undone_on__isnull=False)
                | (~Q(state="UNDONE") & Q(undone_on__isnull=True)),
                name="handover_undone",
            ),
        ]
        indexes = [models.Index(fields=["tenant_id", "state", "due_on", "id"], name="handover_due")]

    def __str__(self) -> str:
        return self.whose.name

    @property
    def whose(self) -> Member | Department:
        """The person, or the department, whose customers pass on."""
        return self.member or self.department

    def is_late(self, on: date) -> bool:
        """Whether it should have been done before `on`."""
        return self.state == self.State.OPEN and self.due_on is not None and self.due_on < on

    def is_undoable(self, on: date) -> bool:
        """Whether it can still be taken back."""
        return self.state == self.State.DONE and self.undo_until is not None and on <= self.undo_until

    @classmethod
    def reach(cls, viewer: Viewer, path: str = "") -> Q:
        mine = Q(**{f"{path}member": viewer.id})
        return scoped(viewer.customers, viewer, own=mine, department=f"{path}department")


class HandoverRow(TenantModel):
    """One customer of a handover: whose it was and whose it became.

    `came_back` says after an undo whether it went back, or stayed because somebody had changed it.
    """

    handover = TenantForeignKey(Handover, models.CASCADE, related_name="rows")
    customer = TenantForeignKey(Customer, models.CASCADE, related_name="handover_rows")
    from_member = TenantForeignKey(Member, models.PROTECT, null=True, related_name="+")
    from_department = TenantForeignKey(Department, models.PROTECT, related_name="+")
    to_member = TenantForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("to"))
    came_back = models.BooleanField(_("came back"), null=True)

    class Meta(TenantModel.Meta):
        ordering = ["handover", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "handover", "customer"], name="handover_row_once")
        ]

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Handover.reach(viewer, "handover__")
