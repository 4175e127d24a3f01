from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from crm.accounts.rights import Right
from crm.dashboards.book import Book
from crm.dashboards.customer import bands
from crm.web.access import PageRequest, page
from crm.web.fragments import show, target
from crm.web.templatetags.amounts import is_chinese, money_tile
from customers.forms.filtering import FilterForm

SEES = {
    "amount": Right.SEE_AMOUNT,
    "receivable": Right.RECEIVABLE_VIEW,
    "risk": Right.RISK_VIEW,
    "edit": Right.CUSTOMER_EDIT,
    "transfer": Right.OWNERSHIP_TRANSFER,
    "bring": Right.IMPORT_RUN,
}


@require_safe
@page(Right.CUSTOMER_VIEW)
def book(request: PageRequest) -> HttpResponse:
    """The customer list; htmx asks for the list alone."""
    sees = {name: request.viewer.may(right) for name, right in SEES.items()}
    found = Book(request)
    annual_sum = money_tile(found.annual_sum, request.tenant.currency) if sees["amount"] else ""
    context = {"book": found, "sees": sees, "on": request.today, "annual_sum": annual_sum}
    context["unit"] = "万" if is_chinese() else ""
    return show(request, "dashboards/book.html", context, regions={"list": "dashboards/_book_list.html"})


@require_safe
@page(Right.CUSTOMER_VIEW)
def filtering(request: PageRequest) -> HttpResponse:
    """The form of the filters; sent with `apply` it leads to the list with what was filled in."""
    tiers = [(band.tier, str(band)) for band in reversed(bands(request.today))]
    about: dict[str, Any] = {"viewer": request.viewer, "tiers": tiers, "on": request.today}
    view = {"view": request.GET["view"]} if request.GET.get("view") else {}
    if "apply" not in request.GET:
        form = FilterForm(initial=request.GET.dict(), **about)
        return _shown(request, form, view, 200)
    form = FilterForm(request.GET, **about)
    if not form.is_valid():
        return _shown(request, form, view, 422)
    return redirect(f"{reverse('dashboards:book')}?{urlencode(view | form.words)}")


def _shown(request: PageRequest, form: FilterForm, view: dict[str, str], status: int) -> HttpResponse:
    template = "dashboards/_filter.html" if target(request) == "sheet-body" else "dashboards/filter.html"
    return render(request, template, {"form": form, "view": view.get("view", "")}, status=status)
