"""A page or the region of it that was asked for, from the same templates; toasts; refusals beside fields."""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from crm.refusal import Refused
from crm.web.errors import refusal

Context = Mapping[str, Any]
T = TypeVar("T")


def target(request: HttpRequest) -> str:
    """The id of the region that htmx will swap, or "" for a whole page (also when Back restores one)."""
    htmx = getattr(request, "htmx", None)
    if not htmx or htmx.history_restore_request:
        return ""
    return (htmx.target or "").rpartition("#")[2]


def show(
    request: HttpRequest,
    template: str,
    context: Context | None = None,
    *,
    regions: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, or the include of it whose region htmx asked for: `regions={"list": "team/_list.html"}`."""
    return render(request, (regions or {}).get(target(request), template), dict(context or {}), status=status)


def done(request: HttpRequest, url: str, text: str = "", *, level: int = messages.SUCCESS) -> HttpResponse:
    """After a change: on to `url`, where `text` stands as a toast. A fragment takes the window along."""
    messages.add_message(request, level, text or _("Saved."))
    if getattr(request, "htmx", None):
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponse(status=303, headers={"Location": url})


def toast(
    response: HttpResponse, text: str, *, kind: str = "success", href: str = "", action: str = ""
) -> None:
    """Let a swapped region bring a toast; `href` and `action` are its one button, such as Undo."""
    words = {"text": str(text), "kind": kind, "href": href, "action": str(action)}
    response.headers["HX-Trigger"] = json.dumps({"toast": words})


def carry_out(form: forms.BaseForm, act: Callable[[dict[str, Any]], T]) -> T | None:
    """What a verb answered to the judged form, None when form or verb refused.

    The faults then stand in the form and `form.status` is the status of its page: 422 for what was
    typed, 409 for a state that is gone. A refusing verb leaves nothing half done.
    """
    form.status = 422  # type: ignore[attr-defined]
    if not form.is_valid():
        return None
    try:
        with transaction.atomic():
            return act(form.cleaned_data)
    except Exception as error:
        known = refusal(error)
        if known is None or not known[1].faults:
            raise
        form.status = 409 if known[0] == 409 else 422  # type: ignore[attr-defined]
        put_beside(form, known[1])
    return None


def put_beside(form: forms.BaseForm, refused: Refused) -> None:
    """Put each fault beside the field it names, or on top of the form."""
    for fault in refused.faults:
        field = fault.field if fault.field in form.fields else None
        form.add_error(field, ValidationError(fault.message, fault.code))
