"""What departments may manage: regions and where they overlap, abilities, authority."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from crm.accounts.models import Department
from crm.accounts.rights import Right
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done
from customers.assignment import remits
from customers.forms.remit import RemitForm
from customers.models import Contract
from customers.views.assignment import tabs

COLUMNS: list[dict[str, Any]] = [
    {"key": "name", "label": gettext_lazy("Department"), "classes": "w-l"},
    {"key": "region", "label": gettext_lazy("Region")},
    {"key": "able", "label": gettext_lazy("Able to manage")},
    {"key": "authority", "label": gettext_lazy("May sign up to, a year"), "classes": "r w-l"},
    {"key": "busy", "label": gettext_lazy("Customers in force"), "classes": "r w-l p2"},
    {"key": "act", "label": "", "classes": "r w-m"},
]


@require_safe
@page(Right.TEAM_VIEW)
def listed(request: PageRequest) -> HttpResponse:
    """All departments side by side, and the places that more than one has."""
    rows, edits = list(remits.all_departments()), request.viewer.may(Right.ASSIGNMENT_EDIT)
    sees = edits or request.viewer.may(Right.SEE_AMOUNT)
    context = {
        "rows": [_told(row) for row in rows],
        "columns": [c for c in COLUMNS if sees or c["key"] != "authority"],
        "overlaps": remits.overlaps(rows),
        "placed": any(row.territories.all() for row in rows),
        "rated": any(row.capabilities.all() for row in rows),
        "sees_amount": sees,
        "edits": edits,
        "currency": request.tenant.currency,
        "tabs": tabs(request.viewer, "customers:remits"),
    }
    return render(request, "customers/remits.html", context)


def _told(row: Department) -> dict[str, Any]:
    kinds: dict[str, list[str]] = {}
    for able in row.capabilities.all():
        kinds.setdefault(able.product_kind, []).append(able.line or _("every line"))
    return {
        "row": row,
        "region": "、".join(str(remits.Place(t.province, t.city)) for t in row.territories.all()),
        "able": [f"{Contract.ProductKind(kind).label}: {', '.join(lines)}" for kind, lines in kinds.items()],
    }


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.ASSIGNMENT_EDIT)
def edit(request: PageRequest, department_id: UUID) -> HttpResponse:
    """Change what one department may manage."""
    row = remits.all_departments().filter(pk=department_id).first()
    if row is None:
        raise Http404
    form = RemitForm(request.POST or None, row=row, on=request.today)
    if request.method == "POST":
        made = carry_out(
            form,
            lambda data: remits.give(row, remit=form.remit, version=data["version"], **request.act),
        )
        if made is not None:
            return done(request, reverse("customers:remits"))
    crumbs = [{"label": _("Departments"), "url": reverse("customers:remits")}]
    context = {"form": form, "row": row, "crumbs": crumbs, "currency": request.tenant.currency}
    return render(request, "customers/remit.html", context, status=getattr(form, "status", 200))
