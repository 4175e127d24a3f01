"""查重: what is known of a company already, while it is typed and as a page of its own."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from crm.accounts.rights import Right
from crm.web.access import PageRequest, page
from customers import duplicates
from customers.duplicates import Known
from customers.forms.known import CheckForm
from customers.models import Customer
from customers.views.place import crumbs


@require_safe
@page(Right.CUSTOMER_EDIT)
def known(request: PageRequest) -> HttpResponse:
    """What stands against registering, and who is alike, while the boxes are filled in."""
    typed = request.GET.dict()
    typed.setdefault("phone", typed.get("contact_phone", ""))
    form = CheckForm(typed, viewer=request.viewer, on=request.today)
    return render(request, "customers/_known.html", context(request, form))


@require_safe
@page(Right.CUSTOMER_VIEW)
def check(request: PageRequest) -> HttpResponse:
    """Search before you register: against the whole company, masked beyond the reader's reach."""
    asked = any(request.GET.get(name) for name in CheckForm.base_fields)  # type: ignore[attr-defined]
    form = CheckForm(request.GET if asked else None, viewer=request.viewer, on=request.today)
    shown = context(request, form) | {"form": form, "crumbs": crumbs()}
    return render(
        request, "customers/check.html", shown, status=422 if asked and not form.is_valid() else 200
    )


def named(request: PageRequest) -> Customer | None:
    """The customer that an answer of 查重 names, whoever reaches it; no more of it may be shown."""
    given = request.POST if request.method == "POST" else request.GET
    try:
        return Customer.objects.filter(pk=UUID(given.get("customer", ""))).first()
    except ValueError:
        return None


def context(request: PageRequest, form: CheckForm) -> dict[str, Any]:
    """What customers/_known.html shows of a judged form: each known customer with what can be done."""
    found = None
    if form.is_bound and form.is_valid():
        found = duplicates.check(request.viewer, on=request.today, **form.words)
    called = form.cleaned_data.get("name", "") if found is not None else ""
    register = found is not None and request.viewer.may(Right.CUSTOMER_EDIT)
    return {
        "known": [(one, _on("intel-new", one, called), _claim(request, one, called)) for one in found or ()],
        "asked": found is not None,
        "blocked": any(one.blocks for one in found or ()),
        "register_url": f"{reverse('customers:new')}?{_given(form)}"
        if register and found is not None
        else "",
        "develop_url": f"{reverse('customers:registration-new')}?{_given(form)}"
        if register and found is not None
        else "",
    }


def ways(door: str) -> list[dict[str, Any]]:
    """The two ways in which a customer comes, as links above both forms; the reader stands at `door`."""
    labels = {
        "registration-new": pgettext("new customer", "I develop it"),
        "new": pgettext("new customer", "It came by itself"),
    }
    return [
        {"label": label, "url": reverse(f"customers:{name}"), "current": name == door}
        for name, label in labels.items()
    ]


def _on(door: str, known: Known, called: str) -> str:
    """Where news of a customer beyond the reader's reach is passed on, or where it is claimed."""
    words = {"customer": known.customer_id, "called": known.name or called}
    return f"{reverse(f'customers:{door}')}?{urlencode(words)}"


def _claim(request: PageRequest, known: Known, called: str) -> str:
    return (
        _on("dispute-new", known, called)
        if request.viewer.may(Right.DISPUTE_OPEN) and known.department
        else ""
    )


def _given(form: CheckForm) -> str:
    given = {name: form.cleaned_data.get(name) for name in ("name", "credit_code")}
    return urlencode({name: value for name, value in given.items() if value})
