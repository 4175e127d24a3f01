"""What a refusal, a missing row or a fault of the database is to the one who asked: status and words."""

from typing import Any

import orjson
from django.apps import apps
from django.core import exceptions as django_errors
from django.db import DataError, IntegrityError, OperationalError, models
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from crm.refusal import Conflict, Fault, Refused

PROBLEM = "application/problem+json"


def title(status: int) -> str:
    """The name of an answer's status, in the reader's language."""
    return {
        400: _("The request is not right"),
        401: _("No valid key"),
        403: _("Not allowed"),
        404: _("Not found"),
        405: _("Method not allowed"),
        406: _("Not available in this form"),
        409: _("Conflict"),
        412: _("Overtaken by another change"),
        413: _("Too large"),
        415: _("Unknown form of content"),
        422: pgettext("problem", "Idempotency key used for another request"),
        429: _("Too many requests"),
        503: _("Not available now"),
    }.get(status, _("Something broke on our side"))


def problem(
    status: int, detail: Any = "", faults: tuple[Fault, ...] = (), headers: dict[str, str] | None = None
) -> HttpResponse:
    """An RFC 9457 answer; `faults` become its `errors`, with field, code, message and maybe `about`."""
    name = title(status)
    body = {
        "type": f"urn:guanhu:problem:{status}",
        "title": name,
        "status": status,
        "detail": str(detail) or (str(faults[0].message) if faults else name),
        "errors": [_told(fault) for fault in faults],
    }
    return HttpResponse(orjson.dumps(body), status=status, content_type=PROBLEM, headers=headers)


def _told(fault: Fault) -> dict[str, Any]:
    told: dict[str, Any] = {"field": fault.field, "code": fault.code, "message": str(fault.message)}
    return told if fault.about is None else told | {"about": dict(fault.about)}


def refusal(error: BaseException) -> tuple[int, Refused] | None:
    """Status and faults of an error that a caller can act on; None for one of ours (500)."""
    match error:
        case Refused():
            return error.status, error
        case Http404():
            return 404, Refused()
        case django_errors.RequestDataTooBig() | django_errors.TooManyFilesSent():
            return 413, Refused()
        case django_errors.PermissionDenied():
            return 403, Refused()
        case django_errors.ValidationError():
            return 400, Refused(*_of_model(error))
        case django_errors.SuspiciousOperation() | django_errors.BadRequest():
            return 400, Refused()
        case ProtectedError() | RestrictedError():
            words = gettext_lazy("Other records still refer to this one.")
            return 409, Conflict(Fault("", "in_use", words))
    return _of_database(error)


def _of_model(error: django_errors.ValidationError) -> list[Fault]:
    fields = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    return [
        Fault("" if name == django_errors.NON_FIELD_ERRORS else name, each.code or "invalid", message)
        for name, errors in fields.items()
        for each in errors
        for message in each.messages
    ]


def _of_database(error: BaseException) -> tuple[int, Refused] | None:
    state = getattr(error.__cause__, "sqlstate", None) or ""
    if isinstance(error, IntegrityError):
        return _of_constraint(error, state)
    if isinstance(error, DataError):
        words = gettext_lazy("A value is out of range or malformed.")
        return 400, Refused(Fault("", "invalid", words))
    if isinstance(error, OperationalError):
        words = gettext_lazy("Two changes met; nothing was saved. Send the request again.")
        if state in {"40001", "40P01", "55P03"}:  # serialization failure, deadlock, lock timeout
            return 409, Conflict(Fault("", "raced", words))
        words = gettext_lazy("This took too long or the database is away. Ask for less, or again later.")
        return 503, Refused(Fault("", "unavailable", words))
    return None


UNIQUE, FOREIGN_KEY, EXCLUSION = "23505", "23503", "23P01"


def _of_constraint(error: IntegrityError, state: str) -> tuple[int, Refused]:
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
    field = _column(name)
    if state in {UNIQUE, EXCLUSION}:
        return 400, Refused(Fault(field, "taken", gettext_lazy("This value is already taken.")))
    if state == FOREIGN_KEY:
        words = gettext_lazy("It refers to a record that does not exist, or is referred to by another.")
        return 409, Conflict(Fault(field, "in_use", words))
    return 400, Refused(Fault(field, "invalid", gettext_lazy("This value is not allowed here.")))


def _column(constraint: str) -> str:
    """The last field of a named unique constraint. Citus puts a shard's number behind the name."""
    for model in apps.get_models():
        for each in model._meta.constraints:
            if isinstance(each, models.UniqueConstraint) and constraint.startswith(each.name):
                return each.fields[-1] if each.fields else ""
    return ""


def page(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """The page of an error that a reader can act on; None for what Django or its 500 page answers."""
    if isinstance(error, Http404 | django_errors.PermissionDenied | django_errors.SuspiciousOperation):
        return None
    known = refusal(error)
    if known is None:
        return None
    status, refused = known
    if request.path.startswith("/api/"):
        return problem(status, faults=refused.faults)
    template = "errors/503.html" if status == 503 else "400.html"
    return render(request, template, {"faults": refused.faults}, status=status)


def _page(request: HttpRequest, status: int) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problem(status)
    return render(request, f"{status}.html", status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400 of the project."""
    return _page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler403 of the project."""
    return _page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404 of the project; it names no record."""
    return _page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500 of the project."""
    return _page(request, 500)
