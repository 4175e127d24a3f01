"""Adding a collaborator 协作人 to a customer, and removing him."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.accounts.access import governed, reach
from crm.accounts.rights import Right
from crm.refusal import Refused
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done
from customers import collaborators
from customers.forms.collaborator import CollaboratorForm
from customers.models import Collaboration, Customer
from customers.views.place import crumbs, reached


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.CUSTOMER_EDIT)
def new(request: PageRequest, customer_id: UUID) -> HttpResponse:
    """Let somebody help with a customer."""
    row = reached(request, Customer.objects.select_related("owner"), customer_id, governed)
    form = CollaboratorForm(request.POST or None, on=request.today)
    if request.method == "POST":
        made = carry_out(form, lambda data: collaborators.add(row, **data, **request.act))
        if made is not None:
            return done(request, _panel(customer_id), _("%(name)s helps now.") % {"name": made.member.name})
    context = {"form": form, "customer": row, "crumbs": crumbs(row)}
    return render(request, "customers/collaborator_new.html", context, status=getattr(form, "status", 200))


@require_POST
@page(Right.CUSTOMER_EDIT)
def remove(request: PageRequest, collaboration_id: UUID) -> HttpResponse:
    """Let somebody help no longer; who helps may cease by himself."""
    row = reached(request, Collaboration.objects.select_related("member"), collaboration_id)
    if row.member_id != request.viewer.id:
        reached(request, Customer.objects.all(), row.customer_id, governed)
    try:
        collaborators.remove(row, **request.act)
    except Refused as refused:
        words = str(refused.faults[0].message)
        return done(request, _panel(row.customer_id), words, level=messages.ERROR)
    near = reach(request.viewer, Customer.objects.filter(pk=row.customer_id)).exists()
    url = _panel(row.customer_id) if near else reverse("dashboards:book")
    return done(request, url, _("%(name)s helps no longer.") % {"name": row.member.name})


def _panel(customer_id: UUID) -> str:
    return reverse("dashboards:customer-ownership", args=[customer_id])
