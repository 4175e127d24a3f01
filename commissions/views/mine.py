"""The statement of a payee: one's own, and for reviewers that of others."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from commissions import statement
from commissions.models import Entitlement, LedgerEntry, Statement
from commissions.views import pay
from crm.accounts.access import Viewer, reach
from crm.accounts.models import Department, Member
from crm.accounts.rights import Right
from crm.periods import add_months
from crm.web.access import PageRequest, page
from crm.web.templatetags.days import period
from customers.models import Contract

BACK = 5
MONTHS = 12
MOST = 50
MOST_COMING = 200
MONTH = re.compile(r"20\d{2}-(0[1-9]|1[0-2])")
EITHER = (Right.COMMISSION_OWN, Right.COMMISSION_REVIEW)
KINDS: dict[str, type[Member] | type[Department]] = {"member": Member, "department": Department}


@dataclass(frozen=True)
class Payee:
    """Whose statement is read; `kind` is member or department."""

    kind: str
    id: UUID
    name: str
    is_me: bool

    @property
    def whose(self) -> Q:
        return Q(**{f"{self.kind}_id": self.id})

    @property
    def query(self) -> str:
        """The words of the list of entries that leave his rows."""
        return "member=me" if self.is_me else f"view=all&{self.kind}={self.id}"

    def url(self, name: str) -> str:
        """A page of this payee: `statement` or `to-come`."""
        if self.is_me:
            return reverse("commissions:mine" if name == "statement" else f"commissions:{name}")
        return reverse(f"commissions:payee-{name}", args=[self.kind, self.id])


def me(viewer: Viewer) -> Payee:
    return Payee("member", viewer.id, viewer.name, True)


def payee(viewer: Viewer, kind: str, payee_id: UUID) -> Payee:
    """A payee whose commission the viewer reviews, or himself; Http404 for any other."""
    if kind == "member" and payee_id == viewer.id:
        return me(viewer)
    found = KINDS[kind].objects.filter(pk=payee_id).first()
    seen = Q(**{f"{kind}_id": payee_id})
    known = any(reach(viewer, rows.filter(seen)).exists() for rows in _rows()) if found else False
    if found is None or not known:
        raise Http404
    return Payee(kind, payee_id, found.name, False)


def _rows() -> tuple[Any, ...]:
    return LedgerEntry.objects.all(), Entitlement.objects.all()


@require_safe
@page(*EITHER, any_of=True)
def mine(request: PageRequest) -> HttpResponse:
    """My commission: what came, what is still to come, and what stands behind each number."""
    if not request.viewer.may(Right.COMMISSION_OWN):
        return redirect("commissions:review")
    return _statement(request, me(request.viewer))


@require_safe
@page(Right.COMMISSION_REVIEW)
def of_payee(request: PageRequest, kind: str, payee_id: UUID) -> HttpResponse:
    """The same for a payee that the reader reviews."""
    return _statement(request, payee(request.viewer, kind, payee_id))


def _statement(request: PageRequest, whose: Payee) -> HttpResponse:
    on, currency = request.today, request.tenant.currency
    known = statement.parts(whose.whose)
    sums, lines = statement.sums(whose.whose, on, known), statement.lines(known, MOST)
    links = pay.links(whose.query, whose.url("to-come"))
    months = statement.months(whose.whose, on, BACK)
    context = {
        "payee": whose,
        "sums": sums,
        "lines": lines,
        "more": max(0, len({contract for contract, _year in known}) - MOST),
        "plot": pay.plot(months, statement.coming(known, on), on, currency, links),
        "entries_url": links[0],
        "to_come_url": links[1],
        "month_url": f"{links[0]}&posting_period={on:%Y-%m}",
        "year_url": f"{links[0]}&posting_period__gte={on:%Y}-01&posting_period__lte={on:%Y}-12",
        "forfeited_url": _forfeited_url(whose, on),
        "statements": _statements(request.viewer, whose),
        "reachable": _reachable(request.viewer, lines),
        "columns": LINE_COLUMNS,
        "statement_columns": STATEMENT_COLUMNS,
        "reviews": request.viewer.may(Right.COMMISSION_REVIEW),
        "on": on,
        "currency": currency,
    }
    return render(request, "commissions/mine.html", context)


def _statements(viewer: Viewer, whose: Payee) -> list[Statement]:
    """His latest statements that the reader may see."""
    rows = reach(viewer, Statement.objects.filter(whose.whose).select_related("period"))
    return list(rows.order_by("-period__month")[:MONTHS])


STATEMENT_COLUMNS = [
    {"key": "month", "label": gettext_lazy("Month"), "classes": "w-l"},
    {"key": "posted", "label": gettext_lazy("Posted"), "classes": "r p2"},
    {"key": "payable", "label": gettext_lazy("To be paid"), "classes": "r"},
    {"key": "closing", "label": gettext_lazy("Carried on"), "classes": "r p2"},
    {"key": "state", "label": gettext_lazy("State"), "classes": "w-l"},
]


def _forfeited_url(whose: Payee, on: date) -> str:
    words = f"kind=FORFEIT&posting_period__gte={on:%Y}-01&posting_period__lte={on:%Y}-12"
    return f"{reverse('commissions:entries')}?{whose.query}&{words}"


LINE_COLUMNS = [
    {"key": "number", "label": gettext_lazy("Contract")},
    {"key": "expected", "label": gettext_lazy("In all"), "classes": "r w-xl p2"},
    {"key": "posted", "label": gettext_lazy("Posted"), "classes": "r w-l"},
    {"key": "forfeited", "label": gettext_lazy("Forfeited"), "classes": "r w-l p2"},
    {"key": "open", "label": gettext_lazy("Still to come"), "classes": "r w-l"},
]


def _reachable(viewer: Viewer, lines: list[statement.Line]) -> set[UUID]:
    """The contracts of the page that the reader may open."""
    if not viewer.may(Right.CONTRACT_VIEW):
        return set()
    rows = Contract.objects.filter(pk__in=[line.contract.pk for line in lines])
    return set(reach(viewer, rows).values_list("pk", flat=True))


@require_safe
@page(Right.COMMISSION_OWN)
def to_come(request: PageRequest) -> HttpResponse:
    """What is still to come for me, by instalment."""
    return _to_come(request, me(request.viewer))


@require_safe
@page(Right.COMMISSION_REVIEW)
def payee_to_come(request: PageRequest, kind: str, payee_id: UUID) -> HttpResponse:
    """The same for a payee that the reader reviews."""
    return _to_come(request, payee(request.viewer, kind, payee_id))


def _to_come(request: PageRequest, whose: Payee) -> HttpResponse:
    month = _month(request.GET.get("month", ""))
    known = statement.parts(whose.whose)
    found = statement.coming(known, request.today)
    posted = None
    if month is not None:
        found = [each for each in found if each.on.replace(day=1) == month]
        posted = dict(statement.months(whose.whose, month, 0))[month]
    contracts = Contract.objects.select_related("customer").in_bulk(
        {each.contract_id for each in found[:MOST_COMING]}
    )
    context = {
        "payee": whose,
        "month": period(month, add_months(month, 1)) if month else "",
        "posted": posted,
        "entries_url": f"{pay.links(whose.query, '')[0]}&posting_period={month:%Y-%m}" if month else "",
        "rows": [(each, contracts[each.contract_id]) for each in found[:MOST_COMING]],
        "more": max(0, len(found) - MOST_COMING),
        "sum": sum((each.amount for each in found), Decimal("0.00")),
        "columns": COMING_COLUMNS,
        "on": request.today,
        "currency": request.tenant.currency,
        "crumbs": [{"label": _("Commission"), "url": whose.url("statement")}],
    }
    return render(request, "commissions/to_come.html", context)


COMING_COLUMNS = [
    {"key": "on", "label": gettext_lazy("Expected"), "classes": "w-l"},
    {"key": "number", "label": gettext_lazy("Contract"), "classes": "w-l"},
    {"key": "customer", "label": gettext_lazy("Customer"), "classes": "p1"},
    {"key": "due", "label": gettext_lazy("Instalment due"), "classes": "w-l p2"},
    {"key": "amount", "label": gettext_lazy("Amount"), "classes": "r w-xl"},
]


def _month(text: str) -> date | None:
    if not text:
        return None
    if not MONTH.fullmatch(text):
        raise Http404
    return date.fromisoformat(f"{text}-01")
