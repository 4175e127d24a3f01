from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from crm.accounts.rights import Right
from crm.dashboards.behind import FIGURES, Nonsense
from crm.dashboards.desk import Desk
from crm.web.access import PageRequest, page

NAME = [
    {"key": "name", "label": gettext_lazy("Name")},
    {"key": "whose", "label": gettext_lazy("Customer"), "classes": "p1"},
    {"key": "when", "label": gettext_lazy("Date"), "classes": "w-l p2"},
]


@require_safe
@page(Right.SEE_AMOUNT)
def behind(request: PageRequest, figure: str) -> HttpResponse:
    """The rows that a figure of the home page was made of."""
    found = FIGURES.get(figure)
    if found is None:
        raise Http404
    if not all(map(request.viewer.may, found.rights)):
        raise PermissionDenied
    desk = Desk(request.viewer, request.today, request.tenant.currency)
    try:
        apart = found.make(desk, request.GET)
    except Nonsense:
        raise Http404 from None
    heads = [{"key": f"a{n}", "label": head, "classes": "r w-l"} for n, head in enumerate(apart.heads)]
    context = {
        "behind": apart,
        "totals": list(zip(apart.heads, apart.totals, strict=True)),
        "columns": [*NAME, *heads],
        "currency": desk.currency,
        "on": desk.on,
        "crumbs": [{"label": _("Home"), "url": reverse("dashboards:home")}],
    }
    return render(request, "dashboards/behind.html", context)
