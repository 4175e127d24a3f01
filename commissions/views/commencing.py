"""With which month commission begins: proposed by one, approved by another."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from commissions import commencing
from commissions.forms.commencing import CommencementForm
from commissions.models import Commencement
from crm.accounts.access import Viewer
from crm.accounts.rights import Right, Scope
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done

EITHER = (Right.PERIOD_CALCULATE, Right.PERIOD_APPROVE)


@require_http_methods(["GET", "HEAD", "POST"])
@page(*EITHER, any_of=True)
def commencement(request: PageRequest) -> HttpResponse:
    """The beginning as it stands, and the form that proposes one."""
    if request.method != "POST":
        return _shown(request, CommencementForm(on=request.today))
    if not request.viewer.may(Right.PERIOD_CALCULATE):
        raise PermissionDenied
    form = CommencementForm(request.POST, on=request.today)
    if carry_out(form, lambda data: commencing.propose(**data, **request.act)) is None:
        return _shown(request, form)
    return done(request, reverse("commissions:commencement"), _("Proposed: somebody else approves it."))


@require_POST
@page(Right.PERIOD_APPROVE)
def approve(request: PageRequest, row_id: UUID) -> HttpResponse:
    """Let commission begin."""
    form = forms.Form(request.POST)
    row = get_object_or_404(Commencement, pk=row_id)
    if carry_out(form, lambda _data: commencing.approve(row, **request.act)) is None:
        return _shown(request, form)
    words = _("Commission begins with %(month)s.") % {"month": row.month}
    return done(request, reverse("commissions:periods"), words)


@require_POST
@page(*EITHER, any_of=True)
def withdraw(request: PageRequest, row_id: UUID) -> HttpResponse:
    """Take a proposal back, or refuse it."""
    form = forms.Form(request.POST)
    row = get_object_or_404(Commencement, pk=row_id)

    def act(_data: Any) -> bool:
        commencing.withdraw(row, **request.act)
        return True

    if carry_out(form, act) is None:
        return _shown(request, form)
    return done(request, reverse("commissions:commencement"), _("The proposal is taken back."))


def offer(viewer: Viewer) -> dict[str, Any]:
    """What the list of months says of the beginning: the row, and whether the reader may set one."""
    row = commencing.beginning()
    may = any(map(viewer.may, EITHER))
    return {"commencement": row, "commences": may and (bool(row) or commencing.is_open())}


def _shown(request: PageRequest, form: Any) -> HttpResponse:
    viewer, row = request.viewer, commencing.beginning()
    waits = row is not None and not row.is_approved
    context = {
        "form": form,
        "row": row,
        "opening": commencing.opening(row.month) if row and viewer.commission is Scope.TENANT else None,
        "proposes": row is None and commencing.is_open() and viewer.may(Right.PERIOD_CALCULATE),
        "approves": waits and viewer.may(Right.PERIOD_APPROVE),
        "faults": commencing.against(row, viewer) if row and waits else [],
        "waits": waits,
        "currency": request.tenant.currency,
        "on": request.today,
        "crumbs": [{"label": _("Months"), "url": reverse("commissions:periods")}],
    }
    return render(request, "commissions/commencement.html", context, status=getattr(form, "status", 200))
