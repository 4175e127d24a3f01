"""What a night changed of the tiers within the reader's reach, and why."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Count, F, Max, QuerySet, Sum
from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from crm.accounts.access import Viewer, reach
from crm.accounts.rights import Right
from crm.integrations.imports.dates import FIRST, LAST
from crm.web.access import PageRequest, page
from crm.web.fragments import show
from crm.web.keyset import Sort
from crm.web.listing import Column, Listing, View
from tiers import policies
from tiers.filters import GradeFilters
from tiers.models import Grade, Trigger
from tiers.views.history import reason_of
from tiers.views.place import tabs

DAY = timedelta(days=1)


class Sums(NamedTuple):
    """How many customers went one way, worth how much a year."""

    customers: int
    amount: Decimal


class Night(Listing):
    """The changes of one night. Queries: rows, counts, bands of the rules that judged."""

    filters = GradeFilters
    sorts: Mapping[str, Sort | str] = {
        "id": "id",
        "annual_amount": Sort("annual_amount", right=Right.SEE_AMOUNT),
    }
    views = (
        View("all", gettext_lazy("All changes")),
        View("up", pgettext_lazy("tier", "Up"), "direction=UP"),
        View("down", pgettext_lazy("tier", "Down"), "direction=DOWN"),
    )
    columns = (
        Column("customer", gettext_lazy("Customer")),
        Column("tier", gettext_lazy("Tier before → after"), "w-2xl"),
        Column("amount", gettext_lazy("Annual amount"), "r w-l", "annual_amount", Right.SEE_AMOUNT),
        Column("owner", gettext_lazy("Responsible"), "w-m p2"),
        Column("reason", gettext_lazy("Reason"), "p2"),
        Column("rules", gettext_lazy("Rules"), "w-s p3"),
    )

    def __init__(self, request: PageRequest, rows: QuerySet) -> None:
        self.ordering = "-annual_amount" if request.viewer.may(Right.SEE_AMOUNT) else "id"
        super().__init__(request, rows.select_related("policy", "customer__owner"))

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        """The rows of the page, ready for the template."""
        return list(map(_line, self.rows))


def _line(grade: Grade) -> dict[str, Any]:
    bands = {band.tier: band for band in grade.policy.bands.all()}
    names = {tier: str(band) for tier, band in bands.items()}
    before = bands.get(grade.previous)
    up = before is not None and bands[grade.tier].rank > before.rank
    return {"grade": grade, "names": names, "up": up, "reason": reason_of(grade, names)}


def changes(viewer: Viewer, on: date) -> QuerySet:
    """What the night of a day changed of the tiers of customers within a viewer's reach."""
    rows = Grade.objects.filter(trigger=Trigger.NIGHT, on=on).exclude(previous="")
    return reach(viewer, rows.exclude(previous=F("tier"))).prefetch_related("policy__bands")


def last_night(viewer: Viewer) -> date | None:
    """The last night that changed a tier within a viewer's reach; None while none did."""
    rows = Grade.objects.filter(trigger=Trigger.NIGHT).exclude(previous="").exclude(previous=F("tier"))
    return reach(viewer, rows).aggregate(last=Max("on"))["last"]


@require_safe
@page(Right.CUSTOMER_VIEW)
def night(request: PageRequest, day: str = "") -> HttpResponse:
    """The changes of the night of a day, or of the last one that changed anything; htmx asks for the list."""
    on = _read(day) if day else last_night(request.viewer) or request.today
    rows = changes(request.viewer, on)
    context = {
        "night": Night(request, rows),
        "sums": list(_sums(request, rows)),
        "day": on,
        "before_url": reverse("tiers:night-of", args=[on - DAY]),
        "after_url": reverse("tiers:night-of", args=[on + DAY]) if on < request.today else "",
        "currency": policies.in_force(request.today).currency,
        "sees_amount": request.viewer.may(Right.SEE_AMOUNT),
        "tabs": tabs(request.viewer, "tiers:night"),
    }
    return show(request, "tiers/night.html", context, regions={"list": "tiers/_night.html"})


def _read(day: str) -> date:
    try:
        found = date.fromisoformat(day)
    except ValueError:
        raise Http404 from None
    if not FIRST <= found <= LAST:
        raise Http404
    return found


def _sums(request: PageRequest, rows: QuerySet) -> Iterator[Sums]:
    """Up, then down."""
    for direction in ("UP", "DOWN"):
        found = GradeFilters(QueryDict(f"direction={direction}"), rows, viewer=request.viewer).rows()
        told = found.aggregate(customers=Count("pk"), amount=Sum("annual_amount"))
        yield Sums(told["customers"], told["amount"] or Decimal("0.00"))
