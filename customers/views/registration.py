"""Registration 报备: the form with 查重 beside it, the list with the days left, and one registration."""

from functools import cached_property
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from crm.accounts.access import Viewer, reach
from crm.accounts.rights import Right
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done, show
from crm.web.listing import Column, Listing, View
from crm.web.templatetags.days import day_task
from customers.filters.registrations import RegistrationFilters
from customers.forms.known import CheckForm
from customers.forms.registration import RegistrationForm
from customers.models import Customer, OwnershipCredit, Registration
from customers.registrations import registering
from customers.views import known
from customers.views.place import reached

SORTS = {"registered_at": "registered_at", "due_on": "due_on", "name": "name"}


class Registrations(Listing):
    """The registrations that a reader made or watches over. Queries: rows, counts."""

    filters = RegistrationFilters
    sorts = SORTS
    ordering = "-registered_at"
    columns = (
        Column("name", gettext_lazy("Legal name"), "", "name"),
        Column("member", gettext_lazy("Registered by"), "w-l"),
        Column("department", gettext_lazy("Department"), "w-l p3"),
        Column("registered", pgettext_lazy("registration", "Registered on"), "r w-m p2", "registered_at"),
        Column("due", gettext_lazy("To be reached by"), "r w-l", "due_on"),
        Column("state", gettext_lazy("State"), "w-m"),
    )

    def __init__(self, request: PageRequest) -> None:
        self.views = _views()
        rows = Registration.objects.select_related("member", "department")
        super().__init__(request, reach(request.viewer, rows))

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        """The rows of the page, with the days that are left."""
        today = self.request.today
        return [{"row": row, "left": row.days_left(today) if row.is_open else None} for row in self.rows]


def _views() -> tuple[View, ...]:
    watches = Right.FOLLOW_UP_ASSIGN
    return (
        View(
            "mine",
            pgettext_lazy("registrations", "Mine, to be reached"),
            "member=me&state=OPEN&ordering=due_on",
        ),
        View("all-mine", pgettext_lazy("registrations", "All mine"), "member=me"),
        View(
            "open", pgettext_lazy("registrations", "All to be reached"), "state=OPEN&ordering=due_on", watches
        ),
        View("effective", pgettext_lazy("registrations", "In effect"), "state=EFFECTIVE"),
        View("lapsed", pgettext_lazy("registrations", "Lapsed"), "state=LAPSED"),
    )


@require_safe
@page(Right.CUSTOMER_VIEW)
def registrations(request: PageRequest) -> HttpResponse:
    """Registrations with their state and the days left; htmx asks for the list alone."""
    context = {
        "registrations": Registrations(request),
        "on": request.today,
        "registers": request.viewer.may(Right.CUSTOMER_EDIT),
    }
    regions = {"list": "customers/_registration_list.html"}
    return show(request, "customers/registrations.html", context, regions=regions)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.CUSTOMER_EDIT)
def new(request: PageRequest) -> HttpResponse:
    """Register a company that the reader develops, or a customer of his that nobody has developed."""
    posted = request.POST if request.method == "POST" else None
    customer = _meant(request, (posted or request.GET).get("customer", ""))
    about: dict[str, Any] = {"viewer": request.viewer, "customer": customer, "on": request.today}
    form = RegistrationForm(posted, given=request.GET.dict(), **about)
    if posted is not None:
        told: dict[str, Any] = {"by": request.viewer.member, "at": request.now, "on": request.today}
        made = carry_out(
            form,
            lambda _data: registering.register(form.company, form.person, customer=customer, **told),
        )
        if made is not None:
            said = _("Registered: reach the customer by %(day)s.")
            words = said % {"day": day_task(made.due_on, request.today)}
            return done(request, reverse("customers:registration", args=[made.pk]), words)
    asked = posted if customer is None else None
    context: dict[str, Any] = {
        "form": form,
        "customer": customer,
        "crumbs": _crumbs(),
        "days": registering.DAYS,
    }
    context |= {"currency": request.tenant.currency, "ways": known.ways("registration-new")}
    context |= known.context(request, CheckForm(asked, viewer=request.viewer, on=request.today))
    return render(request, "customers/registration_new.html", context, status=getattr(form, "status", 200))


def _meant(request: PageRequest, text: str) -> Customer | None:
    """The reader's own customer that the address names; Http404 for any other."""
    if not text:
        return None
    try:
        found = Customer.objects.filter(owner=request.viewer.id, pk=UUID(text)).first()
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found


@require_safe
@page(Right.CUSTOMER_VIEW)
def one(request: PageRequest, registration_id: UUID) -> HttpResponse:
    """One registration: whom, why, by when, and what came of it."""
    rows = Registration.objects.select_related("customer", "member", "department", "follow_up__member")
    row = reached(request, rows, registration_id)
    viewer = request.viewer
    near = reach(viewer, Customer.objects.filter(pk=row.customer_id)).exists()
    context = {
        "row": row,
        "on": request.today,
        "left": row.days_left(request.today) if row.is_open else None,
        "near": near,
        "sees": {
            "credit_code": viewer.may(Right.SEE_CREDIT_CODE),
            "amount": viewer.may(Right.SEE_AMOUNT),
            "interaction": near and viewer.may(Right.INTERACTION_VIEW),
            "log": near and row.is_open and viewer.may(Right.INTERACTION_LOG),
        },
        "again": _again(row, viewer),
        "currency": request.tenant.currency,
        "crumbs": _crumbs(),
    }
    return render(request, "customers/registration_one.html", context)


def _again(row: Registration, viewer: Viewer) -> bool:
    """Whether the reader may register the customer of a lapsed registration again."""
    return (
        row.state is Registration.State.LAPSED
        and row.customer.owner_id == viewer.id
        and viewer.may(Right.CUSTOMER_EDIT)
        and not OwnershipCredit.objects.filter(
            customer=row.customer_id, role="DEVELOPER", valid_to=None
        ).exists()
        and not Registration.objects.filter(
            customer=row.customer_id, effective_on=None, lapsed_on=None
        ).exists()
    )


def _crumbs() -> list[dict[str, str]]:
    return [{"label": _("Registrations"), "url": reverse("customers:registrations")}]
