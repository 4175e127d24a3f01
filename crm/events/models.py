from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.tenancy.models import AppendOnlyModel, TenantModel


class Event(AppendOnlyModel):
    """One thing that happened: audit trail, timeline entry and outbox message in one row.

    It names its actor, subject and customer without foreign keys, because it outlives them.
    """

    name = models.CharField(_("event"), max_length=60)
    on = models.DateField(_("business date"))
    at = models.DateTimeField(_("time"))
    actor_id = models.UUIDField(_("actor"), null=True)
    actor_name = models.CharField(_("actor's name"), max_length=120, blank=True)
    subject_id = models.UUIDField(_("subject"), null=True)
    customer_id = models.UUIDField(_("customer"), null=True)
    data = models.JSONField(_("details"), default=dict)

    class Meta(AppendOnlyModel.Meta):
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["tenant_id", "customer_id", "-at", "-id"], name="event_timeline"),
            models.Index(fields=["tenant_id", "subject_id", "-at"], name="event_subject"),
            models.Index(fields=["tenant_id", "name", "-at", "-id"], name="event_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.on}"


class Pending(TenantModel):
    """What must still follow an event after its commit; deleted by the job that did it."""

    event_id = models.UUIDField()
    follower = models.CharField(max_length=80)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "follower", "event_id"], name="pending_once")
        ]
