import logging
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import AuthenticationFailed

from crm.accounts.access import viewer_of
from crm.integrations import keys
from crm.tenancy.context import current_or_none, tenant
from crm.web.api.caller import Caller, Keyring

logger = logging.getLogger(__name__)


class KeyAuthentication(Keyring):
    """`Authorization: Bearer gh_…`. Key, member, department and tenant are one query."""

    def tenant_of(self, request: Any) -> int | None:
        spoken = keys.parse(_bearer(request))
        return spoken.tenant if spoken else None

    def authenticate(self, request: Any) -> Caller | None:  # type: ignore[override]
        text = _bearer(request)
        if not text:
            return None
        spoken, found = keys.parse(text), None
        if spoken and spoken.tenant == current_or_none():
            found = keys.find(spoken, at=timezone.now(), limited=request.method in {"GET", "HEAD"})
        if found is None:
            raise AuthenticationFailed(_("This key is not valid, has expired or was revoked."))
        return Caller(
            viewer=viewer_of(found.member),
            tenant=found.tenant,
            key=found.key.id,
            scopes=frozenset(found.key.scopes),
            used_at=found.key.last_used_at,
        )

    def touch(self, caller: Caller, at: datetime) -> None:
        try:
            with tenant(caller.tenant.id), transaction.atomic():
                keys.touch(caller.key, at)
        except Exception as problem:  # the answer is out already; the next minute tries again
            logger.warning("api key: last use not noted: %s", problem)


def _bearer(request: Any) -> str:
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    return text.strip() if kind.lower() == "bearer" else ""
