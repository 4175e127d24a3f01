"""Strategies: what holds for whom, a new one, a change, an end; and what one customer is due."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.accounts.access import Viewer, reach
from crm.accounts.rights import Right
from crm.refusal import Refused
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done
from crm.web.templatetags.days import day
from crm.web.templatetags.marks import STAGES, TIERS
from crm.web.why import Link, Row, Why, explain
from customers.models import Customer, Segment
from customers.views.place import reached
from tiers import strategies
from tiers.forms import StrategyForm
from tiers.models import Strategy
from tiers.policies import NoPolicy, in_force
from tiers.strategies import Service
from tiers.views.place import tabs

COLUMNS = [
    {"key": "whom", "label": gettext_lazy("Whom it is for")},
    {"key": "level", "label": gettext_lazy("Service level"), "classes": "w-xl"},
    {"key": "rhythm", "label": gettext_lazy("Contact every"), "classes": "r w-m"},
    {"key": "visitor", "label": gettext_lazy("Who visits"), "classes": "w-xl"},
    {"key": "benefits", "label": gettext_lazy("Benefits"), "classes": "p2"},
    {"key": "from", "label": gettext_lazy("Since"), "classes": "r w-l p3"},
    {"key": "act", "label": "", "classes": "r w-xl"},
]


@require_safe
@page(Right.CUSTOMER_VIEW)
def index(request: PageRequest) -> HttpResponse:
    """The strategies in force, the most specific first, and which holds for each tier and stage."""
    rows = strategies.in_force(request.today)
    names = _segments(request.viewer)
    edits = request.viewer.may(Right.POLICY_EDIT)
    context = {
        "lines": [{"row": row, "whom": whom(row, names), "visitor": visitor(row)} for row in rows],
        "columns": COLUMNS if edits else COLUMNS[:-1],
        "matrix": _matrix(rows, request),
        "stages": list(STAGES.values()),
        "edits": edits,
        "on": request.today,
        "tabs": tabs(request.viewer, "tiers:strategies"),
    }
    return render(request, "tiers/strategies.html", context)


def _segments(viewer: Viewer) -> dict[UUID, str]:
    return dict(reach(viewer, Segment.objects.all()).values_list("pk", "name"))


def whom(row: Strategy, names: dict[UUID, str]) -> str:
    """Of whom a strategy speaks, in words; a segment out of the reader's reach has no name."""
    parts = [
        str(TIERS[row.tier][1]) if row.tier in TIERS else row.tier,
        str(STAGES.get(row.stage, row.stage)),
        names.get(row.segment_id, _("a segment")) if row.segment_id else "",
    ]
    return " · ".join(filter(None, parts)) or _("all customers")


def visitor(row: Strategy) -> str:
    """Who visits, in words."""
    return row.get_visitor_display() if row.visitor else _("the responsible person")


def _matrix(rows: Sequence[Strategy], request: PageRequest) -> list[dict[str, Any]]:
    """For each tier the strategy of each stage, as it holds for a customer in no segment."""
    plain = [row for row in rows if row.segment_id is None]
    return [
        {"tier": label, "cells": [_holds(plain, code, stage) for stage in STAGES]}
        for code, label in _tiers(request)
    ]


def _holds(rows: Sequence[Strategy], tier: str, stage: str) -> Strategy | None:
    fitting = (row for row in rows if row.tier in ("", tier) and row.stage in ("", stage))
    return next(fitting, None)


def _tiers(request: PageRequest) -> list[tuple[str, str]]:
    try:
        bands = in_force(request.today).bands.all()
    except NoPolicy:
        return []
    return [(band.tier, str(band)) for band in sorted(bands, key=lambda band: -band.rank)]


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.POLICY_EDIT)
def new(request: PageRequest) -> HttpResponse:
    """A strategy from today on."""
    form = StrategyForm(request.POST or None, tiers=_tiers(request), like=None, on=request.today)
    if request.method == "POST":
        made = carry_out(form, lambda data: strategies.lay_down(**_of(data), **request.act))
        if made is not None:
            return done(request, reverse("tiers:strategies"), _("The strategy holds from today."))
    return _form(request, form, _("New strategy"), "")


def _of(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value is not None}


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.POLICY_EDIT)
def change(request: PageRequest, strategy_id: UUID) -> HttpResponse:
    """Another service for the same customers, from today on."""
    row = get_object_or_404(Strategy.objects.select_related("segment"), pk=strategy_id)
    form = StrategyForm(request.POST or None, tiers=[], like=row, on=request.today)
    if request.method == "POST":
        about: dict[str, Any] = {"tier": row.tier, "stage": row.stage, "segment": row.segment}
        made = carry_out(form, lambda data: strategies.lay_down(**about, **data, **request.act))
        if made is not None:
            return done(request, reverse("tiers:strategies"), _("The strategy holds from today."))
    return _form(request, form, _("Change the strategy"), whom(row, _segments(request.viewer)))


def _form(request: PageRequest, form: StrategyForm, title: str, note: str) -> HttpResponse:
    crumbs = [{"label": _("Strategies"), "url": reverse("tiers:strategies")}]
    context = {"form": form, "title": title, "note": note, "crumbs": crumbs}
    return render(request, "tiers/strategy_form.html", context, status=getattr(form, "status", 200))


@require_POST
@page(Right.POLICY_EDIT)
def end(request: PageRequest, strategy_id: UUID) -> HttpResponse:
    """Let a strategy hold no longer."""
    row = get_object_or_404(Strategy, pk=strategy_id)
    try:
        strategies.end(row, **request.act)
    except Refused as refused:
        words = str(refused.faults[0].message)
        return done(request, reverse("tiers:strategies"), words, level=messages.ERROR)
    return done(request, reverse("tiers:strategies"), _("The strategy has ended."))


@require_safe
@page(Right.CUSTOMER_VIEW)
def why(request: PageRequest, customer_id: UUID) -> HttpResponse:
    """Why a contact with the customer is due then: the strategy that holds, and those that fit less."""
    customer = reached(request, Customer.objects.select_related("standing"), customer_id)
    found = strategies.of(customer, request.today)
    if found is None:
        raise Http404
    return explain(request, told(found, request.viewer))


def told(service: Service, viewer: Viewer) -> Why:
    """What a customer is due, in words."""
    names, row = _segments(viewer), service.strategy
    since = (
        _("last reached on %(day)s") % {"day": day(service.since)}
        if service.since
        else _("never reached, so from the registration")
    )
    words = ngettext("%(since)s + %(n)d day = %(due)s", "%(since)s + %(n)d days = %(due)s", row.rhythm_days)
    return Why(
        title=_("Why by %(day)s?") % {"day": day(service.due_on)},
        sentence=_("The most specific strategy that fits holds: %(whom)s.") % {"whom": whom(row, names)},
        head=(_("Strategy"), pgettext("strategy", "Level"), _("Contact every")),
        rows=tuple(
            Row(whom(each, names), (each.service_level, _days(each)), idle=each is not row)
            for each in (row, *service.others)
        ),
        formula=words % {"since": since, "n": row.rhythm_days, "due": day(service.due_on)},
        rule=_("Strategy since %(day)s") % {"day": day(row.valid_from)},
        links=(Link(_("Strategies"), reverse("tiers:strategies")),),
    )


def _days(row: Strategy) -> str:
    return ngettext("%(n)d day", "%(n)d days", row.rhythm_days) % {"n": row.rhythm_days}
