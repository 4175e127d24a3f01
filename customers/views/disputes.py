"""撞单: the list of disputes, and claiming a customer."""

from datetime import date
from functools import cached_property
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from crm.accounts.access import reach
from crm.accounts.rights import Right
from crm.periods import add_workdays, is_published, workdays_until
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done, show
from crm.web.listing import Column, Listing, View
from customers.disputes import cases
from customers.filters.disputes import DisputeFilters
from customers.forms.dispute import ClaimForm
from customers.models import OwnershipDispute
from customers.views.known import named

SORTS = {"due_on": "due_on", "opened_on": "opened_on"}
NAMES = ("customer", "claimant", "claimant_dept", "respondent", "respondent_dept", "judge", "appealed_by")


class Disputes(Listing):
    """The disputes a reader has to rule, is a side of, or watches over. Queries: rows, counts, names."""

    filters = DisputeFilters
    sorts = SORTS
    ordering = "due_on"
    columns = (
        Column("called", gettext_lazy("Customer")),
        Column("claimant", gettext_lazy("Claimant"), "w-xl"),
        Column("respondent", gettext_lazy("Against"), "w-xl p2"),
        Column("opened", gettext_lazy("Opened"), "r w-m p3", "opened_on"),
        Column("due", gettext_lazy("Ruling due"), "r w-xl", "due_on"),
        Column("state", gettext_lazy("State"), "w-xl"),
    )

    def __init__(self, request: PageRequest) -> None:
        self.views = _views(request.today)
        rows = OwnershipDispute.objects.select_related(*NAMES)
        super().__init__(request, reach(request.viewer, rows))

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        """The rows of the page; a customer beyond reach is called as the claimant calls it."""
        shown = OwnershipDispute.objects.filter(pk__in=[row.pk for row in self.rows])
        open_ = shown.filter(OwnershipDispute.whole(self.viewer)) if self.rows else shown.none()
        whole, today = set(open_.values_list("pk", flat=True)), self.request.today
        return [
            {
                "row": row,
                "whole": row.pk in whole,
                "name": row.customer.name if row.pk in whole else row.called,
                "late": row.is_late(today),
                "left": workdays_until(row.due_on, today) if row.is_pending else None,
            }
            for row in self.rows
        ]


def _views(today: date) -> tuple[View, ...]:
    pending, live = "state=OPEN&state=APPEALED", "state=OPEN&state=RULED&state=APPEALED"
    return (
        View("judge", pgettext_lazy("dispute", "To rule"), f"judge=me&{pending}", Right.OWNERSHIP_TRANSFER),
        View("mine", pgettext_lazy("dispute", "Mine"), f"party=me&{live}"),
        View("open", pgettext_lazy("dispute", "All open"), live),
        View("late", pgettext_lazy("dispute", "Late"), f"{pending}&due_on__lt={today}", late=True),
        View("ended", pgettext_lazy("dispute", "Ended"), "state=FINAL&state=WITHDRAWN&ordering=-opened_on"),
    )


@require_safe
@page(Right.DISPUTE_VIEW)
def listed(request: PageRequest) -> HttpResponse:
    """Disputes to rule, of one's own, open and ended; htmx asks for the list alone."""
    context = {"disputes": Disputes(request), "on": request.today}
    context["claims"] = request.viewer.may(Right.DISPUTE_OPEN)
    return show(request, "customers/disputes.html", context, regions={"list": "customers/_dispute_list.html"})


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.DISPUTE_OPEN)
def new(request: PageRequest) -> HttpResponse:
    """Claim a customer that somebody else is responsible for, found by 查重."""
    customer = named(request)
    if customer is None:
        return redirect("customers:check")
    about: dict[str, Any] = {"viewer": request.viewer, "customer": customer, "on": request.today}
    initial = {"called": request.GET.get("called", "")[:200]}
    form = ClaimForm(request.POST if request.method == "POST" else None, initial=initial, **about)
    if request.method == "POST":
        who: dict[str, Any] = {"claimant": request.viewer.member, "at": request.now, "on": request.today}
        made = carry_out(form, lambda _data: cases.open_dispute(customer, **form.words, **who))
        if made is not None:
            return done(request, reverse("customers:dispute", args=[made.pk]), _("Claimed."))
    due_on = add_workdays(request.today, cases.RULING_WORKDAYS)
    context = {"form": form, "customer": customer, "due_on": due_on, "published": is_published(due_on)}
    context["crumbs"] = crumbs()
    return render(request, "customers/dispute_new.html", context, status=getattr(form, "status", 200))


def crumbs() -> list[dict[str, str]]:
    """The way back to the list."""
    return [{"label": _("Disputes"), "url": reverse("customers:disputes")}]
