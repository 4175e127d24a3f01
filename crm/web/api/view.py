"""The door of the API: tenant, key, limits, scope, right and idempotency, before any resource is asked."""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial, wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from crm.accounts.access import Viewer
from crm.accounts.rights import Right
from crm.refusal import Conflict, Fault, Refused
from crm.tenancy.context import no_tenant, tenant
from crm.web import once
from crm.web.api import limits, problems
from crm.web.api.caller import Caller, Keyring, keyring
from crm.web.api.render import JsonParser, JsonRenderer, dumps, tag
from crm.web.models import FirstAnswer

logger = logging.getLogger(__name__)

SAFE = {"GET", "HEAD"}
ANYTHING = {"", "*/*", JsonRenderer.media_type}
JSON = JsonRenderer()
KEPT_HEADERS = ("Location", "ETag", "Content-Type")
TOUCH_EVERY = timedelta(minutes=1)


class Answered(Exception):
    """The request was answered before."""

    def __init__(self, first: FirstAnswer) -> None:
        self.first = first


class Overtaken(Refused):
    """The version in If-Match is not the one that stands (HTTP 412)."""

    status = 412


class Wide(Refused):
    """The body is larger than this address takes (HTTP 413)."""

    status = 413


class ApiView(APIView):
    """Base of every address of the API.

    `resource` and `area` are the words of its scopes (`payments:read`, `contracts:read`); an empty
    area is open to every key. `rights` tells the right that an action, or all that read or write, needs.
    """

    renderer_classes = [JsonRenderer]
    parser_classes = [JsonParser]
    permission_classes: list[Any] = []
    throttle_classes: list[Any] = []
    http_method_names = ["get", "head", "post", "patch", "delete"]
    format_kwarg = None

    resource = ""
    area = ""
    rights: Mapping[str, Right | None] = {}
    bodies: Mapping[str, type[BaseSerializer]] = {}
    answers: Mapping[str, type[BaseSerializer] | None] = {}
    parameters: Mapping[str, str] = {}
    files: frozenset[str] = frozenset()  # actions that answer a file, whatever the caller says he takes
    max_body = 1 << 20  # bytes

    caller: Caller
    _once: once.Once | None = None

    @classmethod
    def as_view(cls, *args: Any, **initkwargs: Any) -> Any:
        return in_scope(super().as_view(*args, **initkwargs))

    @property
    def viewer(self) -> Viewer:
        return self.caller.viewer

    @property
    def act(self) -> dict[str, Any]:
        """What every verb wants to know: `by`, `at`, `on`."""
        return {"by": self.viewer, "at": self.now, "on": self.today}

    def kind(self) -> str:
        """Whether this request reads or writes, for scope and right."""
        return "read" if self.request.method in SAFE else "write"

    def verb(self) -> str:
        """The action of a resource, or the method of a plain view."""
        return getattr(self, "action", None) or (self.request.method or "").lower()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.now = timezone.now()
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        self.caller = self._called_by(request)
        http: Any = request._request
        http.caller, http.viewer, http.tenant, http.now = (
            self.caller,
            self.viewer,
            self.caller.tenant,
            self.now,
        )
        http.today = self.today = self.now.astimezone(ZoneInfo(self.caller.tenant.time_zone)).date()
        self._judge_method()
        self._judge_scope_and_right()
        self._judge_address_and_size(request)
        self._begin_once(request)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """JSON for who takes anything or JSON, without weighing; other wishes are weighed.

        Who asks for a file gets it whatever he takes, and problems beside it in JSON.
        """
        plain = request.headers.get("Accept", "*/*") in ANYTHING and "format" not in request.GET
        if plain or self.verb() in self.files:
            return JSON, JSON.media_type
        return super().perform_content_negotiation(request, force)

    def get_authenticators(self) -> list[Any]:
        return [keyring()]

    def _called_by(self, request: Request) -> Caller:
        now = self.now.timestamp()
        try:
            caller = keyring().authenticate(request)
            if caller is None:
                raise exceptions.NotAuthenticated
        except exceptions.AuthenticationFailed:
            self._count(limits.of_address(request.META.get("REMOTE_ADDR", ""), now))
            raise
        self._count(limits.of_key(caller.tenant.id, str(caller.key), now))
        return caller

    def _count(self, allowance: limits.Allowance | None) -> None:
        if allowance is None:
            return
        self.headers |= allowance.headers()
        if allowance.exceeded:
            raise exceptions.Throttled(wait=allowance.reset)

    def _judge_method(self) -> None:
        method = (self.request.method or "").lower()
        if method not in self.http_method_names or not hasattr(self, method):
            raise exceptions.MethodNotAllowed(method.upper())

    def _judge_scope_and_right(self) -> None:
        words = frozenset(filter(None, (self.resource, self.area)))
        if self.area and not self.caller.allows(words, self.kind()):
            words_missing = _("This key is not for this: it needs the scope “%(scope)s”.")
            raise exceptions.PermissionDenied(words_missing % {"scope": f"{self.area}:{self.kind()}"})
        right = self.rights.get(self.verb(), self.rights.get(self.kind()))
        if right is not None and not self.viewer.may(right):
            raise exceptions.PermissionDenied

    def _judge_address_and_size(self, request: Request) -> None:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > self.max_body:
            raise Wide(Fault("", "too_large", _("The body is larger than %s bytes.") % self.max_body))
        if "%00" in request.META.get("QUERY_STRING", ""):
            raise Refused(Fault("", "invalid", _("The address holds a NUL character.")))
        known = self.known_parameters() if request.GET else ()
        unknown = [name for name in request.GET if name not in known]
        if unknown:
            words = _("There is no such parameter here.")
            raise Refused(*(Fault(name, "unknown", words) for name in unknown))

    def known_parameters(self) -> frozenset[str]:
        """Names that the query string may hold; any other is answered with 400."""
        return frozenset(self.parameters)

    def _begin_once(self, request: Request) -> None:
        key = request.headers.get("Idempotency-Key", "")
        if request.method != "POST" or not key:
            return
        if len(key) > 255 or not key.isprintable():
            words = _("An idempotency key has at most 255 printable characters.")
            raise Refused(Fault("Idempotency-Key", "invalid", words))
        begun = once.begin(
            caller=self.caller.key, key=key, fingerprint=self.fingerprint(request), at=self.now
        )
        if isinstance(begun, FirstAnswer):
            raise Answered(begun)
        self._once = begun

    def fingerprint(self, request: Request) -> str:
        """What makes two requests the same."""
        return once.fingerprint(self.viewer.id, request._request)

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        if isinstance(exc, Answered):
            first = exc.first
            headers = {**first.headers, "Idempotency-Replayed": "true"}
            return HttpResponse(first.body, status=first.status or 200, headers=headers)
        if isinstance(exc, Conflict) and "If-Match" in self.request.headers and _is_stale(exc):
            exc = Overtaken(*exc.faults)
        return problems.answer(exc, self.request._request)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        patch_vary_headers(response, ["Authorization", "Accept-Language"])
        if response.status_code >= 400:
            transaction.set_rollback(True)
        elif self._once is not None:
            self._keep(response)
        elif self.kind() == "read" and isinstance(response, Response) and self.verb() != "list":
            return self._tagged(response)
        return response

    def _tagged(self, response: Response) -> HttpResponse:
        """The answer with its ETag, or 304 for a caller who has it."""
        if not response.has_header("ETag"):
            response.headers["ETag"] = tag(response.data)
        if response["ETag"] not in tags(self.request, "If-None-Match"):
            return response
        kept = {name: value for name, value in response.headers.items() if name != "Content-Type"}
        return HttpResponse(status=304, headers=kept)

    def judge_tag(self, stands: str) -> None:
        """Overtaken when If-Match names something else than what stands."""
        given = tags(self.request, "If-Match")
        if given and "*" not in given and stands not in given:
            raise Overtaken(Fault("", "stale", _("Somebody changed this record; read it again.")))

    def _keep(self, response: HttpResponse) -> None:
        headers = {name: response[name] for name in KEPT_HEADERS if response.has_header(name)}
        body = response.content if not isinstance(response, Response) else dumps(self.kept(response.data))
        if isinstance(response, Response):  # not rendered yet
            headers["Content-Type"] = JsonRenderer.media_type
        assert self._once is not None
        self._once.keep(response.status_code, body.decode(), headers)

    def kept(self, data: Any) -> Any:
        """What is kept of an answer for a second sender; an address that shows a secret once drops it."""
        return data

    def body(self, *, partial: bool = False) -> dict[str, Any]:
        """The judged body of this request, by `bodies[action]` or the shape; refuses unknown fields."""
        shape = self.body_shape()
        judge = shape(data=self.request.data, partial=partial, context={"viewer": self.viewer, "view": self})
        judge.is_valid(raise_exception=True)
        return dict(judge.validated_data)

    def body_shape(self) -> type[BaseSerializer]:
        """The serializer of this action's body; KeyError for an action that declares none."""
        return self.bodies[self.verb()]


def tags(request: Request, header: str) -> list[str]:
    """The ETags that a conditional header names."""
    words = request.headers.get(header, "").split(",")
    return [word.strip().removeprefix("W/") for word in words if word.strip()]


def _is_stale(error: Conflict) -> bool:
    return any(fault.code == "stale" for fault in error.faults)


def in_scope(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open the tenant of the key around the transaction, so that what follows a commit has it too."""

    @wraps(view)
    def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        keys = keyring()
        number = keys.tenant_of(request)
        try:
            with no_tenant() if number is None else tenant(number), transaction.atomic():
                response = view(request, *args, **kwargs)
        except Exception as error:  # the database is away, or refused the commit
            return problems.answer(error, request)
        _touch_later(request, response, keys)
        return response

    entered.guarded = "key"  # type: ignore[attr-defined]
    return transaction.non_atomic_requests(entered)


def _touch_later(request: Any, response: HttpResponse, keys: Keyring) -> None:
    """Note the use of the key once the answer has been sent."""
    caller: Caller | None = getattr(request, "caller", None)
    if caller and (caller.used_at is None or request.now - caller.used_at >= TOUCH_EVERY):
        response._resource_closers.append(partial(keys.touch, caller, request.now))  # type: ignore[attr-defined]
