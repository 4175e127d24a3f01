"""What the comboboxes of forms offer: the server knows names, pinyin and rights."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.accounts.access import reach
from crm.accounts.models import Department, Member
from crm.accounts.rights import Right
from crm.web.access import PageRequest, page
from customers import search
from customers.models import Contract, Customer

MOST = 12


@require_safe
@page(Right.CUSTOMER_VIEW)
def customers(request: PageRequest) -> HttpResponse:
    """Customers within reach whose name, pinyin or code holds what was typed."""
    term = request.GET.get("q", "").strip()
    rows = reach(request.viewer, Customer.objects.select_related("responsible_dept"))
    if term:
        rows = rows.filter(pk__in=search.reachable(request.viewer, term, MOST))
    found = rows.order_by("name", "id")[:MOST]
    return _answer(request, [_option(row, row.code) for row in found])


@require_safe
@page(Right.CONTRACT_VIEW)
def contracts(request: PageRequest) -> HttpResponse:
    """Contracts within reach by a part of their number, or by what finds their customer."""
    term = request.GET.get("q", "").strip()
    rows = reach(request.viewer, Contract.objects.select_related("customer"))
    if term:
        named = Q(customer_id__in=search.reachable(request.viewer, term, MOST))
        rows = rows.filter(Q(number__icontains=term) | named)
    return _answer(request, [_option(row, row.customer.name) for row in rows.order_by("number")[:MOST]])


@require_safe
@page(Right.TEAM_VIEW)
def members(request: PageRequest) -> HttpResponse:
    """Colleagues who have not left, by name, staff number or e-mail."""
    rows = Member.objects.exclude(status=Member.Status.LEFT).select_related("department")
    found = _holding(rows, request, "name", "code", "email")
    return _answer(request, [_option(row, row.department.name) for row in found])


@require_safe
@page(Right.TEAM_VIEW)
def departments(request: PageRequest) -> HttpResponse:
    """Departments in use, by name or code."""
    found = _holding(Department.objects.filter(is_active=True), request, "name", "code")
    return _answer(request, [_option(row, row.code) for row in found])


@require_safe
@page(Right.TEAM_VIEW)
def payees(request: PageRequest) -> HttpResponse:
    """Whoever may share a commission: colleagues, then departments."""
    people = Member.objects.exclude(status=Member.Status.LEFT).select_related("department")
    found = [_option(row, row.department.name) for row in _holding(people, request, "name", "code")]
    rooms = _holding(Department.objects.filter(is_active=True), request, "name", "code")
    return _answer(request, [*found, *(_option(row, row.code) for row in rooms)])


def _holding(rows: QuerySet, request: PageRequest, *columns: str) -> QuerySet:
    term, wanted = request.GET.get("q", "").strip(), Q()
    for column in columns:
        wanted |= Q(**{f"{column}__icontains": term})
    return rows.filter(wanted).order_by("name", "id")[:MOST]


def _option(row: Any, note: str) -> dict[str, Any]:
    return {"value": row.pk, "label": str(row), "note": note}


def _answer(request: PageRequest, options: list[dict[str, Any]]) -> HttpResponse:
    return render(request, "components/options.html", {"options": options})
