"""The forms of a follow-up: each is a page, a sheet over a list, and answers with the row it changed."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from crm.accounts.access import changeable, reach
from crm.accounts.rights import Right
from crm.periods import add_workdays
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done, target
from customers.forms.boxes import DoorForm
from customers.models import Customer
from lifecycle import followups
from lifecycle.forms import AssignForm, CancelForm, DoneForm, MoveForm, OpenForm
from lifecycle.models import FollowUp
from lifecycle.views.followups import EITHER, found_here, lines, may_change

GET_POST = require_http_methods(["GET", "HEAD", "POST"])
SHEET = "sheet-body"
REGION = re.compile(r"(row|next)-[0-9a-f-]{36}")


@dataclass(frozen=True)
class Act:
    """One thing done to a follow-up: its form, its verb, and the words around them."""

    form: type[DoorForm]
    do: Callable[..., object]
    title: Any
    button: Any
    said: Any
    hands_on: bool = False


ACTS = {
    "done": Act(
        DoneForm,
        followups.done,
        gettext_lazy("Done: what came of it?"),
        gettext_lazy("Mark as done"),
        gettext_lazy("Done."),
    ),
    "move": Act(
        MoveForm,
        followups.reschedule,
        gettext_lazy("Move to another day"),
        gettext_lazy("Move"),
        gettext_lazy("Moved."),
    ),
    "assign": Act(
        AssignForm,
        followups.assign,
        gettext_lazy("Hand on"),
        gettext_lazy("Hand on"),
        gettext_lazy("Handed on."),
        hands_on=True,
    ),
    "cancel": Act(
        CancelForm,
        followups.cancel,
        gettext_lazy("No longer needed"),
        gettext_lazy("Close without doing it"),
        gettext_lazy("Closed."),
    ),
}


def acts(request: PageRequest) -> dict[str, Any]:
    """What every verb wants to know."""
    return {"by": request.viewer.member, "at": request.now, "on": request.today}


@GET_POST
@page(*EITHER, any_of=True)
def act(request: PageRequest, follow_up_id: UUID, name: str) -> HttpResponse:
    """One of ACTS on a follow-up: its form, or what it did."""
    row, doing = found_here(request, follow_up_id), ACTS[name]
    if doing.hands_on and not request.viewer.may(Right.FOLLOW_UP_ASSIGN):
        raise PermissionDenied
    if row.state == FollowUp.State.OPEN and not may_change(request.viewer, row):
        raise PermissionDenied
    form = doing.form(_sent(request), on=request.today, initial={"due_on": row.due_on, "to": row.owner})
    if request.method == "POST":
        changed = carry_out(form, lambda data: doing.do(row, **data, **acts(request)))
        if changed is not None:
            return _changed(request, row, str(doing.said))
    context = {"act": doing, "form": form, "row": row}
    return _form(request, "act", context, getattr(form, "status", 200))


@GET_POST
@page(*EITHER, any_of=True)
def new(request: PageRequest, customer_id: UUID) -> HttpResponse:
    """Open a follow-up for a customer: what, when, and for those who assign: by whom."""
    rows = Customer.objects.select_related("owner", "standing")
    customer = get_object_or_404(reach(request.viewer, rows), pk=customer_id)
    if not changeable(request.viewer, rows.filter(pk=customer_id)).exists():
        raise PermissionDenied
    may_assign = request.viewer.may(Right.FOLLOW_UP_ASSIGN)
    about: dict[str, Any] = {
        "on": request.today,
        "may_assign": may_assign,
        "initial": {"owner": customer.owner},
    }
    form = OpenForm(_sent(request), **about)
    if request.method == "POST":
        opened = carry_out(form, lambda data: _open(request, customer, **data))
        if opened is not None:
            return _opened(request, opened)
    context = {"form": form, "customer": customer}
    return _form(request, "new", context, getattr(form, "status", 200))


def _sent(request: PageRequest) -> Any:
    """What was posted, which may be nothing at all: the tick of a to-do has no fields."""
    return request.POST if request.method == "POST" else None


def _open(
    request: PageRequest, customer: Customer, *, title: str, workdays: int, owner: Any = None
) -> FollowUp:
    return followups.open(
        customer,
        title=title,
        due_on=add_workdays(request.today, workdays),
        owner=owner or request.viewer.member,
        **acts(request),
    )


def _form(request: PageRequest, name: str, context: dict[str, Any], status: int) -> HttpResponse:
    """The form as a page, or as a sheet over the list that asked for it."""
    context |= {"url": request.path, "next": _next(request), "region": _region(request)}
    context |= {"in_sheet": target(request) == SHEET, "focus": status == 200}
    if context["in_sheet"]:
        return render(request, f"lifecycle/{name}_sheet.html", context, status=status)
    context["crumbs"] = [{"label": _("Follow-ups"), "url": reverse("lifecycle:follow-ups")}]
    return render(request, f"lifecycle/{name}.html", context, status=status)


def _changed(request: PageRequest, row: FollowUp, said: str) -> HttpResponse:
    """The row as it stands now for its list, nothing for a ticked to-do, else on to the list."""
    if target(request).startswith("todo-"):
        return _swapped(HttpResponse(), said)
    if _region(request) != f"row-{row.pk}":
        return done(request, _next(request), said)
    (line,) = lines([found_here(request, row.pk)], request.viewer, request.today)
    context = {"line": line, "on": request.today, "back": _next(request), "alone": True}
    return _swapped(render(request, "lifecycle/_follow_up.html", context), said, _region(request))


def _opened(request: PageRequest, opened: FollowUp) -> HttpResponse:
    """What is next for the customer now, for the list that asked; else on to where the form came from."""
    said = _("Opened for %(name)s.") % {"name": opened.owner.name if opened.owner else _("nobody")}
    if _region(request) != f"next-{opened.customer_id}":
        return done(request, _next(request), said)
    context = {"step": opened, "on": request.today, "alone": True}
    return _swapped(render(request, "lifecycle/_next_step.html", context), said, _region(request))


def _swapped(response: HttpResponse, said: str, region: str = "") -> HttpResponse:
    """A changed region brings its toast and closes the sheet it came from."""
    words = {"toast": {"text": said, "kind": "success"}, "close": {}}
    response.headers["HX-Trigger"] = json.dumps(words)
    if region:
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = f"#{region}", "outerHTML"
    return response


def _region(request: PageRequest) -> str:
    """The part of the page behind the sheet that the answer replaces; "" for none."""
    asked = request.POST.get("region") or request.GET.get("region", "")
    return asked if request.htmx and REGION.fullmatch(asked) else ""


def _next(request: PageRequest) -> str:
    """Where to go afterwards: an address of ours that the form brought along, else the list."""
    asked = request.POST.get("next") or request.GET.get("next", "")
    own = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if own else reverse("lifecycle:follow-ups")
