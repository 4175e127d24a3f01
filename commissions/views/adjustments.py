"""Adjustments of commission by hand: the list, proposing one, and the page on which it is decided."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commissions import adjusting, attachments
from commissions.filters import AdjustmentFilters
from commissions.forms.dispute import AdjustmentForm, ApproveForm, RefuseForm, WithdrawForm
from commissions.linedisputes import rules
from commissions.models import Adjustment, Attachment, LedgerEntry
from commissions.views import causes
from commissions.views.remembered import remembered
from crm.accounts.access import Viewer, reach
from crm.accounts.rights import Right
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done, show
from crm.web.listing import Column, Listing, View
from customers.forms.boxes import DoorForm

MOST = 20  # payees offered at once
EITHER = (Right.COMMISSION_OWN, Right.COMMISSION_REVIEW)
SORTS = {"proposed_at": "proposed_at", "amount": "amount"}
NAMES = (
    *("member", "department", "payee_department", "proposed_by", "decided_by", "dispute", "entry"),
    "corrects__contract__customer",
)


class Adjustments(Listing):
    """The adjustments of the payees whom the reader reviews, the latest first."""

    filters = AdjustmentFilters
    sorts = SORTS
    ordering = "-proposed_at"
    columns = (
        Column("payee", gettext_lazy("Payee")),
        Column("line", gettext_lazy("Line"), "p2"),
        Column("proposed", gettext_lazy("Proposed by"), "w-xl p3", "proposed_at"),
        Column("decided", gettext_lazy("Decided by"), "w-l p3"),
        Column("month", gettext_lazy("Posted in"), "w-m p2"),
        Column("state", gettext_lazy("State"), "w-l"),
        Column("amount", gettext_lazy("Amount"), "r w-l", "amount"),
    )
    views = (
        View("waiting", pgettext_lazy("adjustment", "To decide"), "state=PROPOSED"),
        View(
            "mine", pgettext_lazy("adjustment", "Proposed by me"), "proposed_by=me", Right.ADJUSTMENT_PROPOSE
        ),
        View("posted", pgettext_lazy("adjustment", "Posted"), "state=APPROVED"),
        View("all", pgettext_lazy("adjustment", "All"), ""),
    )

    def __init__(self, request: PageRequest) -> None:
        rows = Adjustment.objects.select_related(*NAMES).defer("corrects__trace", "entry__trace")
        super().__init__(request, reach(request.viewer, rows))


@require_safe
@page(Right.COMMISSION_REVIEW)
def listed(request: PageRequest) -> HttpResponse:
    """Adjustments to decide, proposed by the reader, posted, and all."""
    context = {"adjustments": Adjustments(request), "on": request.today}
    context["proposes"] = request.viewer.may(Right.ADJUSTMENT_PROPOSE)
    regions = {"list": "commissions/_adjustment_list.html"}
    return show(request, "commissions/adjustments.html", context, regions=regions)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.ADJUSTMENT_PROPOSE)
def new(request: PageRequest) -> HttpResponse:
    """Propose an adjustment of the line in the address, or of a payee who is chosen."""
    line = _line(request)
    about: dict[str, Any] = {"viewer": request.viewer, "of_line": line is not None, "on": request.today}
    initial = {"effective_on": line.effective_date if line else request.today}
    form = AdjustmentForm(request.POST or None, request.FILES or None, initial=initial, **about)
    if request.method == "POST":
        act = request.act
        made = carry_out(form, lambda data: adjusting.propose(corrects=line, **data, **act))
        if made is not None:
            return done(
                request,
                reverse("commissions:adjustment", args=[made.pk]),
                pgettext("adjustment", "Proposed."),
            )
    context = {
        "form": form,
        "line": line,
        "cause": causes.cause(line) if line else "",
        "rules": rules.in_force(request.today),
        "currency": request.tenant.currency,
        "on": request.today,
        "crumbs": _crumbs(),
    }
    return render(request, "commissions/adjustment_new.html", context, status=getattr(form, "status", 200))


@require_safe
@page(Right.ADJUSTMENT_PROPOSE)
def payees(request: PageRequest) -> HttpResponse:
    """Payees whose commission the reader reviews, people before departments, as the box offers them."""
    term, options = request.GET.get("q", "").strip(), []
    for rows in adjusting.payees(request.viewer):
        named = rows.filter(Q(name__icontains=term) | Q(code__icontains=term))[:MOST]
        options += [{"value": row.pk, "label": str(row), "note": row.code} for row in named]
    return render(request, "components/options.html", {"options": options})


class Act(NamedTuple):
    """What can be done to an adjustment: the form, the verb, what is said then, the right."""

    form: type[DoorForm]
    verb: Callable[..., Any]
    said: Any
    right: Right


ACTS: Mapping[str, Act] = {
    "approve": Act(
        ApproveForm, adjusting.approve, gettext_lazy("Approved and posted."), Right.ADJUSTMENT_APPROVE
    ),
    "refuse": Act(
        RefuseForm, adjusting.refuse, pgettext_lazy("adjustment", "Refused."), Right.ADJUSTMENT_APPROVE
    ),
    "withdraw": Act(WithdrawForm, adjusting.withdraw, gettext_lazy("Taken back."), Right.ADJUSTMENT_PROPOSE),
}


@require_safe
@page(*EITHER, any_of=True)
def one(request: PageRequest, adjustment_id: UUID) -> HttpResponse:
    """One adjustment, with what the reader can do about it, or why he may not decide."""
    return _shown(request, _found(request, adjustment_id), {})


@require_POST
@page(Right.ADJUSTMENT_APPROVE, Right.ADJUSTMENT_PROPOSE, any_of=True)
def act(request: PageRequest, adjustment_id: UUID, name: str) -> HttpResponse:
    """Approve, refuse, or take back."""
    row, known = _found(request, adjustment_id), ACTS[name]
    if not request.viewer.may(known.right):
        raise PermissionDenied
    form = known.form(request.POST, on=request.today)
    if carry_out(form, lambda data: known.verb(row, **data, **request.act)) is None:
        return _shown(request, row, {name: form})
    return done(request, reverse("commissions:adjustment", args=[adjustment_id]), str(known.said))


@require_safe
@page(*EITHER, any_of=True)
def attachment(request: PageRequest, attachment_id: UUID) -> HttpResponse:
    """A file beside a dispute or an adjustment, to be saved, never shown inside a page of ours."""
    return sent(get_object_or_404(reach(request.viewer, Attachment.objects.all()), pk=attachment_id))


def sent(row: Attachment) -> Any:
    """The file as an answer."""
    about: dict[str, Any] = {"as_attachment": True, "filename": row.name, "content_type": row.media_type}
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
    return FileResponse(attachments.opened(row), **about, headers=headers)


def _found(request: PageRequest, adjustment_id: UUID) -> Adjustment:
    rows = reach(request.viewer, Adjustment.objects.select_related(*NAMES))
    return get_object_or_404(rows, pk=adjustment_id)


def _line(request: PageRequest) -> LedgerEntry | None:
    """The line that the address names; Http404 for one whose payee the reader does not review."""
    text = request.GET.get("line", "")
    if not text:
        return None
    rows = reach(request.viewer, LedgerEntry.objects.select_related("contract__customer", "member"))
    try:
        found = rows.exclude(member_id=request.viewer.id).filter(pk=text).first()
    except ValidationError:
        found = None
    if found is None:
        raise Http404
    return found


def _shown(request: PageRequest, row: Adjustment, typed: Mapping[str, DoorForm]) -> HttpResponse:
    viewer, today = request.viewer, request.today
    waits = row.state == Adjustment.State.PROPOSED
    against = adjusting.against(row, viewer, today) if waits else []
    context = {
        "row": row,
        "line": row.corrects,
        "cause": causes.cause(row.corrects) if row.corrects else "",
        "against": against if waits and viewer.may(Right.ADJUSTMENT_APPROVE) else [],
        "decider": adjusting.BANDS[rules.band_of(row.amount, rules.in_force(today))] if waits else "",
        "attachments": row.attachments.all(),
        "history": remembered([row.pk], today),
        "forms": {name: ACTS[name].form(on=today) for name in acts_of(row, viewer, against)} | dict(typed),
        "on": today,
        "crumbs": _crumbs() if viewer.may(Right.COMMISSION_REVIEW) else [],
    }
    status = next((getattr(form, "status", 200) for form in typed.values()), 200)
    return render(request, "commissions/adjustment.html", context, status=status)


def acts_of(row: Adjustment, viewer: Viewer, against: list[Any]) -> set[str]:
    """What the reader can do about an adjustment as it stands."""
    if row.state != Adjustment.State.PROPOSED:
        return set()
    if row.proposed_by_id == viewer.id:
        return {"withdraw"} if row.dispute_id is None and viewer.may(Right.ADJUSTMENT_PROPOSE) else set()
    return set() if against else {"approve", "refuse"}


def _crumbs() -> list[dict[str, str]]:
    return [{"label": _("Adjustments"), "url": reverse("commissions:adjustments")}]
