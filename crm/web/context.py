"""What the shell of every page needs."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from crm.accounts.access import Viewer
from crm.tenancy.models import Tenant
from crm.web import navigation
from crm.web.templatetags.marks import initials
from crm.web.waiting import counts


@dataclass(frozen=True)
class Company:
    """A tenant as the shell names it."""

    name: str
    slug: str

    @property
    def initial(self) -> str:
        return self.name[:1]


@dataclass(frozen=True)
class Person:
    """The reader as the shell names him."""

    name: str
    department: str

    @property
    def initials(self) -> str:
        return initials(self.name)


@dataclass(frozen=True)
class Shell:
    """Frame of a page: company, others to switch to, person, navigation, language, appearance."""

    tenant: Company | None = None
    tenants: list[Company] = field(default_factory=list)
    member: Person | None = None
    nav: Any = ()
    theme: str = "auto"
    density: str = "compact"
    language: str = "en"
    languages: list[tuple[str, str]] = field(default_factory=list)


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Context processor: `shell` in every template."""
    user: Any = getattr(request, "user", None)
    viewer: Viewer | None = getattr(request, "viewer", None)
    common: dict[str, Any] = {"language": translation.get_language(), "languages": settings.LANGUAGES}
    if user is not None and user.is_authenticated:
        common |= {"theme": user.theme, "density": user.density}
    if viewer is None:
        return {"shell": Shell(**common)}
    here: Tenant = request.tenant  # type: ignore[attr-defined]
    waiting = counts(viewer, request.today)  # type: ignore[attr-defined]
    return {
        "shell": Shell(
            tenant=Company(here.name, here.slug),
            tenants=[Company(t.name, t.slug) for t in companies_of(user) if t.pk != here.pk],
            member=Person(viewer.name, viewer.member.department.name),
            nav=navigation.items_for(frozenset(viewer.rights), waiting),
            **common,
        )
    }


def companies_of(user: Any) -> list[Tenant]:
    """The companies that a person may enter."""
    return list(Tenant.objects.filter(id__in=user.seats.values("tenant_id"), is_active=True).order_by("name"))
