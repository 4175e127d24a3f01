"""The rows behind a point of a month's checklist: contracts, cash, disputes, adjustments."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from commissions import checklist
from commissions.models import Period
from crm.accounts.rights import Right, Scope
from crm.web.access import PageRequest, page
from customers.receivables import banking


def _accruals(period: Period, request: PageRequest) -> list[tuple[str, str, str, Any]]:
    rows = checklist.accruals(period, request.today).select_related("customer")
    return [(row.number, row.customer.name, _contract_url(request, row), None) for row in rows[:MOST]]


def _advances(period: Period, request: PageRequest) -> list[tuple[str, str, str, Any]]:
    return [
        (row.number, row.customer.name, _contract_url(request, row), amount)
        for row, amount in checklist.advances(period)[:MOST]
    ]


def _bank(period: Period, request: PageRequest) -> list[tuple[str, str, str, Any]]:
    rows = banking.unmatched(period.last_day)[:MOST]
    sees = request.viewer.may(Right.RECEIVABLE_VIEW) and request.viewer.may(Right.SEE_AMOUNT)
    return [
        (row.payer, row.serial, reverse("customers:bank-line", args=[row.pk]) if sees else "", row.amount)
        for row in rows
    ]


def _disputes(period: Period, request: PageRequest) -> list[tuple[str, str, str, Any]]:
    rows = checklist.disputes(period).select_related("claimant", "customer")
    return [
        (row.customer.name, row.claimant.name, reverse("customers:dispute", args=[row.pk]), None)
        for row in rows[:MOST]
    ]


def _line_disputes(period: Period, request: PageRequest) -> list[tuple[str, str, str, Any]]:
    rows = checklist.line_disputes(period).select_related("member", "statement__period", "entry__contract")
    return [
        (row.member.name, _line(row), reverse("commissions:dispute", args=[row.pk]), row.withheld)
        for row in rows[:MOST]
    ]


def _line(row: Any) -> str:
    month, contract = row.statement.period.month, row.entry.contract
    return f"{month} · {contract.number}" if contract else month


def _adjustments(period: Period, request: PageRequest) -> list[tuple[str, str, str, Any]]:
    rows = checklist.adjustments(period).select_related("member", "department", "proposed_by")
    return [
        (row.payee_name, row.proposed_by.name, reverse("commissions:adjustment", args=[row.pk]), row.amount)
        for row in rows[:MOST]
    ]


def _splits(period: Period, request: PageRequest) -> list[tuple[str, str, str, Any]]:
    rows = checklist.splits(period).select_related("customer")
    return [
        (row.number, row.customer.name, reverse("customers:split", args=[row.pk]), None)
        for row in rows[:MOST]
    ]


def _pools(period: Period, request: PageRequest) -> list[tuple[str, str, str, Any]]:
    rows = checklist.pools(period).select_related("department", "contract")
    return [
        (row.contract.number, row.department.name, reverse("commissions:pool", args=[row.pk]), None)
        for row in rows[:MOST]
    ]


def _contract_url(request: PageRequest, row: Any) -> str:
    return reverse("customers:contract", args=[row.pk]) if request.viewer.may(Right.CONTRACT_VIEW) else ""


MOST = 200
BEHIND = {
    "accruals": (
        gettext_lazy("Contracts to be worked out"),
        (gettext_lazy("Contract"), gettext_lazy("Customer")),
        _accruals,
    ),
    "advances": (
        gettext_lazy("Cash beyond what is due"),
        (gettext_lazy("Contract"), gettext_lazy("Customer"), gettext_lazy("Amount")),
        _advances,
    ),
    "bank": (
        gettext_lazy("Bank lines that nobody has matched"),
        (gettext_lazy("Payer"), gettext_lazy("Serial number"), gettext_lazy("Amount")),
        _bank,
    ),
    "splits": (
        gettext_lazy("Splits to be confirmed"),
        (gettext_lazy("Contract"), gettext_lazy("Customer")),
        _splits,
    ),
    "pools": (
        gettext_lazy("Department pools to be distributed"),
        (gettext_lazy("Contract"), gettext_lazy("Department")),
        _pools,
    ),
    "disputes": (
        gettext_lazy("Customers in dispute"),
        (gettext_lazy("Customer"), pgettext_lazy("dispute", "Claimant")),
        _disputes,
    ),
    "line_disputes": (
        gettext_lazy("Disputed lines"),
        (gettext_lazy("Payee"), gettext_lazy("Line"), gettext_lazy("Kept out of the payout")),
        _line_disputes,
    ),
    "adjustments": (
        gettext_lazy("Adjustments to decide"),
        (gettext_lazy("Payee"), gettext_lazy("Proposed by"), gettext_lazy("Amount")),
        _adjustments,
    ),
}


@require_safe
@page(Right.COMMISSION_REVIEW)
def rows(request: PageRequest, period_id: UUID, key: str) -> HttpResponse:
    """The rows behind a point of the checklist, for those who see the whole company's commission."""
    period = get_object_or_404(Period, pk=period_id)
    if key not in BEHIND:
        raise Http404
    if request.viewer.commission is not Scope.TENANT:
        raise PermissionDenied
    title, labels, read = BEHIND[key]
    context = {
        "title": title,
        "rows": read(period, request),
        "columns": [
            {"key": f"c{n}", "label": label, "classes": "r" if n == 2 else ""}
            for n, label in enumerate(labels)
        ],
        "currency": request.tenant.currency,
        "crumbs": [
            {"label": _("Months"), "url": reverse("commissions:periods")},
            {"label": period.month, "url": reverse("commissions:period", args=[period.pk])},
        ],
    }
    return render(request, "commissions/period_rows.html", context)
