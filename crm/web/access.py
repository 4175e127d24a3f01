"""The decorator every page wears: who may enter, and as whom. A page without it fails the build."""

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from crm.accounts.access import Viewer, viewer_of
from crm.accounts.models import User
from crm.accounts.rights import Right
from crm.tenancy.context import current_or_none
from crm.tenancy.models import Tenant
from crm.web import entrants

View = Callable[..., HttpResponse]


class PageRequest(HttpRequest):
    """A request that passed the door: the tenant, the viewer, and the moment it is served.

    `act` is what every verb wants to know: `by`, `at`, `on`.
    """

    user: User
    tenant: Tenant
    viewer: Viewer
    now: datetime
    today: date
    act: dict[str, Any]
    htmx: Any


def page(*rights: Right, anonymous: bool = False, any_of: bool = False) -> Callable[[View], View]:
    """Let in members who hold all of `rights` (one of them with `any_of`); `anonymous` lets in everybody.

    Reads the clock once: `request.now`, and `request.today` in the tenant's zone. A stranger is sent
    to sign in (a fragment by HX-Redirect), a member without the right gets 403.
    """
    enough = any if any_of else all

    def wear(view: View) -> View:
        @wraps(view)
        def entered(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if "%00" in request.META.get("QUERY_STRING", ""):
                raise BadRequest
            elsewhere = None if anonymous else _enter(request)
            if elsewhere is None and not anonymous and rights and not enough(map(request.viewer.may, rights)):
                raise PermissionDenied
            response = elsewhere or view(request, *args, **kwargs)
            patch_vary_headers(response, ["HX-Request", "Cookie", "Accept-Language"])
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        entered.guarded = "anonymous" if anonymous else "member"  # type: ignore[attr-defined]
        entered.rights = rights  # type: ignore[attr-defined]
        return entered

    return wear


def signed_in(view: View) -> View:
    """A page of a person who need not have entered a tenant yet, such as the choice of one."""

    @wraps(view)
    def entered(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return _sign_in(request)
        request.now = timezone.now()
        response = view(request, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    entered.guarded = "person"  # type: ignore[attr-defined]
    return entered


def _enter(request: Any) -> HttpResponse | None:
    if not request.user.is_authenticated:
        return _sign_in(request)
    found = None if current_or_none() is None else entrants.of_user(request.user.pk)
    if found is None:
        return elsewhere(request, _with_next(request, resolve_url("accounts:choose")))
    member, request.tenant = found
    request.viewer = viewer_of(member)
    request.now = timezone.now()
    request.today = request.now.astimezone(ZoneInfo(request.tenant.time_zone)).date()
    request.act = {"by": request.viewer, "at": request.now, "on": request.today}
    return None


def _sign_in(request: Any) -> HttpResponse:
    return elsewhere(request, _with_next(request, resolve_url("account_login")))


def _with_next(request: Any, url: str) -> str:
    """`url`, from where the reader comes back to the page that he wanted."""
    htmx = getattr(request, "htmx", None)
    back = (htmx.current_url_abs_path if htmx else None) or request.get_full_path()
    return f"{url}?{urlencode({'next': back})}"


def elsewhere(request: Any, url: str) -> HttpResponse:
    """Send the reader to another page; a fragment takes the whole window along."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": url})
    return redirect(url)
