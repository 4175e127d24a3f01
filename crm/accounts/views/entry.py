"""Which company a person works in, in which language, and how the pages look to him."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from crm.accounts.adapter import CHOSEN, keep_language, speak
from crm.accounts.forms import AppearanceForm
from crm.tenancy.context import tenant
from crm.tenancy.middleware import SESSION_KEY
from crm.tenancy.models import Tenant
from crm.web import entrants
from crm.web.access import page, signed_in
from crm.web.context import companies_of


@require_safe
@signed_in
def choose(request: HttpRequest) -> HttpResponse:
    """After sign-in: one company is entered at once, several are offered."""
    companies = _open_to(request)
    if len(companies) == 1:
        _enter(request, companies[0])
        return HttpResponseRedirect(_back(request, request.GET.get("next", "")))
    context = {"companies": companies, "next": request.GET.get("next", "")}
    return render(request, "accounts/choose.html", context)


@require_POST
@signed_in
def switch(request: HttpRequest) -> HttpResponse:
    """Enter another company; 404 for one that the person has no seat in."""
    slug = request.POST.get("tenant", "")
    company = next((c for c in _open_to(request) if c.slug == slug), None)
    if company is None:
        raise Http404
    _enter(request, company)
    return HttpResponseRedirect(_back(request, request.POST.get("next", "")))


@require_POST
@page(anonymous=True)
def language(request: HttpRequest) -> HttpResponse:
    """Change the language, before sign-in too."""
    chosen = request.POST.get("language", "")
    response = HttpResponseRedirect(_back(request, request.POST.get("next", "")))
    if chosen in dict(settings.LANGUAGES):
        keep_language(response, chosen)
        if request.user.is_authenticated:
            speak(request.user, chosen)
        else:
            request.session[CHOSEN] = chosen
    return response


@require_POST
@signed_in
def appearance(request: HttpRequest) -> HttpResponse:
    """Change theme or density."""
    form = AppearanceForm(request.POST, instance=request.user)
    if form.is_valid():
        form.save()
    return HttpResponseRedirect(_back(request, request.POST.get("next", "")))


def _open_to(request: HttpRequest) -> list[Tenant]:
    """Companies in which the person has a seat and is a member; a seat alone opens nothing."""
    found = []
    for company in companies_of(request.user):
        with tenant(company.pk):
            if entrants.of_user(request.user.pk or 0) is not None:
                found.append(company)
    return found


def _enter(request: HttpRequest, company: Tenant) -> None:
    request.session.cycle_key()
    request.session[SESSION_KEY] = company.pk


def _back(request: HttpRequest, url: str) -> str:
    safe = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if safe else "/"
