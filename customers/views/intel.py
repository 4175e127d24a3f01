"""News relay 信息通报: the inbox, passing news on, answering and thanking, and the counts."""

from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.accounts.access import Viewer, reach
from crm.accounts.rights import Right
from crm.periods import ONE_DAY, add_workdays, is_published
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done, show
from crm.web.listing import Column, Listing, View
from customers.filters.intel import IntelFilters
from customers.forms.intel import AnswerForm, CountsForm, RelayForm, ThanksForm
from customers.intel import counts as news_counts
from customers.intel import relay
from customers.models import Customer, CustomerIntel
from customers.views.known import named
from customers.views.place import reached

SORTS = {"due_on": "due_on", "relayed_on": "relayed_on"}


class News(Listing):
    """The news that a reader received, sent or watches over. Queries: rows, counts, names."""

    filters = IntelFilters
    sorts = SORTS
    ordering = "due_on"
    columns = (
        Column("called", gettext_lazy("Customer")),
        Column("kind", gettext_lazy("Kind of news"), "w-m p2"),
        Column("from", gettext_lazy("From"), "w-l"),
        Column("relayed", gettext_lazy("Passed on"), "r w-m p3", "relayed_on"),
        Column("due", gettext_lazy("To be answered by"), "r w-l", "due_on"),
        Column("state", gettext_lazy("State"), "w-l"),
    )

    def __init__(self, request: PageRequest) -> None:
        self.views = _views(request.viewer, request.today)
        rows = CustomerIntel.objects.select_related("customer", "member", "department")
        super().__init__(request, reach(request.viewer, rows))

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        """The rows of the page; a customer beyond reach is called as the sender calls it."""
        today = self.request.today
        customers = Customer.objects.filter(pk__in={row.customer_id for row in self.rows})
        near = dict(reach(self.viewer, customers).values_list("pk", "name")) if self.rows else {}
        return [
            {"row": row, "late": row.is_late(today), "name": near.get(row.customer_id, row.called)}
            for row in self.rows
        ]


def _views(viewer: Viewer, today: date) -> tuple[View, ...]:
    late = f"state=OPEN&due_on__lt={today}"
    watches = Right.FOLLOW_UP_ASSIGN
    return (
        View("mine", pgettext_lazy("news", "To me"), "addressee=me&state=OPEN"),
        View("late", pgettext_lazy("news", "Late"), f"addressee=me&{late}", late=True),
        View("sent", pgettext_lazy("news", "Sent by me"), "member=me&ordering=-relayed_on"),
        View("open", pgettext_lazy("news", "All open"), "state=OPEN", watches),
        View("all-late", pgettext_lazy("news", "All late"), late, watches, late=True),
        View("answered", pgettext_lazy("news", "Answered"), "state=ANSWERED&ordering=-relayed_on"),
    )


@require_safe
@page(Right.CUSTOMER_VIEW)
def inbox(request: PageRequest) -> HttpResponse:
    """News to answer, sent, and answered; htmx asks for the list alone."""
    context = {"news": News(request), "on": request.today, "counts": _counts_url(request.viewer)}
    return show(request, "customers/intel.html", context, regions={"list": "customers/_intel_list.html"})


def _counts_url(viewer: Viewer) -> str:
    return reverse("customers:intel-counts") if viewer.may(Right.FOLLOW_UP_ASSIGN) else ""


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.CUSTOMER_VIEW)
def new(request: PageRequest) -> HttpResponse:
    """Pass on news of any customer of the company, found by 查重 or within reach."""
    customer = named(request)
    if customer is None:
        return redirect("customers:check")
    about: dict[str, Any] = {"viewer": request.viewer, "customer": customer, "on": request.today}
    initial = {"called": request.GET.get("called", "")[:200]}
    form = RelayForm(request.POST if request.method == "POST" else None, initial=initial, **about)
    if request.method == "POST":
        who: dict[str, Any] = {"sender": request.viewer.member, "at": request.now, "on": request.today}
        sent = carry_out(form, lambda _data: relay.relay(customer, **form.words, **who))
        if sent is not None:
            return done(request, reverse("customers:intel-one", args=[sent.pk]), _("Passed on."))
    due_on = add_workdays(request.today, relay.ANSWER_WORKDAYS)
    context = {"form": form, "customer": customer, "due_on": due_on, "published": is_published(due_on)}
    context["crumbs"] = _crumbs()
    return render(request, "customers/intel_new.html", context, status=getattr(form, "status", 200))


@require_safe
@page(Right.CUSTOMER_VIEW)
def one(request: PageRequest, intel_id: UUID) -> HttpResponse:
    """One piece of news: its text and state for the sender, with its customer for who reaches it."""
    return _shown(request, _found(request, intel_id))


@require_POST
@page(Right.CUSTOMER_VIEW)
def acknowledge(request: PageRequest, intel_id: UUID) -> HttpResponse:
    """Answer it with what it was worth."""
    row = _to_answer(request, intel_id)
    form = AnswerForm(request.POST, on=request.today)
    if carry_out(form, lambda data: relay.acknowledge(row, **data, **request.act)) is None:
        return _shown(request, row, answer=form)
    return done(request, reverse("customers:intel-one", args=[intel_id]), _("Answered."))


@require_POST
@page(Right.CUSTOMER_VIEW)
def thank(request: PageRequest, intel_id: UUID) -> HttpResponse:
    """Thank the sender."""
    row = _to_answer(request, intel_id)
    form = ThanksForm(request.POST, on=request.today)
    if carry_out(form, lambda data: relay.thank(row, **data, **request.act)) is None:
        return _shown(request, row, thanks=form)
    return done(request, reverse("customers:intel-one", args=[intel_id]), _("Thanked."))


def _found(request: PageRequest, intel_id: UUID) -> CustomerIntel:
    rows = CustomerIntel.objects.select_related("customer", "member", "department", "led_to_contract")
    return reached(request, rows, intel_id)


def _to_answer(request: PageRequest, intel_id: UUID) -> CustomerIntel:
    row = _found(request, intel_id)
    if not relay.may_answer(request.viewer, row):
        raise PermissionDenied
    return row


def _shown(
    request: PageRequest,
    row: CustomerIntel,
    *,
    answer: forms.Form | None = None,
    thanks: forms.Form | None = None,
) -> HttpResponse:
    answers = relay.may_answer(request.viewer, row)
    context = {
        "row": row,
        "near": reach(request.viewer, Customer.objects.filter(pk=row.customer_id)).exists(),
        "late": row.is_late(request.today),
        "on": request.today,
        "answer": (answer or AnswerForm(on=request.today)) if answers and row.is_open else None,
        "thanks": (thanks or ThanksForm(on=request.today))
        if answers and not row.is_open and not row.thanked_on
        else None,
        "crumbs": _crumbs(),
    }
    sent = answer or thanks
    return render(request, "customers/intel_one.html", context, status=getattr(sent, "status", 200))


@require_safe
@page(Right.CUSTOMER_VIEW, Right.FOLLOW_UP_ASSIGN)
def counts(request: PageRequest) -> HttpResponse:
    """How much news everybody passed on, and what it was worth; the year to date unless asked otherwise."""
    since, until = request.today.replace(month=1, day=1), request.today
    given = {"since": since, "until": until}
    form = CountsForm({**given, **request.GET.dict()}, on=request.today)
    if form.is_valid():
        since, until = form.cleaned_data["since"], form.cleaned_data["until"]
    context = {
        "form": form,
        "rows": news_counts.counts(request.viewer, since, until + ONE_DAY),
        "columns": COUNT_COLUMNS,
        "crumbs": _crumbs(),
    }
    return render(request, "customers/intel_counts.html", context, status=200 if form.is_valid() else 422)


COUNT_COLUMNS = [
    {"key": "member", "label": gettext_lazy("From")},
    {"key": "department", "label": gettext_lazy("Department"), "classes": "w-xl"},
    {"key": "relayed", "label": gettext_lazy("Passed on"), "classes": "r w-m"},
    {"key": "answered", "label": pgettext_lazy("news", "Answered"), "classes": "r w-m"},
    {"key": "useful", "label": gettext_lazy("Useful"), "classes": "r w-m"},
    {"key": "thanked", "label": gettext_lazy("Thanked"), "classes": "r w-m"},
    {"key": "signed", "label": gettext_lazy("Led to a contract"), "classes": "r w-l"},
]


def _crumbs() -> list[dict[str, str]]:
    return [{"label": _("News"), "url": reverse("customers:intel")}]
