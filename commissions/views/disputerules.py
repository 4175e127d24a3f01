"""The rules of disputes and adjustments, which every payee may read."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from commissions.forms.dispute import RulesForm
from commissions.linedisputes import rules
from commissions.models import DisputePolicy
from crm import versions
from crm.accounts.rights import Right
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done

LATEST = 3  # versions shown
READERS = (Right.COMMISSION_OWN, Right.COMMISSION_REVIEW, Right.POLICY_EDIT)


@require_http_methods(["GET", "HEAD", "POST"])
@page(*READERS, any_of=True)
def shown(request: PageRequest) -> HttpResponse:
    """The versions of the rules; who edits policies lays down the next."""
    edits = request.viewer.may(Right.POLICY_EDIT)
    if request.method == "POST" and not edits:
        raise PermissionDenied
    now = rules.in_force(request.today)
    initial = {name: getattr(now, name) for name in (*rules.DAYS, *rules.BOUNDS)}
    initial["valid_from"] = request.today + timedelta(1)
    form = RulesForm(request.POST or None, initial=initial, on=request.today)
    if request.method == "POST":
        made = carry_out(form, lambda data: rules.lay_down(**data, **request.act))
        if made is not None:
            return done(request, reverse("commissions:dispute-rules"), _("The rules are laid down."))
    context = {
        "versions": versions.latest(DisputePolicy, now, request.today, LATEST),
        "form": form if edits else None,
        "currency": request.tenant.currency,
        "crumbs": _crumbs(request),
    }
    return render(request, "commissions/dispute_rules.html", context, status=getattr(form, "status", 200))


def _crumbs(request: PageRequest) -> list[dict[str, str]]:
    """The list above, which an admin who makes the rules need not see."""
    if not any(map(request.viewer.may, READERS[:2])):
        return []
    return [{"label": _("Disputed lines"), "url": reverse("commissions:disputes")}]
