"""A version of a plan: read as sentences beside the one before, written, moved from draft to force."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commissions import approvals, drafts, examples
from commissions import settings as rules
from commissions.forms.plans import RefusalForm
from commissions.forms.sheet import BOXES, TABLES
from commissions.forms.version import VersionForm
from commissions.models import PlanVersion
from commissions.views.plans import READS, crumbs
from commissions.views.read import changes, sentences
from crm.accounts.access import reach
from crm.accounts.rights import Right
from crm.refusal import Fault, Refused
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done

State = PlanVersion.State


@require_safe
@page(*READS, any_of=True)
def version(request: PageRequest, version_id: UUID) -> HttpResponse:
    """One version in words, and what it changes, with the buttons of whoever may move it on."""
    return _shown(request, found_version(request, version_id), RefusalForm(on=request.today))


def _shown(request: PageRequest, row: PlanVersion, form: RefusalForm) -> HttpResponse:
    viewer, currency = request.viewer, request.tenant.currency
    settings, before = rules.complete(row.settings, currency), _before(row)
    old = rules.complete(before.settings, currency) if before else None
    edits, approves = viewer.may(Right.PLAN_EDIT), viewer.may(Right.PLAN_APPROVE)
    waits = row.state == State.SUBMITTED
    context: dict[str, Any] = {
        "row": row,
        "form": form,
        "parts": sentences(settings, currency),
        "before": before,
        "changes": changes(old, settings, currency) if old else [],
        "examples": _examples(settings, old),
        "writes": edits and row.is_open,
        "copies": edits,
        "recalls": edits and waits,
        "approves": approves and waits and not approvals.wrote(viewer, row),
        "wrote": approves and waits and approvals.wrote(viewer, row),
        "withdraws": edits and row.state == State.APPROVED and row.valid_from > request.today,
        "studies": edits or approves,
        "crumbs": crumbs(row.plan),
        "currency": currency,
    }
    return render(request, "commissions/version.html", context, status=getattr(form, "status", 200))


def _before(row: PlanVersion) -> PlanVersion | None:
    """The approved version that it follows."""
    others = row.plan.versions.filter(state=State.APPROVED).exclude(pk=row.pk)
    return others.filter(valid_from__lt=row.valid_from).order_by("-valid_from").first()


def _examples(settings: dict[str, Any], old: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Each worked example under these settings, beside what the version before pays."""
    now = examples.worked(old) if old else []
    found = examples.worked(settings)
    return [
        {"new": each, "old": now[place] if now else None, "differs": bool(now) and each != now[place]}
        for place, each in enumerate(found)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.PLAN_EDIT)
def edit(request: PageRequest, version_id: UUID) -> HttpResponse:
    """The page of sentences with boxes. What was typed stays when it is refused."""
    row = found_version(request, version_id)
    if not row.is_open:
        words = _("Only a draft can be changed: copy this version to a new draft.")
        return done(request, _url(row), words, level=messages.ERROR)
    form = _form(request, row)
    if request.method == "POST" and "more" not in request.POST:
        saved = carry_out(form, lambda data: _save(request, row, form))
        if saved is not None:
            return done(request, _url(row), _("Version %(code)s is saved.") % {"code": saved.code})
    context = _written(request, row, form)
    return render(request, "commissions/version_edit.html", context, status=getattr(form, "status", 200))


def _save(request: PageRequest, row: PlanVersion, form: VersionForm) -> PlanVersion:
    sent = request.POST.get("version", "")
    return drafts.rewrite(
        row,
        code=form.cleaned_data["code"],
        valid_from=form.cleaned_data["valid_from"],
        settings=form.settings,
        version=int(sent) if sent.isdecimal() and len(sent) < 9 else None,
        **request.act,
    )


@require_POST
@page(Right.PLAN_EDIT)
def worked(request: PageRequest, version_id: UUID) -> HttpResponse:
    """The worked examples alone, under what stands in the boxes."""
    row = found_version(request, version_id)
    form = _form(request, row)
    form.is_valid()
    return render(request, "commissions/_examples.html", _beside(request, row, form))


def _form(request: PageRequest, row: PlanVersion) -> VersionForm:
    currency = request.tenant.currency
    return VersionForm(
        request.POST if request.method == "POST" else None,
        on=request.today,
        like=rules.complete(row.settings, currency),
        currency=currency,
        more=request.POST.get("more", ""),
        initial={"code": row.code, "valid_from": row.valid_from},
    )


def _written(request: PageRequest, row: PlanVersion, form: VersionForm) -> dict[str, Any]:
    sent = request.POST.get("version", "")
    return {
        "row": row,
        "form": form,
        "version": sent if sent.isdecimal() else row.version,
        "crumbs": crumbs(row.plan, row),
        "currency": request.tenant.currency,
        **_beside(request, row, form),
    }


def _beside(request: PageRequest, row: PlanVersion, form: VersionForm) -> dict[str, Any]:
    """What stands in the right column: the examples under the boxes as they are typed."""
    currency, before = request.tenant.currency, _before(row)
    settings = (form.settings or None) if form.is_bound else rules.complete(row.settings, currency)
    old = rules.complete(before.settings, currency) if before else None
    return {
        "before": before,
        "examples": _examples(settings, old) if settings else None,
        "changes": changes(old, settings, currency) if old and settings else [],
        "currency": currency,
    }


@require_POST
@page(Right.PLAN_EDIT)
def submit(request: PageRequest, version_id: UUID) -> HttpResponse:
    """Ask for the approval of a draft."""
    return _move(request, version_id, approvals.submit, _("Submitted: an executive approves it."))


@require_POST
@page(Right.PLAN_EDIT)
def recall(request: PageRequest, version_id: UUID) -> HttpResponse:
    """Take a submitted version back."""
    return _move(request, version_id, approvals.recall, _("It is a draft again."))


@require_POST
@page(Right.PLAN_EDIT)
def withdraw(request: PageRequest, version_id: UUID) -> HttpResponse:
    """Take an approved version back before it begins."""
    return _move(request, version_id, approvals.withdraw, _("It is a draft again."))


@require_POST
@page(Right.PLAN_APPROVE)
def approve(request: PageRequest, version_id: UUID) -> HttpResponse:
    """Let a version hold from its day on."""
    return _move(request, version_id, approvals.approve, _("Approved: it pays from its first day on."))


@require_POST
@page(Right.PLAN_APPROVE)
def refuse(request: PageRequest, version_id: UUID) -> HttpResponse:
    """Say no to a version, and why."""
    row = found_version(request, version_id)
    form = RefusalForm(request.POST, on=request.today)
    if carry_out(form, lambda data: approvals.refuse(row, **data, **request.act)) is None:
        return _shown(request, row, form)
    return done(request, _url(row), _("Refused."))


@require_POST
@page(Right.PLAN_EDIT)
def discard(request: PageRequest, version_id: UUID) -> HttpResponse:
    """Throw a draft away."""
    row = found_version(request, version_id)
    back = reverse("commissions:plan", args=[row.plan_id])
    try:
        drafts.discard(row, **request.act)
    except Refused as refused:
        return done(request, _url(row), str(refused.faults[0].message), level=messages.ERROR)
    return done(request, back, _("The draft is gone."))


def _move(request: PageRequest, version_id: UUID, verb: Callable[..., Any], words: str) -> HttpResponse:
    row = found_version(request, version_id)
    try:
        verb(row, **request.act)
    except Refused as refused:
        return done(request, _url(row), _in_words(refused.faults[0]), level=messages.ERROR)
    return done(request, _url(row), words)


def _in_words(fault: Fault) -> str:
    """A fault with the name of the part of the plan that it stands in."""
    name = fault.field.removeprefix("settings.").partition("[")[0]
    item = TABLES.get(name) or BOXES.get(name)
    return f"{item.label}: {fault.message}" if item else str(fault.message)


def found_version(request: PageRequest, version_id: UUID) -> PlanVersion:
    """A version within the reader's reach; Http404 for any other."""
    rows = PlanVersion.objects.select_related("plan", "drafted_by", "submitted_by", "decided_by")
    row = reach(request.viewer, rows).filter(pk=version_id).first()
    if row is None:
        raise Http404
    return row


def _url(row: PlanVersion) -> str:
    return reverse("commissions:plan-version", args=[row.pk])
