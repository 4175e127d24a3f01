"""Periodic evaluation: the cycles, one with its customers, one customer's verdict."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.accounts.access import reach
from crm.accounts.rights import Right
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done, show
from crm.web.keyset import Sort
from crm.web.listing import Column, Listing, View
from customers.views.place import reached
from tiers import policies
from tiers import reviews as verbs
from tiers.filters import ReviewLineFilters
from tiers.forms import ConfirmationForm, ReviewForm, SignatureForm, VerdictForm
from tiers.models import Review, ReviewLine
from tiers.views.place import labels, tabs

COLUMNS = (
    (gettext_lazy("Cycle"), ""),
    (gettext_lazy("Frozen on"), "r w-m p2"),
    (gettext_lazy("To be judged by"), "r w-m"),
    (gettext_lazy("Proposed"), "r w-m"),
    (gettext_lazy("Confirmed"), "r w-m"),
    (gettext_lazy("Signed"), "w-l"),
)


class Lines(Listing):
    """The customers of a cycle within reach. Queries: rows, counts, verdicts of the cycle before."""

    filters = ReviewLineFilters
    sorts: Mapping[str, Sort | str] = {
        "id": "id",
        "annual_amount": Sort("annual_amount", right=Right.SEE_AMOUNT),
    }
    columns = (
        Column("customer", gettext_lazy("Customer")),
        Column("tier", gettext_lazy("Tier"), "w-m"),
        Column("amount", gettext_lazy("Annual amount"), "r w-l p2", "annual_amount", Right.SEE_AMOUNT),
        Column("last", gettext_lazy("Last cycle"), "w-l p3"),
        Column("verdict", gettext_lazy("Verdict"), "w-l"),
        Column("reason", gettext_lazy("Reason"), "p2"),
        Column("state", gettext_lazy("State"), "w-m"),
    )

    def __init__(self, request: PageRequest, review: Review) -> None:
        self.views = (
            View("all", pgettext_lazy("review", "All")),
            View("mine", pgettext_lazy("review", "Mine to propose"), "owner=me&proposed=false"),
            View("confirm", gettext_lazy("To be confirmed"), "proposed=true&confirmed=false"),
            View("up", pgettext_lazy("verdict", "Up"), "verdict=UP"),
            View("down", pgettext_lazy("verdict", "Down"), "verdict=DOWN"),
        )
        self.before = verbs.last_signed(review)
        self.ordering = "-annual_amount" if request.viewer.may(Right.SEE_AMOUNT) else "id"
        rows = ReviewLine.objects.filter(review=review).select_related("customer", "owner")
        super().__init__(request, reach(request.viewer, rows))

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The rows of the page, each with what the cycle before said of it."""
        last: dict[Any, ReviewLine] = {}
        if self.before:
            ids = [row.customer_id for row in self.rows]
            found = ReviewLine.objects.filter(review=self.before, customer__in=ids)
            last = {row.customer_id: row for row in found}
        return [{"row": row, "last": last.get(row.customer_id)} for row in self.rows]


@require_safe
@page(Right.CUSTOMER_VIEW)
def cycles(request: PageRequest) -> HttpResponse:
    """All cycles, the latest first, each with how far it is among the reader's customers."""
    rows = reach(request.viewer, ReviewLine.objects.all()).order_by().values("review")
    told = rows.annotate(
        customers=Count("pk"),
        proposed=Count("pk", filter=Q(proposed_on__isnull=False)),
        confirmed=Count("pk", filter=Q(confirmed_on__isnull=False)),
    )
    counts = {one["review"]: one for one in told}
    found = Review.objects.select_related("signed_by")
    context = {
        "cycles": [(row, counts.get(row.pk)) for row in found],
        "columns": [{"key": "", "label": str(label), "classes": classes} for label, classes in COLUMNS],
        "begins": request.viewer.may(Right.TIER_DECIDE),
        "on": request.today,
        "tabs": tabs(request.viewer, "tiers:reviews"),
    }
    return render(request, "tiers/reviews.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.TIER_DECIDE)
def new(request: PageRequest) -> HttpResponse:
    """Begin a cycle: the list is frozen as of today."""
    form = ReviewForm(request.POST if request.method == "POST" else None, on=request.today)
    if request.method == "POST":
        made = carry_out(form, lambda data: verbs.begin(**data, **request.act))
        if made is not None:
            return done(request, reverse("tiers:review", args=[made.pk]), _("The list is frozen."))
    context = {"form": form, "crumbs": _crumbs()}
    return render(request, "tiers/review_new.html", context, status=getattr(form, "status", 200))


@require_safe
@page(Right.CUSTOMER_VIEW)
def one(request: PageRequest, review_id: UUID) -> HttpResponse:
    """The customers of a cycle; htmx asks for the list alone."""
    return _shown(request, get_object_or_404(Review, pk=review_id), SignatureForm(on=request.today))


@require_POST
@page(Right.TIER_DECIDE)
def sign(request: PageRequest, review_id: UUID) -> HttpResponse:
    """Sign a cycle."""
    review = get_object_or_404(Review, pk=review_id)
    form = SignatureForm(request.POST, on=request.today)
    if carry_out(form, lambda data: verbs.sign(review, **data, **request.act)) is None:
        return _shown(request, review, form)
    return done(request, reverse("tiers:review", args=[review_id]), _("Signed: what was agreed holds."))


def _shown(request: PageRequest, review: Review, form: SignatureForm) -> HttpResponse:
    context = {
        "review": review,
        "lines": Lines(request, review),
        "own": labels(policies.in_force(request.today).bands.all()),
        "form": form if review.is_open and request.viewer.may(Right.TIER_DECIDE) else None,
        "sees_amount": request.viewer.may(Right.SEE_AMOUNT),
        "currency": request.tenant.currency,
        "on": request.today,
        "crumbs": _crumbs(),
    }
    status = getattr(form, "status", 200)
    regions = {"list": "tiers/_review.html"}
    return show(request, "tiers/review.html", context, regions=regions, status=status)


@require_safe
@page(Right.CUSTOMER_VIEW)
def line(request: PageRequest, line_id: UUID) -> HttpResponse:
    """One customer of a cycle, with the form of whoever may propose or confirm."""
    return _line(request, _found(request, line_id))


@require_POST
@page(Right.CUSTOMER_EDIT)
def propose(request: PageRequest, line_id: UUID) -> HttpResponse:
    """Propose a verdict for a customer of one's own."""
    row = _found(request, line_id)
    if not verbs.may_propose(request.viewer, row):
        raise PermissionDenied
    form = VerdictForm(request.POST, on=request.today, policy=policies.in_force(request.today))
    if carry_out(form, lambda data: verbs.propose(row, **data, **request.act)) is None:
        return _line(request, row, verdict=form)
    return done(request, reverse("tiers:review", args=[row.review_id]), _("Proposed."))


@require_POST
@page(Right.TIER_PROPOSE)
def confirm(request: PageRequest, line_id: UUID) -> HttpResponse:
    """Agree with what is proposed, or say why not."""
    row = _found(request, line_id)
    if not verbs.may_confirm(request.viewer, row):
        raise PermissionDenied
    form = ConfirmationForm(request.POST, on=request.today)
    if carry_out(form, lambda data: verbs.confirm(row, **data, **request.act)) is None:
        return _line(request, row, answer=form)
    return done(request, reverse("tiers:review", args=[row.review_id]), _("Confirmed."))


def _found(request: PageRequest, line_id: UUID) -> ReviewLine:
    rows = ReviewLine.objects.select_related("customer", "review", "owner", "proposed_by", "confirmed_by")
    return reached(request, rows, line_id)


def _line(
    request: PageRequest,
    row: ReviewLine,
    *,
    verdict: VerdictForm | None = None,
    answer: ConfirmationForm | None = None,
) -> HttpResponse:
    policy, viewer = policies.in_force(request.today), request.viewer
    proposes = row.review.is_open and row.is_agreed is None and viewer.may(Right.CUSTOMER_EDIT)
    confirms = row.review.is_open and bool(row.verdict) and verbs.may_confirm(viewer, row)
    if verdict is None and proposes and verbs.may_propose(viewer, row):
        given = ("verdict", "reason", "next_step", "next_on")
        initial = {name: getattr(row, name) for name in given} | {"tier": row.proposed_tier}
        verdict = VerdictForm(on=request.today, policy=policy, initial=initial)
    if answer is None and confirms:
        answer = ConfirmationForm(on=request.today)
    back = {"label": row.review.code, "url": reverse("tiers:review", args=[row.review_id])}
    context = {
        "row": row,
        "verdict": verdict,
        "answer": answer,
        "own": labels(policy.bands.all()),
        "sees_amount": viewer.may(Right.SEE_AMOUNT),
        "currency": request.tenant.currency,
        "on": request.today,
        "crumbs": [*_crumbs(), back],
    }
    status = getattr(verdict, "status", 200) if answer is None else getattr(answer, "status", 200)
    return render(request, "tiers/review_line.html", context, status=status)


def _crumbs() -> list[dict[str, str]]:
    return [{"label": _("Evaluation"), "url": reverse("tiers:reviews")}]
