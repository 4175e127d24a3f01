"""Handing a book over in three steps: whose, to whom, and what will move, before it does."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods

from crm.accounts.access import reach
from crm.accounts.models import Department, Member
from crm.accounts.rights import Right, Role
from crm.dashboards import handing
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done
from customers.forms.handover import HandOverForm, WhoseForm
from customers.handovers import books
from customers.models import Customer
from customers.views.handover import crumbs

MOST = 5000
BY_HAND = 200  # customers of which a page lets one choose each
NEAR = 40  # people offered by name
SELL = [Role.SALES, Role.OPS]


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.OWNERSHIP_TRANSFER)
def hand_over(request: PageRequest) -> HttpResponse:
    """Whose customers, then who takes turns, then what will move to whom; then it is done."""
    asked = WhoseForm(request.GET or None, viewer=request.viewer, on=request.today)
    if not asked.is_valid():
        return _shown(request, {"form": asked}, "dashboards/hand_over.html", 422 if request.GET else 200)
    whose = asked.whose
    rows = list(reach(request.viewer, books.book(whose)).select_related("standing")[:MOST])
    sent = request.POST if request.method == "POST" else None
    form = HandOverForm(sent, near=_near(request, whose), on=request.today)
    context: dict[str, Any] = {"whose": whose, "rows": rows, "form": form, "steps": _steps(1)}
    if request.method != "POST" or not form.is_valid():
        context["preview"] = handing.preview(
            rows, {row.pk: request.viewer.member for row in rows}, request.today
        )
        return _shown(
            request, context, "dashboards/hand_over_how.html", 422 if request.method == "POST" else 200
        )
    turns = _turns(request, rows, form.people)
    if "confirm" in request.POST:
        note = form.cleaned_data["reason"]
        made = carry_out(form, lambda _data: books.execute(whose, turns, reason=note, **request.act))
        if made is not None:
            number = made.rows.count()
            said = ngettext("%(n)d customer handed over", "%(n)d customers handed over", number)
            return done(request, reverse("customers:handover", args=[made.pk]), said % {"n": number})
    context |= {"steps": _steps(2), "preview": handing.preview(rows, turns, request.today)}
    context |= {"lines": _lines(rows, turns), "people": form.people, "columns": _columns(request)}
    context["undo_days"] = books.UNDO_DAYS
    return _shown(request, context, "dashboards/hand_over_preview.html", getattr(form, "status", 200))


def _near(request: PageRequest, whose: Member | Department) -> list[Member]:
    """Who sells near the book: its department first, then the others that the reader answers for."""
    home = whose.department_id if isinstance(whose, Member) else whose.pk
    people = books.people(request.viewer).filter(status=Member.Status.ACTIVE, roles__overlap=SELL)
    found = people.exclude(pk=whose.pk).select_related("department").order_by("department__code", "code")
    return sorted(found[: NEAR * 5], key=lambda one: one.department_id != home)[:NEAR]


def _turns(request: PageRequest, rows: Sequence[Customer], people: list[Member]) -> dict[UUID, Member]:
    """Dealt in turn, and where the page says otherwise by hand: to another, or to stay."""
    turns, known = books.deal(rows, people), {str(one.pk): one for one in people}
    for row in rows[:BY_HAND]:
        chosen = request.POST.get(f"to-{row.pk}")
        if chosen == "":
            del turns[row.pk]
        elif chosen in known:
            turns[row.pk] = known[chosen]
    return turns


def _lines(rows: Sequence[Customer], turns: dict[UUID, Member]) -> list[dict[str, Any]]:
    return [{"row": row, "to": turns.get(row.pk)} for row in rows[:BY_HAND]]


def _columns(request: PageRequest) -> list[dict[str, str]]:
    heads = [(_("Customer"), "l1"), (_("Tier"), "w-m p2")]
    if request.viewer.may(Right.SEE_AMOUNT):
        heads.append((_("Annual amount"), "r w-l p2"))
    heads.append((pgettext("handover", "Goes to"), "w-xl"))
    return [{"key": "", "label": label, "classes": classes} for label, classes in heads]


def _steps(now: int) -> list[dict[str, Any]]:
    labels = (_("Whose customers"), _("Who takes turns"), _("What will move"))
    states = ["done"] * now + ["now"] + [""] * (2 - now)
    return [{"label": label, "state": state} for label, state in zip(labels, states, strict=True)]


def _shown(request: PageRequest, context: dict[str, Any], template: str, status: int) -> HttpResponse:
    about = {"on": request.today, "crumbs": crumbs(), "sees": request.viewer.may(Right.SEE_AMOUNT)}
    return render(request, template, {"steps": _steps(0)} | context | about, status=status)
