from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from crm.accounts.access import changeable
from crm.accounts.rights import Right
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out
from customers import tagging
from customers.forms.contact import TagForm
from customers.models import Customer, CustomerTag
from customers.views.place import acts, reached


@require_POST
@page(Right.CUSTOMER_EDIT)
def add(request: PageRequest, customer_id: UUID) -> HttpResponse:
    """Put a word on the customer."""
    customer = reached(request, Customer.objects.all(), customer_id, changeable)
    form = TagForm(request.POST)
    carry_out(form, lambda data: tagging.put(customer, name=data["name"], **acts(request)))
    return _answer(request, customer, form)


@require_POST
@page(Right.CUSTOMER_EDIT)
def remove(request: PageRequest, customer_id: UUID, tag_id: UUID) -> HttpResponse:
    """Take a word off the customer; taking off one that is not there changes nothing."""
    customer = reached(request, Customer.objects.all(), customer_id, changeable)
    tagging.take_off(customer, tag_id, **acts(request))
    return _answer(request, customer, None)


def _answer(request: PageRequest, customer: Customer, form: TagForm | None) -> HttpResponse:
    wrong = form is not None and bool(form.errors)
    if request.htmx:
        tags = CustomerTag.objects.filter(customer=customer).select_related("tag").order_by("tag__name")
        context = {
            "customer": customer,
            "tags": tags,
            "tag_form": form if wrong else None,
            "sees": {"edit": True},
        }
        return render(request, "customers/_tags.html", context, status=422 if wrong else 200)
    if wrong and form is not None:
        messages.error(request, str(form.errors["name"][0]) if "name" in form.errors else str(form.errors))
    return redirect("dashboards:customer", customer.pk)
