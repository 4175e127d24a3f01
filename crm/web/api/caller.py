"""Who calls the API. The keys themselves live above this layer; the setting API_KEYRING names them."""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string
from rest_framework.authentication import BaseAuthentication

from crm.accounts.access import Viewer
from crm.tenancy.models import Tenant


@dataclass(frozen=True)
class Caller:
    """A key that was accepted: the member it acts as, his tenant, and what the key is for."""

    viewer: Viewer
    tenant: Tenant
    key: UUID
    scopes: frozenset[str]
    used_at: datetime | None

    def allows(self, names: frozenset[str], kind: str) -> bool:
        """Whether the key is for any of these areas or resources; `write` includes `read`."""
        kinds = {"write"} if kind == "write" else {"read", "write"}
        return any(f"{name}:{kind}" in self.scopes for name in (*names, "*") for kind in kinds)


class Keyring(BaseAuthentication):
    """Turns the header of a request into a Caller. It is given the scope of the key's tenant."""

    @abstractmethod
    def tenant_of(self, request: Any) -> int | None:
        """The tenant that the key claims to belong to, before any row is read."""

    @abstractmethod
    def authenticate(self, request: Any) -> Caller | None:  # type: ignore[override]
        """The caller, None without a key; AuthenticationFailed for a key that is not valid."""

    @abstractmethod
    def touch(self, caller: Caller, at: datetime) -> None:
        """Note that the key was used; called after the answer was sent, at most once a minute."""

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"


def keyring() -> Keyring:
    """The keyring of this installation."""
    return import_string(settings.API_KEYRING)()
