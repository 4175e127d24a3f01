"""申诉: the list of disputed lines, disputing one, and the page on which it is answered."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commissions.filters import LineDisputeFilters
from commissions.forms.dispute import AnswerForm, DisputeForm, WithdrawForm
from commissions.linedisputes import answering, cases, rules
from commissions.models import Adjustment, LedgerEntry, LineDispute, Statement
from commissions.views import causes
from commissions.views.remembered import remembered
from crm.accounts.access import Viewer, reach
from crm.accounts.rights import Right
from crm.periods import add_workdays, is_published, workdays_until
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done, show
from crm.web.listing import Column, Listing, View
from customers.forms.boxes import DoorForm

EITHER = (Right.COMMISSION_OWN, Right.COMMISSION_REVIEW)
SORTS = {"due_on": "due_on", "opened_on": "opened_on"}
NAMES = (
    *("statement__period", "entry__contract__customer", "member__department", "answerer", "answered_by"),
    "paid_with",
)


class Disputes(Listing):
    """Disputes that the reader opened, has to answer, or watches over. Queries: rows, counts, names."""

    filters = LineDisputeFilters
    sorts = SORTS
    ordering = "due_on"
    columns = (
        Column("line", gettext_lazy("Line")),
        Column("payee", gettext_lazy("Payee"), "w-l", right=Right.COMMISSION_REVIEW),
        Column("amount", gettext_lazy("Posted"), "r w-l p2"),
        Column("expected", pgettext_lazy("line dispute", "Expected"), "r w-l"),
        Column("answerer", pgettext_lazy("line dispute", "To be answered by"), "w-l p3"),
        Column("due", gettext_lazy("Answer due"), "r w-l", "due_on"),
        Column("state", gettext_lazy("State"), "w-l"),
    )

    def __init__(self, request: PageRequest) -> None:
        self.views = _views(request.today)
        rows = LineDispute.objects.select_related(*NAMES).defer("entry__trace")
        super().__init__(request, reach(request.viewer, rows))

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        """The rows of the page, each with whether it is late."""
        today = self.request.today
        return [
            {"row": row, "cause": causes.cause(row.entry), "late": row.is_late(today)} for row in self.rows
        ]


def _views(today: date) -> tuple[View, ...]:
    pending = "state=OPEN&state=REVIEW"
    ended = "state=UPHELD&state=PARTIAL&state=REJECTED&state=WITHDRAWN&ordering=-opened_on"
    answers, reviews = Right.COMMISSION_ANSWER, Right.COMMISSION_REVIEW
    return (
        View("answer", pgettext_lazy("line dispute", "To answer"), f"answerer=me&{pending}", answers),
        View("open", pgettext_lazy("line dispute", "All open"), pending, reviews),
        View("mine", pgettext_lazy("line dispute", "My own"), "member=me", Right.COMMISSION_OWN),
        View(
            "late", pgettext_lazy("line dispute", "Late"), f"{pending}&due_on__lt={today}", reviews, late=True
        ),
        View("ended", pgettext_lazy("line dispute", "Answered"), ended),
    )


@require_safe
@page(*EITHER, any_of=True)
def listed(request: PageRequest) -> HttpResponse:
    """Disputes to answer, open, of one's own and answered; htmx asks for the list alone."""
    context = {"disputes": Disputes(request), "on": request.today}
    context["reviews"] = request.viewer.may(Right.COMMISSION_REVIEW)
    regions = {"list": "commissions/_dispute_list.html"}
    return show(request, "commissions/disputes.html", context, regions=regions)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.COMMISSION_OWN)
def new(request: PageRequest, entry_id: UUID) -> HttpResponse:
    """Dispute a line of one's own statement; the page says what stands against it, if anything does."""
    mine: dict[str, Any] = {"member_id": request.viewer.id}
    entry = get_object_or_404(LedgerEntry.objects.select_related("contract__customer"), pk=entry_id, **mine)
    published = Statement.objects.select_related("period").filter(published_at__isnull=False)
    row = get_object_or_404(published, period__month=entry.posting_period, **mine)
    form = DisputeForm(request.POST or None, request.FILES or None, on=request.today)
    if request.method == "POST":
        act = request.act
        made = carry_out(form, lambda data: cases.open_dispute(row, entry, **data, **act))
        if made is not None:
            return done(request, reverse("commissions:dispute", args=[made.pk]), _("Disputed."))
    due_on = add_workdays(request.today, rules.in_force(request.today).answer_workdays)
    context = {
        "form": form,
        "entry": entry,
        "cause": causes.cause(entry),
        "statement": row,
        "against": cases.against(row, entry, request.today),
        "due_on": due_on,
        "guessed": not is_published(due_on),
        "keeps_out": row.period.state == "APPROVED" and entry.amount > 0,
        "on": request.today,
        "crumbs": [
            {"label": row.period.month, "url": reverse("commissions:statement", args=[row.pk])},
        ],
    }
    return render(request, "commissions/dispute_new.html", context, status=getattr(form, "status", 200))


class Act(NamedTuple):
    """What can be done to a dispute: the form, the verb on its words, and what is said then."""

    form: type[DoorForm]
    verb: Callable[..., Any]
    said: Any
    right: Right


ACTS: Mapping[str, Act] = {
    "take": Act(WithdrawForm, cases.take, gettext_lazy("Under review."), Right.COMMISSION_ANSWER),
    "answer": Act(
        AnswerForm, answering.answer, pgettext_lazy("line dispute", "Answered."), Right.COMMISSION_ANSWER
    ),
    "withdraw": Act(WithdrawForm, cases.withdraw, gettext_lazy("Withdrawn."), Right.COMMISSION_OWN),
}


@require_safe
@page(*EITHER, any_of=True)
def one(request: PageRequest, dispute_id: UUID) -> HttpResponse:
    """One dispute, with the forms of what the reader can do about it."""
    return _shown(request, _found(request, dispute_id), {})


@require_POST
@page(*EITHER, any_of=True)
def act(request: PageRequest, dispute_id: UUID, name: str) -> HttpResponse:
    """Take into review, answer, or withdraw."""
    row, known = _found(request, dispute_id), ACTS[name]
    if not request.viewer.may(known.right):
        raise PermissionDenied
    form = known.form(request.POST, on=request.today)
    if carry_out(form, lambda data: known.verb(row, **data, **request.act)) is None:
        return _shown(request, row, {name: form})
    return done(request, reverse("commissions:dispute", args=[dispute_id]), str(known.said))


def acts_of(row: LineDispute, viewer: Viewer) -> set[str]:
    """What the reader can do about a dispute as it stands."""
    if not row.is_pending:
        return set()
    acts = {"answer"} if cases.may_answer(row, viewer) else set()
    if acts and row.state == LineDispute.State.OPEN:
        acts.add("take")
    return acts | ({"withdraw"} if row.member_id == viewer.id else set())


def _found(request: PageRequest, dispute_id: UUID) -> LineDispute:
    rows = reach(request.viewer, LineDispute.objects.select_related(*NAMES))
    return get_object_or_404(rows, pk=dispute_id)


def _shown(request: PageRequest, row: LineDispute, sent: Mapping[str, DoorForm]) -> HttpResponse:
    viewer, today = request.viewer, request.today
    adjustments = reach(viewer, Adjustment.objects.filter(dispute=row).select_related("entry", "decided_by"))
    found = list(adjustments.order_by("proposed_at"))
    context = {
        "row": row,
        "entry": row.entry,
        "cause": causes.cause(row.entry),
        "difference": row.expected - row.entry.amount,
        "is_mine": row.member_id == viewer.id,
        "late": row.is_late(today),
        "left": workdays_until(row.due_on, today) if row.is_pending else None,
        "attachments": row.attachments.all(),
        "adjustments": found,
        "history": remembered([row.pk, *(each.pk for each in found)], today),
        "forms": {name: ACTS[name].form(on=today) for name in acts_of(row, viewer)} | dict(sent),
        "on": today,
        "crumbs": [{"label": _("Disputed lines"), "url": reverse("commissions:disputes")}],
    }
    status = next((getattr(form, "status", 200) for form in sent.values()), 200)
    return render(request, "commissions/dispute.html", context, status=status)
