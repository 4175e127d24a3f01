from django.db import models

from crm.tenancy.models import TenantModel


class FirstAnswer(TenantModel):
    """What was answered to the first request with an idempotency key; kept for a day.

    `caller` is the API key or, for a form, the member. While `status` is empty the request is still
    at work in a transaction that nobody else sees.
    """

    caller = models.UUIDField()
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(default="")
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "caller", "key"], name="first_answer_once")
        ]
        indexes = [models.Index(fields=["tenant_id", "created_at"], name="first_answer_age")]
