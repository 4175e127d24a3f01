from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from crm.accounts.access import changeable
from crm.accounts.rights import Right
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done
from customers import contacts
from customers.forms.contact import ContactEditForm, ContactForm
from customers.models import Contact, Customer
from customers.views.place import acts, crumbs, reached
from customers.views.record import conflict

GET_POST = require_http_methods(["GET", "HEAD", "POST"])


@GET_POST
@page(Right.CUSTOMER_EDIT)
def new(request: PageRequest, customer_id: UUID) -> HttpResponse:
    """A new person at the customer."""
    customer = reached(request, Customer.objects.all(), customer_id, changeable)
    form = ContactForm(request.POST or None, viewer=request.viewer, on=request.today)
    if request.method == "POST":
        made = carry_out(form, lambda data: contacts.add(customer, **data, **acts(request)))
        if made is not None:
            return done(request, reverse("dashboards:customer-contacts", args=[customer_id]))
    return _shown(request, customer, form, getattr(form, "status", 200))


@GET_POST
@page(Right.CUSTOMER_EDIT)
def edit(request: PageRequest, contact_id: UUID) -> HttpResponse:
    """Change a person's record; fields that somebody else changed meanwhile are put beside each other."""
    contact = reached(request, Contact.objects.select_related("customer"), contact_id, changeable)
    about: dict[str, Any] = {"row": contact, "viewer": request.viewer, "on": request.today}
    if request.method != "POST":
        return _shown(request, contact.customer, ContactEditForm(**about), 200)
    form = ContactEditForm(request.POST, **about)
    if form.is_valid() and form.disputes:
        shown = ContactEditForm(form.caught_up(), **about)
        return _shown(request, contact.customer, shown, 409, conflict(form, contact.pk))
    edited = carry_out(
        form,
        lambda _data: contacts.edit(contact, changes=form.changes, version=contact.version, **acts(request)),
    )
    if edited is None:
        return _shown(request, contact.customer, form, form.status)  # type: ignore[attr-defined]
    return done(request, reverse("dashboards:customer-contacts", args=[contact.customer_id]))


def _shown(
    request: PageRequest,
    customer: Customer,
    form: ContactForm,
    status: int,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    context = {"form": form, "customer": customer, "crumbs": crumbs(customer)} | (more or {})
    return render(request, "customers/contact.html", context, status=status)
