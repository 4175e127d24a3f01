"""Splits that wait for a word: the list, one of them with its shares, confirming, refusing, dividing anew."""

from collections.abc import Callable
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.accounts.access import Viewer, changeable, reach
from crm.accounts.rights import Right
from crm.refusal import Refused
from crm.web.access import PageRequest, page
from crm.web.errors import refusal
from crm.web.fragments import carry_out, done, show
from crm.web.listing import Column, Listing, View
from customers import confirming
from customers.filters.splits import SplitFilters
from customers.forms.boxes import DoorForm
from customers.forms.sign import Splits
from customers.forms.split import ConfirmationForm, SplitRefusalForm
from customers.models import Contract, SplitConfirmation
from customers.splits import WHOLE, Share

SORTS = {"asked_on": "asked_on"}
NAMES = ("contract__customer", "contract__signed_by", "department", "asked", "decided_by")


class Waiting(Listing):
    """Whose word is asked on which split. Queries: rows, counts, names."""

    filters = SplitFilters
    sorts = SORTS
    ordering = "asked_on"
    columns = (
        Column("contract", gettext_lazy("Contract"), "l1"),
        Column("customer", gettext_lazy("Customer"), "p2"),
        Column("signed_by", gettext_lazy("Signed by"), "w-m p3"),
        Column("department", gettext_lazy("Department of the payee"), "w-l p3"),
        Column("asked", gettext_lazy("To be confirmed by"), "w-l"),
        Column("since", gettext_lazy("Asked on"), "r w-m", "asked_on"),
        Column("state", gettext_lazy("State"), "w-l"),
    )
    views = (
        View(
            "asked",
            pgettext_lazy("splits", "For me to confirm"),
            "asked=me&state=WAITING",
            Right.CREDIT_CONFIRM,
        ),
        View(
            "mine",
            pgettext_lazy("splits", "Signed by me"),
            "signed_by=me&state=WAITING&state=REFUSED",
            Right.CONTRACT_SIGN,
        ),
        View("waiting", pgettext_lazy("splits", "All that wait"), "state=WAITING"),
        View("refused", pgettext_lazy("splits", "Refused"), "state=REFUSED"),
        View("all", pgettext_lazy("splits", "All"), "ordering=-asked_on"),
    )

    def __init__(self, request: PageRequest) -> None:
        super().__init__(request, reach(request.viewer, SplitConfirmation.objects.select_related(*NAMES)))

    @cached_property
    def lines(self) -> list[SplitConfirmation]:
        """The rows of the page."""
        return self.rows


@require_safe
@page(Right.CONTRACT_VIEW)
def listed(request: PageRequest) -> HttpResponse:
    """Splits to confirm, one's own and all; htmx asks for the list alone."""
    context = {"splits": Waiting(request), "on": request.today}
    return show(request, "customers/splits.html", context, regions={"list": "customers/_split_list.html"})


@require_safe
@page(Right.CONTRACT_VIEW)
def one(request: PageRequest, contract_id: UUID) -> HttpResponse:
    """The shares of a contract, who has confirmed them and who is still to, and what the reader can do."""
    return _shown(request, _found(request, contract_id))


@require_POST
@page(Right.CREDIT_CONFIRM)
def confirm(request: PageRequest, contract_id: UUID) -> HttpResponse:
    """Confirm the split for one's own people."""
    return _decided(request, contract_id, ConfirmationForm, confirming.confirm, _("Confirmed."))


@require_POST
@page(Right.CREDIT_CONFIRM)
def refuse(request: PageRequest, contract_id: UUID) -> HttpResponse:
    """Refuse the split, and say why."""
    return _decided(request, contract_id, SplitRefusalForm, confirming.refuse, _("Refused."))


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.CONTRACT_SIGN)
def edit(request: PageRequest, contract_id: UUID) -> HttpResponse:
    """Divide the contract anew, while its split is not confirmed."""
    row = _found(request, contract_id)
    if not changeable(request.viewer, Contract.objects.filter(pk=row.pk)).exists():
        raise PermissionDenied
    parts = [
        {"payee": each.member or each.department, "share": Decimal(each.basis_points) / WHOLE}
        for each in row.splits.select_related("member", "department")
    ]
    data = request.POST if request.method == "POST" else None
    rows = Splits(data, prefix="splits", initial=parts, form_kwargs={"on": request.today})
    faults: list[str] = []
    status = 200
    if data is not None:
        faults, status = _divided(request, row, rows)
        if not status:
            return done(request, reverse("customers:split", args=[row.pk]), _("Divided anew."))
    context = {"contract": row, "splits": rows, "split_faults": faults, "crumbs": _crumbs(row)}
    return render(request, "customers/split_edit.html", context, status=status)


def _divided(request: PageRequest, row: Contract, rows: Any) -> tuple[list[str], int]:
    """Divide by what was typed; what stands against it and its status, ([], 0) when it is done."""
    if not rows.is_valid() or not rows.shares:
        return [str(each) for each in rows.non_form_errors()] or [_("Say who shares it.")], 422
    shares = [Share(payee, int(share * WHOLE)) for payee, share in rows.shares]
    try:
        confirming.resplit(row, shares=shares, **request.act)
    except Refused as refused:
        known = refusal(refused)
        return [str(fault.message) for fault in refused.faults], known[0] if known else 422
    return [], 0


def _decided(
    request: PageRequest, contract_id: UUID, kind: type[DoorForm], verb: Callable[..., Any], said: str
) -> HttpResponse:
    row = _found(request, contract_id)
    if not confirming.may_stand_in(row, request.viewer.id):
        raise PermissionDenied
    form = kind(request.POST, on=request.today)
    if carry_out(form, lambda data: verb(row, **data, **request.act)) is None:
        return _shown(request, row, sent=form)
    return done(request, reverse("customers:splits"), said)


def _found(request: PageRequest, contract_id: UUID) -> Contract:
    """A contract on whose split somebody's word was asked, within the reader's reach."""
    asked = reach(request.viewer, SplitConfirmation.objects.filter(contract=OuterRef("pk")))
    rows = Contract.objects.filter(Exists(asked), pk=contract_id)
    found = rows.select_related("customer", "signed_by", "responsible_dept").first()
    if found is None:
        raise Http404
    return found


def _shown(request: PageRequest, row: Contract, *, sent: DoorForm | None = None) -> HttpResponse:
    viewer, today = request.viewer, request.today
    decides = viewer.may(Right.CREDIT_CONFIRM) and bool(confirming.waiting_for(row, viewer.id))
    refusing = sent if isinstance(sent, SplitRefusalForm) else SplitRefusalForm(on=today)
    confirmed = sent if isinstance(sent, ConfirmationForm) else ConfirmationForm(on=today)
    context = {
        "contract": row,
        "on": today,
        "near": reach(viewer, Contract.objects.filter(pk=row.pk)).exists(),
        "shares": shares(row),
        "words": confirming.words_on(row),
        "confirming": confirmed if decides or sent else None,
        "refusing": refusing if decides or sent else None,
        "divides": _may_divide(viewer, row),
        "crumbs": _crumbs(),
    }
    return render(request, "customers/split.html", context, status=getattr(sent, "status", 200))


def shares(contract: Contract) -> list[dict[str, Any]]:
    """Who has which part, as people say it."""
    rows = contract.splits.select_related("member__department", "department")
    return [
        {
            "name": str(each.member or each.department),
            "department": each.member.department.name if each.member else "",
            "share": Decimal(each.basis_points) / WHOLE,
        }
        for each in rows
    ]


def _may_divide(viewer: Viewer, row: Contract) -> bool:
    """Whether the viewer signs for the customer and the split may still change."""
    if not viewer.may(Right.CONTRACT_SIGN) or not confirming.is_open(row):
        return False
    return changeable(viewer, Contract.objects.filter(pk=row.pk)).exists()


def _crumbs(row: Contract | None = None) -> list[dict[str, str]]:
    found = [{"label": _("Splits"), "url": reverse("customers:splits")}]
    if row is not None:
        found.append({"label": row.number, "url": reverse("customers:split", args=[row.pk])})
    return found
