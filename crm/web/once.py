"""One effect for a request that is sent twice: the second sender gets the first one's answer.

The row of the first answer is written in the transaction of its effect. A second request at the same
time waits on the unique key until that transaction ends, then finds either the answer or a free key.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.refusal import Fault, Refused
from crm.web.models import FirstAnswer

KEPT = timedelta(hours=24)


class Reused(Refused):
    """The idempotency key was already used for another request (HTTP 422)."""

    status = 422


@dataclass(frozen=True)
class Once:
    """A request that is being answered for the first time."""

    row: FirstAnswer

    def keep(self, status: int, body: str, headers: Mapping[str, str]) -> None:
        """Keep the answer for whoever sends the same request again."""
        FirstAnswer.objects.filter(pk=self.row.pk).update(status=status, body=body, headers=dict(headers))


def begin(*, caller: UUID, key: str, fingerprint: str, at: datetime) -> Once | FirstAnswer:
    """Once for a new key, the kept FirstAnswer for the same request; Reused for another body."""
    mine = FirstAnswer(caller=caller, key=key, fingerprint=fingerprint, created_at=at)
    FirstAnswer.objects.filter(caller=caller, key=key, created_at__lte=at - KEPT).delete()
    FirstAnswer.objects.bulk_create([mine], ignore_conflicts=True)
    found = FirstAnswer.objects.get(caller=caller, key=key)
    if found.pk == mine.pk:
        return Once(mine)
    if found.fingerprint != fingerprint:
        raise Reused(
            Fault(
                "Idempotency-Key",
                "reused",
                _("This idempotency key was used for another request; make a new one."),
            )
        )
    return found


def forget(at: datetime) -> int:
    """Drop answers older than a day in the tenant in scope; returns how many. A step of the night."""
    return FirstAnswer.objects.filter(created_at__lte=at - KEPT).delete()[0]


def fingerprint(member: UUID, request: Any) -> str:
    """A hash of everything that makes two requests the same: member, address and body."""
    digest = hashlib.sha256(f"{member}\0{request.get_full_path()}\0".encode())
    if request.content_type != "multipart/form-data":
        digest.update(request.body)
        return digest.hexdigest()
    digest.update(repr(sorted(request.POST.lists())).encode())
    for name, file in sorted(request.FILES.items()):
        digest.update(f"{name}\0{file.name}\0{file.size}\0".encode())
        for chunk in file.chunks():
            digest.update(chunk)
        file.seek(0)
    return digest.hexdigest()
