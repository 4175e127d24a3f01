"""Pages that register a customer and change its record."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.accounts.access import changeable, reach
from crm.accounts.rights import Right
from crm.events.models import Event
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done
from customers import registry
from customers.forms.compared import ComparedForm
from customers.forms.known import CheckForm
from customers.forms.record import EditForm, RegisterForm
from customers.models import Customer
from customers.views import known
from customers.views.place import acts, crumbs, reached

GET_POST = require_http_methods(["GET", "HEAD", "POST"])


@GET_POST
@page(Right.CUSTOMER_EDIT)
def new(request: PageRequest) -> HttpResponse:
    """A new customer that nobody here develops; the rules decide who becomes responsible for it."""
    form = RegisterForm(
        request.POST or None, viewer=request.viewer, on=request.today, given=request.GET.dict()
    )
    if request.method == "POST":
        made = carry_out(form, lambda data: registry.register(**data, **acts(request)))
        if made is not None:
            return _registered(request, made)
    asked = CheckForm(request.POST or None, viewer=request.viewer, on=request.today)
    context = {"form": form, "crumbs": crumbs(), "currency": request.tenant.currency}
    context["ways"] = known.ways("new")
    context |= known.context(request, asked)
    return render(request, "customers/new.html", context, status=getattr(form, "status", 200))


def _registered(request: PageRequest, made: Customer) -> HttpResponse:
    """On to the new customer, or to the list when the rules gave it to somebody beyond the reader's reach."""
    said = _("%(name)s is registered.") % {"name": made.name}
    if reach(request.viewer, Customer.objects.filter(pk=made.pk)).exists():
        return done(request, reverse("dashboards:customer", args=[made.pk]), said)
    department = made.responsible_dept.name if made.responsible_dept else _("the pool")
    words = _("%(said)s It went to %(department)s.") % {"said": said, "department": department}
    return done(request, reverse("dashboards:book"), words)


@GET_POST
@page(Right.CUSTOMER_EDIT)
def edit(request: PageRequest, customer_id: UUID) -> HttpResponse:
    """Change the record; what somebody else changed meanwhile is shown beside it, to choose from."""
    customer = reached(request, Customer.objects.select_related("parent"), customer_id, changeable)
    about: dict[str, Any] = {"row": customer, "viewer": request.viewer, "on": request.today}
    if request.method != "POST":
        return _edit_page(request, customer, EditForm(**about), 200)
    form = EditForm(request.POST, **about)
    if form.is_valid() and form.disputes:
        shown = EditForm(form.caught_up(), **about)
        return _edit_page(request, customer, shown, 409, conflict(form, customer.pk))
    edited = carry_out(
        form,
        lambda _data: registry.edit(
            customer, changes=form.changes, version=customer.version, **acts(request)
        ),
    )
    if edited is None:
        return _edit_page(request, customer, form, form.status)  # type: ignore[attr-defined]
    return done(request, reverse("dashboards:customer", args=[customer_id]))


def conflict(form: ComparedForm, subject: UUID) -> dict[str, Any]:
    """What the conflict table shows: the disputed fields, and who saved last, when."""
    last = Event.objects.filter(subject_id=subject).order_by("-at", "-id").first()
    return {
        "disputes": form.disputes,
        "overtaken_by": last.actor_name if last and last.actor_name else _("Somebody"),
        "overtaken_at": last.at if last else form.row.updated_at,
    }


def _edit_page(
    request: PageRequest, customer: Customer, form: EditForm, status: int, more: dict[str, Any] | None = None
) -> HttpResponse:
    context = {"form": form, "customer": customer, "crumbs": crumbs(customer)} | (more or {})
    return render(request, "customers/edit.html", context, status=status)
