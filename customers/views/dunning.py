"""The steps of dunning: which hold, and laying down the next."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm import versions
from crm.accounts.access import Viewer
from crm.accounts.rights import Right
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done
from customers.forms.receivables import DunningForm
from customers.models import DunningPolicy
from customers.receivables import dunning
from customers.views.receivables import crumbs

LATEST = 10


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.CUSTOMER_VIEW)
def rules(request: PageRequest) -> HttpResponse:
    """The versions of the steps, which everybody may read; who edits policies lays down the next."""
    edits = request.viewer.may(Right.POLICY_EDIT)
    if request.method == "POST" and not edits:
        raise PermissionDenied
    now = dunning.in_force(request.today)
    initial = {name: getattr(now, name) for name in dunning.STEPS}
    initial["valid_from"] = request.today + timedelta(1)
    form = DunningForm(request.POST or None, initial=initial, on=request.today)
    if request.method == "POST":
        made = carry_out(form, lambda data: dunning.lay_down(**data, **request.act))
        if made is not None:
            return done(request, reverse("customers:dunning-rules"), _("The steps are laid down."))
    context = {
        "versions": versions.latest(DunningPolicy, now, request.today, LATEST),
        "form": form if edits else None,
        "crumbs": crumbs() if _sees(request.viewer) else [],
    }
    return render(request, "customers/dunning_rules.html", context, status=getattr(form, "status", 200))


def _sees(viewer: Viewer) -> bool:
    return viewer.may(Right.RECEIVABLE_VIEW) and viewer.may(Right.SEE_AMOUNT)
