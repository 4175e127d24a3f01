"""Segments: the list with live counts, one with its history, and making, changing, deleting one."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.accounts.access import Viewer, reach
from crm.accounts.rights import Right, Scope
from crm.refusal import Refused
from crm.web.access import PageRequest, page
from crm.web.filters import FROM_TODAY
from crm.web.fragments import carry_out, done, show
from crm.web.listing import Column, Listing, View
from crm.web.said import SIGNS, told
from crm.web.templatetags.marks import TIERS
from customers import segments
from customers.filters.records import CustomerFilters
from customers.filters.segments import SegmentFilters
from customers.forms.segment import SegmentForm
from customers.models import Customer, Segment, SegmentCount, Standing
from customers.segments import MAKERS
from customers.views.place import reached

HISTORY = 60


class Segments(Listing):
    """The segments that a reader may use. Queries: rows, counts, live numbers, nightly numbers, names."""

    filters = SegmentFilters
    sorts = {"name": "name", "updated_at": "updated_at"}
    ordering = "name"
    views = (
        View("all", gettext_lazy("All"), ""),
        View("mine", gettext_lazy("Made by me"), "owner=me"),
    )
    columns: Sequence[Column] = (
        Column("name", gettext_lazy("Segment"), "l1 w-xl", "name"),
        Column("filter", gettext_lazy("Who is in it"), "l2"),
        Column("number", gettext_lazy("Customers now"), "r w-m"),
        Column("night", gettext_lazy("Last night"), "r w-m p2"),
        Column("owner", gettext_lazy("Made by"), "w-m p2"),
        Column("shared", gettext_lazy("For"), "w-m p3"),
    )

    def __init__(self, request: PageRequest) -> None:
        if request.viewer.customers is not Scope.TENANT:
            self.columns = tuple(column for column in self.columns if column.key != "night")
        super().__init__(request, reach(request.viewer, Segment.objects.select_related("owner")))

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        """The rows of the page, ready for the template."""
        today = self.request.today
        rows = reach(self.viewer, Customer.objects.order_by())
        live = segments.numbers(self.rows, rows, today)
        nights = SegmentCount.objects.filter(segment__in=self.rows).order_by("segment_id", "-on")
        last = {each.segment_id: each for each in reach(self.viewer, nights).distinct("segment_id")}
        return [
            {
                "row": row,
                "words": list(in_words(row, self.request)),
                "number": live[row.pk],
                "night": last.get(row.pk),
                "has_night": self.viewer.customers is Scope.TENANT,
                "url": members_url(row),
            }
            for row in self.rows
        ]


def members_url(segment: Segment) -> str:
    """The customer list with those who are in it."""
    return f"{reverse('dashboards:book')}?view=all&segment={segment.pk}"


def in_words(segment: Segment, request: PageRequest) -> Iterator[dict[str, str]]:
    """The filters of a segment as fields and values; a day that moves is told as one."""
    words = QueryDict(segment.query)
    filters = CustomerFilters(words, Customer.objects.none(), viewer=request.viewer, on=request.today)
    if not filters.is_valid():
        return
    for name in words:
        if name in filters.filters:
            yield told(filters, name) | _moving(words[name], SIGNS.get(filters.filters[name].lookup_expr, ""))


def _moving(text: str, sign: str) -> dict[str, str]:
    found = FROM_TODAY.fullmatch(text)
    if found is None:
        return {}
    number = int(found[2] or 0)
    if not number:
        return {"value": sign + _("today")}
    if found[1] == "-":
        words = ngettext("%(n)d day before today", "%(n)d days before today", number)
    else:
        words = ngettext("%(n)d day from today", "%(n)d days from today", number)
    return {"value": sign + words % {"n": number}}


@require_safe
@page(Right.CUSTOMER_VIEW)
def index(request: PageRequest) -> HttpResponse:
    """The segments; htmx asks for the list alone."""
    context = {"segments": Segments(request), "makes": _makes(request.viewer), "on": request.today}
    return show(request, "customers/segments.html", context, regions={"list": "customers/_segment_list.html"})


def _makes(viewer: Viewer) -> bool:
    return any(map(viewer.may, MAKERS))


@require_safe
@page(Right.CUSTOMER_VIEW)
def one(request: PageRequest, segment_id: UUID) -> HttpResponse:
    """One segment: who is in it now within the reader's reach, and how it was counted nightly."""
    row = _found(request, segment_id)
    rows = reach(request.viewer, Customer.objects.order_by())
    context = {
        "row": row,
        "words": list(in_words(row, request)),
        "number": segments.numbers([row], rows, request.today)[row.pk],
        "members_url": members_url(row),
        "nights": list(reach(request.viewer, SegmentCount.objects.filter(segment=row))[:HISTORY]),
        "changes": segments.may_change(request.viewer, row),
        "crumbs": _crumbs(),
        "columns": [
            {"key": "on", "label": _("Night"), "classes": "w-xl"},
            {"key": "number", "label": _("Customers"), "classes": "r w-l"},
        ],
    }
    return render(request, "customers/segment.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(*MAKERS, any_of=True)
def new(request: PageRequest) -> HttpResponse:
    """A new segment; the filters of the address stand in the form, so that the list can lead here."""
    form = SegmentForm(request.POST or None, **_about(request, request.GET.copy()))
    if request.method == "POST":
        made = carry_out(form, lambda _data: segments.make(**form.about, **request.act))
        if made is not None:
            return done(request, reverse("customers:segment", args=[made.pk]), _("The segment is kept."))
    return _form(request, form, _("New segment"), reverse("customers:segments"))


@require_http_methods(["GET", "HEAD", "POST"])
@page(*MAKERS, any_of=True)
def edit(request: PageRequest, segment_id: UUID) -> HttpResponse:
    """Change a segment of one's own; whoever edits policies may change every one."""
    row = _to_change(request, segment_id)
    back = reverse("customers:segment", args=[row.pk])
    own: dict[str, Any] = {
        "initial": {"name": row.name, "note": row.note, "is_shared": row.is_shared},
    }
    form = SegmentForm(request.POST or None, **_about(request, QueryDict(row.query)), **own)
    if request.method == "POST":
        version = request.POST.get("version", "")
        based_on = int(version) if version.isdecimal() and len(version) < 9 else row.version
        changed = carry_out(
            form, lambda _d: segments.edit(row, changes=form.about, version=based_on, **request.act)
        )
        if changed is not None:
            return done(request, back)
    return _form(request, form, _("Edit the segment"), back, row)


def _about(request: PageRequest, words: QueryDict) -> dict[str, Any]:
    return {"viewer": request.viewer, "words": words, "on": request.today, "tiers": _tiers()}


def _tiers() -> list[tuple[str, str]]:
    """The usual tiers, and those of the tenant's own."""
    own = set(Standing.objects.exclude(tier="").values_list("tier", flat=True).distinct()) - TIERS.keys()
    return [*((code, str(long)) for code, (_short, long) in TIERS.items()), *((c, c) for c in sorted(own))]


def _form(
    request: PageRequest, form: SegmentForm, title: str, back: str, row: Segment | None = None
) -> HttpResponse:
    context = {"form": form, "title": title, "back": back, "row": row, "crumbs": _crumbs()}
    return render(request, "customers/segment_form.html", context, status=getattr(form, "status", 200))


@require_POST
@page(*MAKERS, any_of=True)
def remove(request: PageRequest, segment_id: UUID) -> HttpResponse:
    """Delete a segment."""
    row = _to_change(request, segment_id)
    try:
        segments.remove(row, **request.act)
    except Refused as refused:
        back = reverse("customers:segment", args=[segment_id])
        return done(request, back, str(refused.faults[0].message), level=messages.ERROR)
    return done(request, reverse("customers:segments"), _("The segment is deleted."))


def _found(request: PageRequest, segment_id: UUID) -> Segment:
    return reached(request, Segment.objects.select_related("owner"), segment_id)


def _to_change(request: PageRequest, segment_id: UUID) -> Segment:
    row = _found(request, segment_id)
    if not segments.may_change(request.viewer, row):
        raise PermissionDenied
    return row


def _crumbs() -> list[dict[str, str]]:
    return [{"label": _("Segments"), "url": reverse("customers:segments")}]
