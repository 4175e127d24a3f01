"""The plans of the company: the list, a new one, one with its versions and whom it pays."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commissions import assignments, drafts
from commissions.forms.plans import AssignmentForm, EndForm, PlanForm
from commissions.models import Plan, PlanAssignment, PlanVersion
from crm.accounts.access import Viewer, reach
from crm.accounts.rights import Right, Scope
from crm.refusal import Refused
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done

READS = (Right.COMMISSION_OWN, Right.COMMISSION_REVIEW, Right.PLAN_EDIT, Right.PLAN_APPROVE)
COLUMNS = [
    {"key": "name", "label": gettext_lazy("Plan")},
    {"key": "force", "label": gettext_lazy("In force"), "classes": "w-l"},
    {"key": "waiting", "label": gettext_lazy("To come, being prepared"), "classes": "w-xl p2"},
    {"key": "whom", "label": gettext_lazy("Pays"), "classes": "p2"},
]
VERSION_COLUMNS = [
    {"key": "code", "label": gettext_lazy("Version"), "classes": "w-l"},
    {"key": "state", "label": gettext_lazy("State"), "classes": "w-l"},
    {"key": "span", "label": gettext_lazy("Holds"), "classes": "w-xl"},
    {"key": "by", "label": gettext_lazy("Written by"), "classes": "w-l p2"},
    {"key": "decided", "label": gettext_lazy("Decided by"), "classes": "w-l p2"},
]
WHOM_COLUMNS = [
    {"key": "whom", "label": gettext_lazy("Department or person")},
    {"key": "span", "label": gettext_lazy("Holds"), "classes": "w-xl"},
    {"key": "act", "label": "", "classes": "r w-xl"},
]


@require_safe
@page(*READS, any_of=True)
def plans(request: PageRequest) -> HttpResponse:
    """The plans that pay the reader, or all of them for who reviews the company."""
    found = reach(request.viewer, Plan.objects.all())
    versions = reach(request.viewer, PlanVersion.objects.order_by("valid_from"))
    assigned = PlanAssignment.objects.select_related("department", "member").order_by("valid_from")
    context = {
        "plans": [
            {
                "plan": plan,
                "in_force": [v for v in versions if v.plan_id == plan.pk and _holds(v, request)],
                "waiting": [v for v in versions if v.plan_id == plan.pk and _waits(v, request)],
                "pays": [a for a in assigned if a.plan_id == plan.pk and _runs(a, request)],
            }
            for plan in found
        ],
        "columns": COLUMNS,
        "edits": request.viewer.may(Right.PLAN_EDIT),
    }
    return render(request, "commissions/plans.html", context)


def _holds(row: PlanVersion, request: PageRequest) -> bool:
    return row.state == "APPROVED" and row.valid_from <= request.today and _runs(row, request)


def _waits(row: PlanVersion, request: PageRequest) -> bool:
    return row.state != "APPROVED" or row.valid_from > request.today


def _runs(row: PlanVersion | PlanAssignment, request: PageRequest) -> bool:
    return row.valid_to is None or row.valid_to > request.today


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.PLAN_EDIT)
def new(request: PageRequest) -> HttpResponse:
    """A new plan; its first version is drafted next."""
    form = PlanForm(request.POST if request.method == "POST" else None, on=request.today)
    if request.method == "POST":
        made = carry_out(form, lambda data: drafts.make(**data, **request.act))
        if made is not None:
            words = _("%(name)s is there. Now write its first version.") % {"name": made.name}
            return done(request, reverse("commissions:plan", args=[made.pk]), words)
    context = {"form": form, "title": _("New plan"), "back": reverse("commissions:plans"), "crumbs": crumbs()}
    return render(request, "commissions/plan_form.html", context, status=getattr(form, "status", 200))


@require_safe
@page(*READS, any_of=True)
def plan(request: PageRequest, plan_id: UUID) -> HttpResponse:
    """One plan: its versions, the latest first, and whom it pays."""
    row = found_plan(request, plan_id)
    versions = reach(request.viewer, PlanVersion.objects.filter(plan=row))
    assigned = PlanAssignment.objects.filter(plan=row).select_related("department", "member")
    context = {
        "plan": row,
        "versions": versions.select_related("drafted_by", "decided_by"),
        "version_columns": VERSION_COLUMNS,
        "assigned": [(each, _runs(each, request)) for each in assigned],
        "whom_columns": WHOM_COLUMNS,
        "is_default": row.code == "DEFAULT",
        "edits": request.viewer.may(Right.PLAN_EDIT),
        "assigns": request.viewer.may(Right.PLAN_APPROVE),
        "crumbs": crumbs(),
    }
    return render(request, "commissions/plan.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.PLAN_APPROVE)
def assign(request: PageRequest, plan_id: UUID) -> HttpResponse:
    """Let a plan pay a department or rule a person's statements."""
    row = found_plan(request, plan_id)
    form = AssignmentForm(request.POST if request.method == "POST" else None, on=request.today)
    back = reverse("commissions:plan", args=[row.pk])
    if request.method == "POST":
        made = carry_out(form, lambda data: assignments.assign(row, **data, **request.act))
        if made is not None:
            words = _("%(subject)s is paid by %(plan)s.") % {"subject": made.subject, "plan": row.name}
            return done(request, back, words)
    title = _("Whom %(plan)s pays") % {"plan": row.name}
    context = {"form": form, "title": title, "back": back, "crumbs": crumbs(row)}
    return render(request, "commissions/assign.html", context, status=getattr(form, "status", 200))


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.PLAN_APPROVE)
def assignment_end(request: PageRequest, assignment_id: UUID) -> HttpResponse:
    """Let an assignment end on a day."""
    rows = PlanAssignment.objects.select_related("plan", "department", "member")
    row = reach(request.viewer, rows).filter(pk=assignment_id).first()
    if row is None:
        raise Http404
    back = reverse("commissions:plan", args=[row.plan_id])
    form = EndForm(request.POST if request.method == "POST" else None, on=request.today)
    sent = request.method == "POST"
    if sent and carry_out(form, lambda data: assignments.end(row, **data, **request.act)) is not None:
        return done(request, back, _("The assignment ends."))
    words = {"subject": row.subject, "plan": row.plan.name}
    title = _("%(subject)s is no longer paid by %(plan)s") % words
    context: dict[str, Any] = {"form": form, "title": title, "back": back, "crumbs": crumbs(row.plan)}
    return render(request, "commissions/plan_form.html", context, status=getattr(form, "status", 200))


@require_POST
@page(Right.PLAN_EDIT)
def draft(request: PageRequest, plan_id: UUID) -> HttpResponse:
    """Copy the version named in the form, or the latest approved one, to a new draft and open it."""
    row = found_plan(request, plan_id)
    like = _like(request, row)
    about: dict[str, Any] = {
        "code": drafts.next_code(row),
        "valid_from": drafts.next_month(request.today),
        "settings": like.settings if like else {},
    }
    try:
        made = drafts.draft(row, **about, **request.act)
    except Refused as refused:
        back = reverse("commissions:plan", args=[row.pk])
        return done(request, back, str(refused.faults[0].message), level=messages.ERROR)
    words = _("Version %(code)s is a draft: it pays nothing yet.") % {"code": made.code}
    return done(request, reverse("commissions:plan-version-edit", args=[made.pk]), words)


def _like(request: PageRequest, plan: Plan) -> PlanVersion | None:
    try:
        wanted = UUID(request.POST.get("like", ""))
    except ValueError:
        return drafts.pattern(plan)
    rows = reach(request.viewer, PlanVersion.objects.filter(plan=plan))
    return rows.filter(pk=wanted).first() or drafts.pattern(plan)


def must_review_all(viewer: Viewer) -> None:
    """What a version would pay tells what everybody earns: PermissionDenied for who does not review all."""
    if viewer.commission is not Scope.TENANT:
        raise PermissionDenied


def found_plan(request: PageRequest, plan_id: UUID) -> Plan:
    """A plan within the reader's reach; Http404 for any other."""
    row = reach(request.viewer, Plan.objects.filter(pk=plan_id)).first()
    if row is None:
        raise Http404
    return row


def crumbs(plan: Plan | None = None, version: PlanVersion | None = None) -> list[dict[str, str]]:
    """The way back: the plans, the plan, the version."""
    found = [{"label": _("Plans"), "url": reverse("commissions:plans")}]
    if plan is not None:
        found.append({"label": plan.name, "url": reverse("commissions:plan", args=[plan.pk])})
    if version is not None:
        label = _("Version %(code)s") % {"code": version.code}
        found.append({"label": label, "url": reverse("commissions:plan-version", args=[version.pk])})
    return found
