from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import translation

from crm.tenancy.context import no_tenant
from crm.web import errors

Next = Callable[[HttpRequest], HttpResponse]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class ContentSecurityPolicy:
    """One constant policy for every page: nothing inline, nothing from elsewhere (ui.md §2.3)."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        return response


class Language:
    """The language chosen by the person (kept in a cookie from sign-in on), else the browser's."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = dict(settings.LANGUAGES)
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        code = chosen if chosen in known else translation.get_language_from_request(request)
        with translation.override(code if code in known else settings.LANGUAGE_CODE):
            request.LANGUAGE_CODE = translation.get_language()  # type: ignore[attr-defined]
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)  # type: ignore[attr-defined]
        return response


class Api:
    """Calls an address that asks for a key at once: no session, no form token, no messages, no htmx.

    Such a view opens its own transaction and tenant, and answers its own errors. All other addresses
    under the API's root are pages, and those that lead nowhere go on to the page that says so.
    """

    ROOT = "/api/"

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        match = self._keyed(request) if request.path_info.startswith(self.ROOT) else None
        if match is None:
            return self.get_response(request)
        request.resolver_match = match
        with no_tenant():  # the tenant comes from the key
            response = match.func(request, *match.args, **match.kwargs)
        return response.render() if hasattr(response, "render") else response

    def _keyed(self, request: HttpRequest) -> ResolverMatch | None:
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return None
        return match if getattr(match.func, "guarded", "") == "key" else None


class Refusals:
    """A refusal or a fault of the database that a page did not catch becomes its status, not a 500."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Called after the view's transaction was rolled back."""
        return errors.page(request, exception)
