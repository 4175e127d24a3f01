"""What a version would reward that nobody wants: the page, and the switch that ends the cliffs."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from commissions import drafts
from commissions import lint as rules
from commissions.classes import missing_classes
from commissions.settings import complete, judged
from commissions.stakes import stakes
from commissions.views.plans import crumbs, must_review_all
from commissions.views.versions import found_version
from crm.accounts.rights import Right
from crm.refusal import Refused
from crm.web.access import PageRequest, page
from crm.web.fragments import done

STUDIES = (Right.PLAN_EDIT, Right.PLAN_APPROVE)
COLUMNS = [
    {"key": "class", "label": gettext_lazy("Class")},
    {"key": "contracts", "label": gettext_lazy("Contracts"), "classes": "r w-l"},
    {"key": "amount", "label": gettext_lazy("They lose"), "classes": "r w-xl"},
]


@require_safe
@page(*STUDIES, any_of=True)
def lint(request: PageRequest, version_id: UUID) -> HttpResponse:
    """Everything to know of a version before it is approved, with the money at stake on own contracts."""
    must_review_all(request.viewer)
    row, currency = found_version(request, version_id), request.tenant.currency
    version = judged(row.settings, currency)
    found = rules.lint(version)
    cliff = any(finding.code == "CLIFF" for finding in found)
    at_stake = stakes(version, request.today) if cliff else []
    context: dict[str, Any] = {
        "row": row,
        "perverse": [each for each in found if each.level == rules.PERVERSE],
        "notes": [each for each in found if each.level == rules.NOTE],
        "missing": missing_classes(version, request.today),
        "cliff": cliff,
        "stakes": at_stake,
        "lost": sum((each.amount for each in at_stake), 0),
        "columns": COLUMNS,
        "writes": row.is_open and request.viewer.may(Right.PLAN_EDIT),
        "crumbs": crumbs(row.plan, row),
        "currency": currency,
    }
    return render(request, "commissions/lint.html", context)


@require_POST
@page(Right.PLAN_EDIT)
def protect(request: PageRequest, version_id: UUID) -> HttpResponse:
    """Switch the cliff protection of a draft on."""
    row = found_version(request, version_id)
    settings = complete(row.settings, request.tenant.currency) | {"cliff_protection": True}
    back = reverse("commissions:plan-version-lint", args=[row.pk])
    about: dict[str, Any] = {"code": row.code, "valid_from": row.valid_from, "settings": settings}
    try:
        drafts.rewrite(row, **about, **request.act)
    except Refused as refused:
        return done(request, back, str(refused.faults[0].message), level=messages.ERROR)
    return done(request, back, _("A larger contract never pays less now."))
