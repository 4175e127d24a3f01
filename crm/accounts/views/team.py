"""The people of the company: the list beside the tree of departments, and the forms of both."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from allauth.account.forms import default_token_generator
from allauth.account.internal.flows.password_reset import get_reset_password_from_key_url
from allauth.account.utils import user_pk_to_url_str
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from crm.accounts import departments, members
from crm.accounts.filters import MemberFilters
from crm.accounts.forms import DepartmentForm, Edited, MemberForm
from crm.accounts.models import Department, Member
from crm.accounts.rights import Right, Role
from crm.accounts.tree import branches
from crm.events.models import Event
from crm.refusal import Refused
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done, show, target
from crm.web.listing import Column, Listing, View


class Team(Listing):
    filters = MemberFilters
    sorts = {"name": "name", "code": "code", "department": "department__name"}
    ordering = "code"
    columns = [
        Column("name", gettext_lazy("Name"), sort="name"),
        Column("code", gettext_lazy("Staff number"), "w-m p1", sort="code"),
        Column("department", gettext_lazy("Department"), "w-l p2", sort="department"),
        Column("roles", gettext_lazy("Roles"), "p2"),
        Column("sign-in", gettext_lazy("Sign-in"), "w-l p2"),
    ]
    views = [
        View("here", gettext_lazy("At work"), "status=ACTIVE,LEAVING"),
        View("admins", gettext_lazy("Tenant admins"), "status=ACTIVE,LEAVING&role=TENANT_ADMIN"),
        View("left", gettext_lazy("Left"), "status=LEFT"),
    ]


@require_safe
@page(Right.TEAM_VIEW)
def team(request: PageRequest) -> HttpResponse:
    """Who works here, where, in which roles."""
    listing = Team(request, Member.objects.select_related("department"))
    for member in listing.rows:
        member.role_names = [Role(role).label for role in member.roles]
    context = {
        "list": listing,
        "edits": request.viewer.may(Right.TEAM_EDIT),
        "hands_over": request.viewer.may(Right.OWNERSHIP_TRANSFER),
        "branches": () if target(request) else _tree(listing),
        "all_url": listing.url(department=None),
    }
    return show(request, "accounts/team.html", context, regions={"list": "accounts/_team.html"})


def _tree(listing: Team) -> list[dict[str, Any]]:
    chosen = listing.request.GET.get("department")
    return [
        {
            "department": branch.department,
            "people": branch.people,
            "indent": "\u3000" * branch.depth,
            "url": listing.url(department=str(branch.department.id)),
            "current": str(branch.department.id) == chosen,
        }
        for branch in branches()
    ]


@page(Right.TEAM_EDIT)
def member_new(request: PageRequest) -> HttpResponse:
    """Add a person."""
    form = MemberForm(request.POST or None, viewer=request.viewer)
    return _form(request, form, _("New person"), lambda: members.add(**form.changes(), **request.act))


@page(Right.TEAM_EDIT)
def member(request: PageRequest, member_id: UUID) -> HttpResponse:
    """Change a person: department, roles, status; invite him."""
    found = get_object_or_404(Member.objects.select_related("department", "user"), pk=member_id)
    form = MemberForm(request.POST or None, viewer=request.viewer, row=found)

    def change() -> object:
        version = form.cleaned_data["version"] or 0
        return members.edit(found, changes=form.changes(), version=version, **request.act)

    return _form(request, form, found.name, change, member=found)


@require_POST
@page(Right.TEAM_EDIT)
def invite(request: PageRequest, member_id: UUID) -> HttpResponse:
    """Give a person a seat, and show the one-time link with which he sets his password."""
    found = get_object_or_404(Member.objects.select_related("department"), pk=member_id)
    try:
        user = members.invite(found, **request.act)
    except Refused as refused:
        words = str(refused.faults[0].message)
        return done(request, reverse("accounts:member", args=[found.pk]), words, level=messages.ERROR)
    link = ""
    if members.may_set_password(user):
        key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
        link = get_reset_password_from_key_url(request, key)
    context = {"member": found, "link": link, "crumbs": _crumbs()}
    return render(request, "accounts/invited.html", context)


@page(Right.TEAM_EDIT)
def department_new(request: PageRequest) -> HttpResponse:
    """Add a department."""
    form = DepartmentForm(request.POST or None)
    return _form(request, form, _("New department"), lambda: departments.add(**form.changes(), **request.act))


@page(Right.TEAM_EDIT)
def department(request: PageRequest, department_id: UUID) -> HttpResponse:
    """Change a department, move it, or close it."""
    found = get_object_or_404(Department, pk=department_id)
    form = DepartmentForm(request.POST or None, row=found)

    def change() -> object:
        version = form.cleaned_data["version"] or 0
        return departments.edit(found, changes=form.changes(), version=version, **request.act)

    return _form(request, form, found.name, change)


def _form(
    request: PageRequest, form: Edited, title: str, act: Callable[[], object], **context: Any
) -> HttpResponse:
    """A page that is one form: shown, or carried out and left."""
    if request.method == "POST" and carry_out(form, lambda data: bool(act() or True)):
        words = _("Saved: %(name)s.") % {"name": form.cleaned_data["name"]}
        return done(request, reverse("accounts:team"), words)
    status = getattr(form, "status", 200)
    if status == 409:
        last = Event.objects.filter(subject_id=form.row.pk).order_by("-at", "-id").first()
        context |= {"conflicts": form.catch_up(), "last": last, "on": request.today}
    context |= {"form": form, "title": title, "crumbs": _crumbs()}
    return render(request, "accounts/form.html", context, status=status)


def _crumbs() -> list[dict[str, str]]:
    return [{"label": _("Team"), "url": reverse("accounts:team")}]
