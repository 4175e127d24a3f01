from typing import Any

from celery import Task
from django.db import transaction

from crm.tenancy.context import current, tenant


class TenantTask(Task):
    """A job of one tenant: the tenant travels in a header, the work is one transaction."""

    def apply_async(self, *args: Any, headers: dict | None = None, **kwargs: Any) -> Any:
        return super().apply_async(*args, headers={**(headers or {}), "tenant": current()}, **kwargs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        number = (self.request.headers or {}).get("tenant") or self.request.get("tenant")
        with tenant(number), transaction.atomic():
            return super().__call__(*args, **kwargs)
