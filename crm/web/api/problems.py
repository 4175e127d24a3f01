"""Every error of the API as RFC 9457 problem+json: never a trace, never a message of the database."""

import logging
from collections.abc import Iterator
from typing import Any

from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse
from rest_framework import exceptions

from crm.refusal import Fault
from crm.web.errors import problem, refusal

logger = logging.getLogger(__name__)


def answer(error: Exception, request: HttpRequest) -> HttpResponse:
    """The problem that an error is to the caller; one of ours is logged and told as 500."""
    if isinstance(error, exceptions.APIException):
        return _of_framework(error)
    known = refusal(error)
    if known is None:
        logger.exception("api: %s %s", request.method, request.path)
        got_request_exception.send(sender=None, request=request)
        return problem(500)
    status, refused = known
    headers = {"Retry-After": "5"} if status == 503 else None
    return problem(status, faults=refused.faults, headers=headers)


def _of_framework(error: exceptions.APIException) -> HttpResponse:
    headers: dict[str, str] = {}
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        headers["WWW-Authenticate"] = "Bearer"
    wait = getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(int(wait))
    if isinstance(error, exceptions.ValidationError):
        return problem(400, faults=tuple(faults_of(error.detail)), headers=headers)
    return problem(error.status_code, detail=error.detail, headers=headers)


def faults_of(detail: Any, place: str = "") -> Iterator[Fault]:
    """The faults in a serializer's nested errors; a place reads `splits.0.payee`, "" is the whole."""
    if isinstance(detail, dict):
        for name, part in detail.items():
            name = "" if name == "non_field_errors" else str(name)
            yield from faults_of(part, ".".join(filter(None, [place, name])))
    elif isinstance(detail, list):
        for number, part in enumerate(detail):
            nested = isinstance(part, dict | list)
            yield from faults_of(part, ".".join(filter(None, [place, str(number)])) if nested else place)
    else:
        yield Fault(place, getattr(detail, "code", "invalid"), detail)
