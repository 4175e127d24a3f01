"""A statement of commission: opening carry, lines by kind, what is paid, closing carry."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from commissions import payouts, statements
from commissions.models import Statement
from commissions.views import causes, onward, printed
from crm.accounts.access import Viewer, reach
from crm.accounts.rights import Right
from crm.money import capitals
from crm.periods import add_months
from crm.web.access import PageRequest, page
from crm.web.fragments import done
from crm.web.templatetags.days import period as month_in_words
from customers.models import Contract

EITHER = (Right.COMMISSION_OWN, Right.COMMISSION_REVIEW)
MOST = 200
RELATED = ("period", "member", "department", "payee_department", "plan_version__plan")


def found(request: PageRequest, statement_id: UUID) -> Statement:
    """A statement within reach: one's own once it is published, and those of one's payees."""
    rows = reach(request.viewer, Statement.objects.select_related(*RELATED))
    return get_object_or_404(rows, pk=statement_id)


@require_safe
@page(*EITHER, any_of=True)
def one(request: PageRequest, statement_id: UUID) -> HttpResponse:
    """The statement with every line and what leads to it."""
    row = found(request, statement_id)
    month = row.period.first_day
    groups = statements.groups(row, MOST)
    led = onward.of_lines(request, row, [entry for group in groups for entry in group.lines])
    context = {
        "row": row,
        "month": month_in_words(month, add_months(month, 1)),
        "groups": [(group, lines(request.viewer, group, led)) for group in groups],
        "payout": payouts.of_statement(row),
        "capitals": capitals(row.payable) if row.currency == "CNY" else "",
        "year": statements.year(row, request.today),
        "is_mine": row.member_id == request.viewer.id,
        "entries_url": _entries_url(row, row.member_id == request.viewer.id),
        "columns": COLUMNS,
        "on": request.today,
        "crumbs": _crumbs(request.viewer, row),
    }
    return render(request, "commissions/statement.html", context)


COLUMNS = [
    {"key": "date", "label": gettext_lazy("Date"), "classes": "w-m"},
    {"key": "contract", "label": gettext_lazy("Contract")},
    {"key": "receipt", "label": gettext_lazy("Because of"), "classes": "p2"},
    {"key": "how", "label": gettext_lazy("How"), "classes": "p2"},
    {"key": "version", "label": gettext_lazy("Rule"), "classes": "w-l p3"},
    {"key": "amount", "label": gettext_lazy("Amount"), "classes": "r w-l"},
    {"key": "dispute", "label": pgettext_lazy("line dispute", "Dispute"), "classes": "w-m"},
]


@require_POST
@page(Right.COMMISSION_OWN)
def confirm(request: PageRequest, statement_id: UUID) -> HttpResponse:
    """The payee has read his statement."""
    row = get_object_or_404(Statement.objects.filter(member_id=request.viewer.id), pk=statement_id)
    row = found(request, row.pk)
    statements.confirm(row, **request.act)
    return done(request, reverse("commissions:statement", args=[row.pk]), _("Confirmed."))


def lines(viewer: Viewer, group: statements.Group, led: Mapping[UUID, onward.Led]) -> list[dict[str, Any]]:
    """The lines of a kind: the entry, what it came from, how it was worked out, what hangs on it, and whether
    the reader may open its contract."""
    contracts = [entry.contract_id for entry in group.lines if entry.contract_id]
    near: set[Any] = set()
    if contracts and viewer.may(Right.CONTRACT_VIEW):
        rows = Contract.objects.filter(pk__in=contracts)
        near = set(reach(viewer, rows).values_list("pk", flat=True))
    return [
        {
            "entry": entry,
            "cause": causes.cause(entry),
            "how": causes.how(entry),
            "near": entry.contract_id in near,
            "led": led[entry.pk],
        }
        for entry in group.lines
    ]


def _entries_url(row: Statement, is_mine: bool) -> str:
    kind, payee = ("member", row.member_id) if row.member_id else ("department", row.department_id)
    words = "member=me" if is_mine else f"view=all&{kind}={payee}"
    return f"{reverse('commissions:entries')}?{words}&posting_period={row.period.month}"


def _crumbs(viewer: Viewer, row: Statement) -> list[dict[str, str]]:
    if viewer.may(Right.COMMISSION_REVIEW) and row.member_id != viewer.id:
        return [
            {"label": _("Months"), "url": reverse("commissions:periods")},
            {"label": row.period.month, "url": reverse("commissions:period", args=[row.period_id])},
        ]
    return [{"label": _("My commission"), "url": reverse("commissions:mine")}]


@require_safe
@page(*EITHER, any_of=True)
def pdf(request: PageRequest, statement_id: UUID) -> HttpResponse:
    """The statement to print or to keep."""
    row = found(request, statement_id)
    paper = printed.statement(row, tenant=request.tenant, viewer=request.viewer, at=request.now)
    return HttpResponse(paper, content_type="application/pdf", headers=printed.named(row))
