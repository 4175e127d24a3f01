"""The decorator every page wears: who may enter, and as whom. A page without it fails the build."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from crm.accounts.access import Viewer, viewer_of
from crm.accounts.models import Member
from crm.accounts.roles import Right
from crm.tenancy.context import current, current_or_none
from crm.tenancy.models import Tenant

View = Callable[..., HttpResponse]


class PageRequest(HttpRequest):
    """A request that passed the door: the tenant, the viewer, and the moment it is served."""

    tenant: Tenant
    viewer: Viewer
    now: datetime
    today: Any


def page(*rights: Right, anonymous: bool = False) -> Callable[[View], View]:
    """Let in members who hold all of `rights`; `anonymous` pages are open to everybody.

    Reads the clock once: `request.now`, and `request.today` in the tenant's zone. A stranger is sent
    to sign in (a fragment by HX-Redirect), a member without the right gets 403.
    """

    def wear(view: View) -> View:
        @wraps(view)
        def entered(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if not anonymous:
                refusal = _enter(request, rights)
                if refusal:
                    return refusal
            response = view(request, *args, **kwargs)
            patch_vary_headers(response, ["HX-Request", "Cookie", "Accept-Language"])
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        entered.guarded = "anonymous" if anonymous else rights  # type: ignore[attr-defined]
        return entered

    return wear


def _enter(request: Any, rights: tuple[Right, ...]) -> HttpResponse | None:
    if not request.user.is_authenticated:
        return _elsewhere(request, f"{resolve_url('account_login')}?next={request.get_full_path()}")
    if current_or_none() is None:
        return _elsewhere(request, resolve_url("accounts:choose"))
    member = _member(request.user)
    if member is None:
        return _elsewhere(request, resolve_url("accounts:choose"))
    request.tenant = Tenant.objects.get(id=current())
    request.viewer = viewer_of(member)
    request.now = timezone.now()
    request.today = request.now.astimezone(ZoneInfo(request.tenant.time_zone)).date()
    if not all(request.viewer.may(right) for right in rights):
        raise PermissionDenied
    return None


def _member(user: Any) -> Member | None:
    return (
        Member.objects.select_related("department")
        .filter(user_id=user.pk)
        .exclude(status=Member.Status.LEFT)
        .first()
    )


def _elsewhere(request: Any, url: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=401)
        response.headers["HX-Redirect"] = url
        return response
    return redirect(url)
