"""The import wizard: file → mapping → check → run → result; every step is a page of its own."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.accounts.access import reach
from crm.accounts.rights import Right
from crm.integrations.forms import FileForm, MappingForm
from crm.integrations.imports import receiving, told
from crm.integrations.imports.inspection import NAMES
from crm.integrations.imports.kinds import kind_of
from crm.integrations.imports.run import allowed
from crm.integrations.models import Import, ImportFault
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done, show

GET_POST = require_http_methods(["GET", "HEAD", "POST"])
NEWEST = 100
LIST = [
    (gettext_lazy("File"), ""),
    (gettext_lazy("Holds"), "w-l"),
    (pgettext_lazy("author", "By"), "w-l p2"),
    (gettext_lazy("Uploaded"), "w-l"),
    (gettext_lazy("State"), "w-m"),
    (pgettext_lazy("rows", "New"), "r w-m"),
    (pgettext_lazy("rows", "Updated"), "r w-m p3"),
    (pgettext_lazy("rows", "Refused"), "r w-m"),
]
MAPPING = [
    (gettext_lazy("Column of the file"), ""),
    (gettext_lazy("It holds"), "w-xl"),
    (gettext_lazy("First rows"), ""),
]
SHOWN = 50
State = Import.State
RESULTS = {"customers": "dashboards:book", "contracts": "customers:contracts", "members": "accounts:team"}
RESULTS["departments"] = RESULTS["members"]


@require_safe
@page(Right.IMPORT_RUN)
def imports(request: PageRequest) -> HttpResponse:
    """What has been brought in, newest first."""
    rows = reach(request.viewer, Import.objects.select_related("member"))
    found = [{"run": run, "kind": _label(run.kind)} for run in rows[:NEWEST]]
    context = {"rows": found, "on": request.today, "columns": _columns(LIST)}
    return render(request, "integrations/imports.html", context)


@GET_POST
@page(Right.IMPORT_RUN)
def new(request: PageRequest) -> HttpResponse:
    """Choose a file. One that is in already is refused politely, with the way to bring it in again."""
    form = FileForm(request.POST or None, request.FILES or None, viewer=request.viewer)
    context: dict[str, Any] = {"form": form, "steps": _steps(0)}
    if request.method != "POST":
        return render(request, "integrations/new.html", context)
    run = carry_out(
        form,
        lambda data: receiving.receive(
            data["file"],
            name=data["file"].name,
            kind=kind_of(data["kind"]),
            by=request.viewer,
            at=request.now,
            encoding=data["encoding"],
        ),
    )
    if run is None:
        return render(request, "integrations/new.html", context, status=form.status)  # type: ignore[attr-defined]
    earlier = receiving.earlier(run, request.viewer)
    if earlier is not None:
        return render(
            request,
            "integrations/already.html",
            {"run": run, "earlier": earlier, "on": request.today},
            status=409,
        )
    return redirect("integrations:import-mapping", run.pk)


@GET_POST
@page(Right.IMPORT_RUN)
def mapping(request: PageRequest, import_id: UUID) -> HttpResponse:
    """Which column is which: guessed, and adjustable beside five rows of the file."""
    run = _reached(request, import_id)
    if run.state not in (State.UPLOADED, State.CHECKED, State.REFUSED):
        return redirect("integrations:import", run.pk)
    form = MappingForm(request.POST or None, run=run)
    if request.method == "POST" and carry_out(form, lambda data: _check(request, run, data)) is not None:
        return redirect("integrations:import", run.pk)
    context = {
        "form": form,
        "run": run,
        "kind": _label(run.kind),
        "encoding": NAMES.get(run.encoding, run.format),
        "earlier": receiving.earlier(run, request.viewer),
        "steps": _steps(1),
        "columns": _columns(MAPPING),
        "choice_attributes": {"class": "box"},
        "on": request.today,
    }
    return render(request, "integrations/mapping.html", context, status=getattr(form, "status", 200))


def _check(request: PageRequest, run: Import, data: dict[str, Any]) -> Import:
    options = {name: data[name] for name in ("mapping", "mode", "key", "atomic")}
    receiving.choose(run, **options)
    return receiving.request(run, write=False, **_act(request))


@require_safe
@page(Right.IMPORT_RUN)
def one(request: PageRequest, import_id: UUID) -> HttpResponse:
    """Where an import stands: its progress, what the check found, or its result."""
    run = _reached(request, import_id)
    if run.state == State.UPLOADED:
        return redirect("integrations:import-mapping", run.pk)
    regions = {"import": "integrations/_import.html"}
    return show(request, "integrations/import.html", _context(request, run), regions=regions)


@require_POST
@page(Right.IMPORT_RUN)
def start(request: PageRequest, import_id: UUID) -> HttpResponse:
    """Bring the checked file in."""
    run = _reached(request, import_id)
    if run.state == State.CHECKED:
        receiving.request(run, write=True, **_act(request))
    return redirect("integrations:import", run.pk)


@require_POST
@page(Right.IMPORT_RUN)
def resume(request: PageRequest, import_id: UUID) -> HttpResponse:
    """Go on with an import that stopped."""
    run = _reached(request, import_id)
    if not receiving.resume(run, **_act(request)):
        return done(request, reverse("integrations:import", args=[run.pk]), _("It is running already."))
    return redirect("integrations:import", run.pk)


@require_safe
@page(Right.IMPORT_RUN)
def errors(request: PageRequest, import_id: UUID) -> HttpResponse:
    """Everything wrong with the rows, fifty rows a page."""
    run = _reached(request, import_id)
    text = request.GET.get("after", "0")
    after = int(text) if text.isdecimal() and len(text) < 10 else 0
    rows = ImportFault.objects.filter(run=run, row__gt=after).order_by("row", "id")
    last = list(rows.values_list("row", flat=True).distinct()[SHOWN - 1 : SHOWN])
    if last:
        rows = rows.filter(row__lte=last[0])
    context = {
        "run": run,
        "kind": _label(run.kind),
        "faults": _faults(run, [told.error(fault) for fault in rows]),
        "next": last[0] if last and run.faults.filter(row__gt=last[0]).exists() else None,
    }
    return render(request, "integrations/errors.html", context)


@require_safe
@page(Right.IMPORT_RUN)
def refused(request: PageRequest, import_id: UUID) -> Any:
    """The refused rows as a file, in the sender's own columns."""
    run = _reached(request, import_id)
    if not run.refused_as:
        raise Http404
    return FileResponse(
        default_storage.open(run.refused_as), as_attachment=True, filename=told.refused_name(run)
    )


def _reached(request: PageRequest, import_id: UUID) -> Import:
    run = reach(request.viewer, Import.objects.select_related("member").filter(pk=import_id)).first()
    if run is None or not allowed(request.viewer.rights, kind_of(run.kind)):
        raise Http404
    return run


def _act(request: PageRequest) -> dict[str, Any]:
    return {"by": request.viewer, "at": request.now, "on": request.today}


def _label(kind: str) -> str:
    try:
        return str(kind_of(kind).label)
    except KeyError:
        return kind


def _context(request: PageRequest, run: Import) -> dict[str, Any]:
    read = max(run.rows_read - run.header_row, 0)
    return {
        "run": run,
        "kind": _label(run.kind),
        "read": read,
        "share": min(Decimal(read) / max(run.rows_total, 1), Decimal(1)),
        "checked": run.state in (State.CHECKING, State.CHECKED),
        "problem": told.problem(run),
        "faults": _faults(run, told.errors(run, SHOWN)),
        "can_resume": run.state == State.FAILED or receiving.is_dead(run, request.now),
        "result_url": _result_url(run.kind),
        "on": request.today,
        "steps": _steps({State.CHECKING: 2, State.CHECKED: 2, State.RUNNING: 3}.get(State(run.state), 4)),
    }


def _faults(run: Import, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    labels = {column.name: column.label for column in kind_of(run.kind).columns}
    return [fault | {"label": labels.get(fault["column"], "")} for fault in found]


def _result_url(kind: str) -> str:
    try:
        return reverse(RESULTS[kind])
    except (KeyError, NoReverseMatch):
        return ""


def _columns(named: list[tuple[Any, str]]) -> list[dict[str, Any]]:
    return [{"label": label, "classes": classes} for label, classes in named]


def _steps(now: int) -> list[dict[str, Any]]:
    labels = [_("File"), _("Columns"), _("Check"), _("Run"), _("Result")]
    states = ["done" if at < now else "now" if at == now else "next" for at in range(len(labels))]
    return [{"label": label, "state": state} for label, state in zip(labels, states, strict=True)]
