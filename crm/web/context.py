"""What the shell of every page needs."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from crm.tenancy.models import Tenant
from crm.web import navigation


@dataclass(frozen=True)
class Shell:
    """Frame of a page: tenant, person, navigation, language, appearance."""

    tenant: Any = None
    tenants: list[Any] = field(default_factory=list)
    member: Any = None
    nav: Any = ()
    theme: str = "auto"
    density: str = "compact"
    language: str = "en"
    languages: list[tuple[str, str]] = field(default_factory=list)


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Context processor: `shell` in every template."""
    viewer = getattr(request, "viewer", None)
    common = {"language": translation.get_language(), "languages": settings.LANGUAGES}
    if viewer is None:
        return {"shell": Shell(**common)}
    user: Any = request.user
    return {
        "shell": Shell(
            tenant=request.tenant,  # type: ignore[attr-defined]
            tenants=list(Tenant.objects.filter(id__in=user.seats.values("tenant_id"), is_active=True)),
            member=viewer.member,
            nav=navigation.items_for(frozenset(viewer.rights), {}),
            theme=user.theme,
            density=user.density,
            **common,
        )
    }
