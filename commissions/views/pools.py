"""Pools that a plan gives to departments: the list, and one of them with its people, to be distributed."""

from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from commissions import distributing
from commissions.calculation.shares import RULED
from commissions.filters import PoolFilters
from commissions.forms.pool import PoolForm
from commissions.models import Entitlement, LedgerEntry, PoolDistribution
from crm.accounts.access import reach
from crm.accounts.rights import Right
from crm.money import from_fen, split, to_fen
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done, show
from crm.web.listing import Column, Listing, View
from customers.models import Contract
from customers.splits import WHOLE

SORTS = {"due_on": "due_on", "opened_on": "opened_on"}
NAMES = ("contract__customer", "department", "asked", "distributed_by")
ZERO = Decimal("0.00")


def with_amounts(rows: "QuerySet[PoolDistribution]") -> "QuerySet[PoolDistribution]":
    """With `total`, what all years of the contract pay in all, and `held`, what of it has come and waits."""
    mine = {"contract": OuterRef("contract"), "component__in": RULED}
    due = Entitlement.objects.filter(**mine).order_by().values("contract")
    held = LedgerEntry.objects.filter(**mine, kind="HOLD").order_by().values("contract")
    return rows.annotate(
        total=Subquery(due.annotate(sum=Sum("amount")).values("sum")),
        held=Subquery(held.annotate(sum=Sum("amount")).values("sum")),
    )


class Pools(Listing):
    """Pools to distribute and distributed ones. Queries: rows, counts, names."""

    filters = PoolFilters
    sorts = SORTS
    ordering = "due_on"
    columns = (
        Column("contract", gettext_lazy("Contract"), "l1"),
        Column("department", gettext_lazy("Department"), "w-l p3"),
        Column("asked", gettext_lazy("To be distributed by"), "w-l"),
        Column("total", gettext_lazy("In all"), "r w-l"),
        Column("held", gettext_lazy("Waits"), "r w-l p2"),
        Column("due", pgettext_lazy("pool", "Due on"), "r w-m", "due_on"),
        Column("state", gettext_lazy("State"), "w-l"),
    )
    views = (
        View(
            "asked",
            pgettext_lazy("pools", "For me to distribute"),
            "asked=me&distributed=false",
            Right.CREDIT_CONFIRM,
        ),
        View("waiting", pgettext_lazy("pools", "All that wait"), "distributed=false"),
        View("done", pgettext_lazy("pools", "Distributed"), "distributed=true&ordering=-due_on"),
    )

    def __init__(self, request: PageRequest) -> None:
        rows = PoolDistribution.objects.select_related(*NAMES)
        super().__init__(request, with_amounts(reach(request.viewer, rows)))

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        """The rows of the page, each with whether it is late."""
        return [{"row": row, "late": row.is_late(self.request.today)} for row in self.rows]


@require_safe
@page(Right.COMMISSION_REVIEW)
def listed(request: PageRequest) -> HttpResponse:
    """Pools to distribute, and distributed ones; htmx asks for the list alone."""
    context = {"pools": Pools(request), "on": request.today, "currency": request.tenant.currency}
    return show(request, "commissions/pools.html", context, regions={"list": "commissions/_pools.html"})


@require_safe
@page(Right.COMMISSION_REVIEW)
def one(request: PageRequest, pool_id: UUID) -> HttpResponse:
    """A pool with what it pays and how it was distributed; for its head the form that distributes it."""
    return _shown(request, _found(request, pool_id))


@require_POST
@page(Right.COMMISSION_REVIEW, Right.CREDIT_CONFIRM)
def distribute(request: PageRequest, pool_id: UUID) -> HttpResponse:
    """Distribute a pool among the people of its department."""
    row = _found(request, pool_id)
    if not distributing.may_distribute(row, request.viewer.id):
        raise PermissionDenied
    form = _form(request, row, request.POST)
    if carry_out(form, lambda _data: distributing.distribute(row, shares=form.shares, **request.act)) is None:
        return _shown(request, row, sent=form)
    return done(request, reverse("commissions:pools"), _("Distributed."))


def _found(request: PageRequest, pool_id: UUID) -> PoolDistribution:
    rows = with_amounts(reach(request.viewer, PoolDistribution.objects.select_related(*NAMES)))
    return get_object_or_404(rows, pk=pool_id)


def _form(request: PageRequest, row: PoolDistribution, data: Any = None) -> PoolForm:
    people = distributing.people(row, request.viewer.id).order_by("department__code", "code")
    return PoolForm(data, on=request.today, people=list(people))


def _shown(request: PageRequest, row: Any, *, sent: PoolForm | None = None) -> HttpResponse:
    viewer, form = request.viewer, sent
    decides = viewer.may(Right.CREDIT_CONFIRM) and distributing.may_distribute(row, viewer.id)
    if form is None and decides and row.distributed_on is None:
        form = _form(request, row)
    context = {
        "row": row,
        "form": form,
        "parts": _parts(row),
        "near": reach(viewer, Contract.objects.filter(pk=row.contract_id)).exists(),
        "late": row.is_late(request.today),
        "on": request.today,
        "currency": request.tenant.currency,
        "crumbs": [{"label": _("Department pools"), "url": reverse("commissions:pools")}],
    }
    return render(request, "commissions/pool.html", context, status=getattr(sent, "status", 200))


def _parts(row: Any) -> list[dict[str, Any]]:
    """Who has which part of a distributed pool, and what that comes to."""
    shares = list(row.shares.select_related("member"))
    amounts = split(to_fen(row.total or ZERO), [each.basis_points for each in shares]) if shares else []
    return [
        {
            "name": each.member.name,
            "share": Decimal(each.basis_points) / WHOLE,
            "amount": from_fen(amount),
        }
        for each, amount in zip(shares, amounts, strict=True)
    ]
