"""The months of commission: all of them, one with its checklist and statements, and the steps of closing."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from commissions import checklist, closing
from commissions.filters import StatementFilters
from commissions.models import Period, Statement
from commissions.models.period import State
from commissions.statement import FEWEST
from commissions.views import commencing
from commissions.views.behind import BEHIND
from crm.accounts.access import Viewer, reach
from crm.accounts.rights import Right, Scope
from crm.refusal import Fault
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done, show
from crm.web.listing import Column, Listing
from crm.web.templatetags.days import day_list, moment


@dataclass(frozen=True)
class Act:
    """A step of closing: its verb, who may, the button and what is said afterwards."""

    verb: str
    right: Right
    label: Any
    done: Any
    icon: str = "check"


ACTS = {
    "calculation": Act(
        "calculate",
        Right.PERIOD_CALCULATE,
        gettext_lazy("Calculate"),
        gettext_lazy("The month is calculated."),
        "refresh",
    ),
    "review": Act("review", Right.PERIOD_REVIEW, gettext_lazy("Reviewed"), gettext_lazy("Reviewed.")),
    "approval": Act(
        "approve",
        Right.PERIOD_APPROVE,
        gettext_lazy("Approve and publish"),
        gettext_lazy("Approved: every payee finds his statement."),
    ),
    "payout": Act(
        "pay_out", Right.PERIOD_PAY, gettext_lazy("Paid out"), gettext_lazy("Recorded as paid out."), "cash"
    ),
    "close": Act("close", Right.PERIOD_PAY, gettext_lazy("Close"), gettext_lazy("Closed for good."), "lock"),
}
SORTS = {"payable": "payable", "closing_carry": "closing_carry"}


class Statements(Listing):
    """The statements of a month within reach, who is paid most first."""

    filters = StatementFilters
    sorts = SORTS
    ordering = "-payable"
    columns = (
        Column("payee", gettext_lazy("Payee")),
        Column("department", gettext_lazy("Department"), "p2"),
        Column("opening", gettext_lazy("Carried in"), "r w-l p3"),
        Column("posted", gettext_lazy("Posted"), "r w-l p2"),
        Column("payable", gettext_lazy("To be paid"), "r w-l", "payable"),
        Column("closing", gettext_lazy("Carried on"), "r w-l p2", "closing_carry"),
        Column("reviewed", gettext_lazy("Reviewed by"), "w-l p3"),
    )

    def __init__(self, request: PageRequest, period: Period) -> None:
        rows = Statement.objects.filter(period=period)
        rows = rows.select_related("member", "department", "payee_department", "period")
        self.reviews = list(period.reviews.select_related("reviewer"))
        super().__init__(request, reach(request.viewer, rows))

    @property
    def lines(self) -> list[tuple[Statement, str]]:
        """The rows of the page, each with who looked it through."""
        return [
            (row, "、".join(each.reviewer.name for each in self.reviews if each.covers(row)))
            for row in self.rows
        ]


@dataclass(frozen=True)
class Total:
    """What the statements within reach come to; `payable` is None over fewer than three payees."""

    payees: int
    payable: Decimal | None


def totals(viewer: Viewer, periods: QuerySet[Period]) -> dict[UUID, Total]:
    """What each month pays those whom the reader reviews: one query."""
    rows = reach(viewer, Statement.objects.filter(period__in=periods)).order_by().values_list("period")
    found = rows.annotate(payees=Count("pk"), payable=Sum("payable"))
    return {
        key: Total(payees, payable if payees >= FEWEST or viewer.commission is Scope.TENANT else None)
        for key, payees, payable in found
    }


@require_safe
@page(Right.COMMISSION_REVIEW)
def listed(request: PageRequest) -> HttpResponse:
    """All months, the latest first, with what they pay those whom the reader reviews."""
    periods = Period.objects.order_by("-month")
    found = totals(request.viewer, periods)
    context = {
        "lines": [(row, found.get(row.pk)) for row in periods],
        "columns": COLUMNS,
        "currency": request.tenant.currency,
        "on": request.today,
        **commencing.offer(request.viewer),
    }
    return render(request, "commissions/periods.html", context)


COLUMNS = [
    {"key": "month", "label": gettext_lazy("Month")},
    {"key": "state", "label": gettext_lazy("State"), "classes": "w-l"},
    {"key": "next", "label": gettext_lazy("Next step due"), "classes": "w-l p2"},
    {"key": "payees", "label": gettext_lazy("Payees"), "classes": "r w-m p2"},
    {"key": "payable", "label": gettext_lazy("To be paid"), "classes": "r w-xl"},
]


@require_safe
@page(Right.COMMISSION_REVIEW)
def one(request: PageRequest, period_id: UUID) -> HttpResponse:
    """A month: its steps, what stands in their way, and the statements within reach."""
    return _shown(request, get_object_or_404(Period, pk=period_id), forms.Form())


@require_POST
@page(*(act.right for act in ACTS.values()), any_of=True)
def act(request: PageRequest, period_id: UUID, name: str) -> HttpResponse:
    """One step of closing, by who may."""
    period = get_object_or_404(Period, pk=period_id)
    if not request.viewer.may(ACTS[name].right):
        raise PermissionDenied
    form = forms.Form(request.POST)
    verb = getattr(closing, ACTS[name].verb)
    if carry_out(form, lambda _data: verb(period, **request.act)) is None:
        period.refresh_from_db()
        return _shown(request, period, form)
    return done(request, reverse("commissions:period", args=[period.pk]), str(ACTS[name].done))


@dataclass(frozen=True)
class Offer:
    """A step that the reader may do now, or why he may not."""

    name: str
    act: Act
    url: str
    faults: list[Fault]


def offers(viewer: Viewer, period: Period, on: date) -> list[Offer]:
    """The steps that stand next and that the reader has the right to."""
    found = []
    for name, each in ACTS.items():
        if period.state in closing.BEFORE[each.verb] and viewer.may(each.right):
            url = reverse(f"commissions:period-{name}", args=[period.pk])
            found.append(Offer(name, each, url, closing.against(each.verb, period, viewer, on)))
    return found


def _shown(request: PageRequest, period: Period, form: forms.Form) -> HttpResponse:
    viewer, on = request.viewer, request.today
    whole = viewer.commission is Scope.TENANT
    context = {
        "period": period,
        "statements": Statements(request, period),
        "total": totals(viewer, Period.objects.filter(pk=period.pk)).get(period.pk),
        "points": [(point, _rows_url(period, point)) for point in checklist.of(period, on)] if whole else [],
        "steps": steps(period, on),
        "offers": offers(viewer, period, on),
        "form": form,
        "exports": viewer.may(Right.PAYROLL_EXPORT),
        "fewest": FEWEST,
        "currency": request.tenant.currency,
        "on": on,
        "crumbs": [{"label": _("Months"), "url": reverse("commissions:periods")}],
    }
    regions = {"list": "commissions/_period_statements.html"}
    return show(
        request, "commissions/period.html", context, regions=regions, status=getattr(form, "status", 200)
    )


def _rows_url(period: Period, point: checklist.Point) -> str:
    """Where the rows behind a point stand."""
    if not point.is_open:
        return ""
    if point.key == "previous":
        last = closing.before(period)
        return reverse("commissions:period", args=[last.pk]) if last else ""
    if point.key == "reviews":
        return "#list"
    return reverse("commissions:period-rows", args=[period.pk, point.key]) if point.key in BEHIND else ""


def steps(period: Period, on: date) -> list[dict[str, str]]:
    """The steps of a month: who did them when, or by when they are due; none if settled elsewhere."""
    if period.state == State.ELSEWHERE:
        return []
    reviewers = "、".join(each.reviewer.name for each in period.reviews.select_related("reviewer"))
    people = {
        State.CALCULATED: (period.calculated_by, period.calculated_at, period.calculate_by),
        State.REVIEWED: (reviewers, period.reviewed_at, None),
        State.APPROVED: (period.approved_by, period.approved_at, period.publish_by),
        State.PAID: (period.paid_by, period.paid_at, period.pay_by),
        State.CLOSED: (period.closed_by, period.closed_at, None),
    }
    reached = list(State).index(State(period.state))
    found = []
    for number, (state, (who, at, due)) in enumerate(people.items(), 1):
        note = " · ".join(filter(None, [str(who or ""), moment(at, on) if at else ""]))
        if not at and due:
            note = _("by %(day)s") % {"day": day_list(due, on)}
        word = "done" if number <= reached else "now" if number == reached + 1 else "next"
        found.append({"label": str(state.label), "note": note, "state": word})
    return found
