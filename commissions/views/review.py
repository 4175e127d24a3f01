"""What the payees whom the reader reviews were paid, by payee."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from commissions.models import Entitlement, LedgerEntry
from commissions.statement import ADJUSTED, FEWEST, PAYABLE, ZERO
from commissions.views.mine import MONTH
from crm.accounts.access import Viewer, reach
from crm.accounts.models import Department, Member
from crm.accounts.rights import Right
from crm.periods import add_months
from crm.web.access import PageRequest, page
from crm.web.templatetags.days import period

KEYS = ("member_id", "department_id")
# Of what contracts pay in all this is posted or lost; an adjustment by hand pays beside it.
GONE = (PAYABLE | Q(kind="FORFEIT")) & Q(contract__isnull=False) & ~ADJUSTED


@dataclass(frozen=True)
class PayeeLine:
    """One payee: posted in the month and since 1 January, and still to come."""

    kind: str
    id: UUID
    name: str
    department: str
    month: Decimal
    year: Decimal
    open: Decimal

    @property
    def url(self) -> str:
        return reverse("commissions:payee-statement", args=[self.kind, self.id])

    @property
    def entries_url(self) -> str:
        return f"{reverse('commissions:entries')}?view=all&payable=true&{self.kind}={self.id}"


@dataclass(frozen=True)
class Total:
    """The sums over all lines; there is none over fewer than three payees."""

    month: Decimal
    year: Decimal
    open: Decimal


def lines(viewer: Viewer, month: date) -> list[PayeeLine]:
    """The payees in the viewer's reach, who was paid most in the month first: four queries."""
    text = f"{month:%Y-%m}"
    in_year = Q(posting_period__startswith=text[:4], posting_period__lte=text)
    ledger = reach(viewer, LedgerEntry.objects.order_by()).values_list(*KEYS)
    posted = ledger.annotate(
        month=Sum("amount", filter=PAYABLE & Q(posting_period=text), default=ZERO),
        year=Sum("amount", filter=PAYABLE & in_year, default=ZERO),
        gone=Sum("amount", filter=GONE, default=ZERO),
    )
    expected = reach(viewer, Entitlement.objects.order_by()).values_list(*KEYS).annotate(Sum("amount"))
    entitled = {(member, department): amount for member, department, amount in expected}
    sums = {(row[0], row[1]): row[2:] for row in posted}
    named = _named(entitled.keys() | sums.keys())
    found = []
    for key in entitled.keys() | sums.keys():
        paid, in_all, gone = sums.get(key, (ZERO, ZERO, ZERO))
        found.append(PayeeLine(*named[key], paid, in_all, entitled.get(key, ZERO) - gone))
    return sorted(found, key=lambda line: (-line.month, -line.year, line.name, line.id))


def _named(keys: Iterable[tuple[Any, Any]]) -> dict[tuple[Any, Any], tuple[str, UUID, str, str]]:
    keys = list(keys)
    members = Member.objects.select_related("department").in_bulk([m for m, _d in keys if m])
    departments = Department.objects.in_bulk([d for _m, d in keys if d])
    return {
        (member, department): ("member", member, members[member].name, members[member].department.name)
        if member
        else ("department", department, departments[department].name, _("Department pool"))
        for member, department in keys
    }


def total(found: list[PayeeLine]) -> Total | None:
    """The sum of the lines, None over fewer than three payees."""
    if len(found) < FEWEST:
        return None
    sums = (sum((getattr(line, name) for line in found), ZERO) for name in ("month", "year", "open"))
    return Total(*sums)


@require_safe
@page(Right.COMMISSION_REVIEW)
def review(request: PageRequest) -> HttpResponse:
    """What was posted in a month, payee by payee; each number leads to its entries."""
    asked = request.GET.get("month", f"{request.today:%Y-%m}")
    if not MONTH.fullmatch(asked):
        raise Http404
    month = date.fromisoformat(f"{asked}-01")
    found = lines(request.viewer, month)
    context = {
        "lines": found,
        "total": total(found),
        "month": month,
        "month_name": period(month, add_months(month, 1)),
        "months": _months(month, request.today),
        "columns": COLUMNS,
        "fewest": FEWEST,
        "currency": request.tenant.currency,
        "owns": request.viewer.may(Right.COMMISSION_OWN),
    }
    return render(request, "commissions/review.html", context)


COLUMNS = [
    {"key": "payee", "label": gettext_lazy("Payee")},
    {"key": "department", "label": gettext_lazy("Department"), "classes": "p2"},
    {"key": "month", "label": gettext_lazy("Posted in the month"), "classes": "r w-xl"},
    {"key": "year", "label": gettext_lazy("Posted since January"), "classes": "r w-xl p2"},
    {"key": "open", "label": gettext_lazy("Still to come"), "classes": "r w-xl"},
]


def _months(month: date, today: date) -> list[dict[str, Any]]:
    """The month shown, the one before and the one after it, as segments."""
    around = [add_months(month, -1), month, add_months(month, 1)]
    return [
        {
            "label": period(each, add_months(each, 1)),
            "url": f"?month={each:%Y-%m}",
            "current": each == month,
        }
        for each in around
        if each <= today
    ]
