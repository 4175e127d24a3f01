"""One pattern for the lists of pages: tabs with counts, filters as chips, sorting, keyset pages.

A page's list uses the FilterSet and the sorts of its API resource. Everything is in the address, so
that a list can be linked, restored by Back, and works without JavaScript. Queries: one for the page,
one for all counts, one per related record named in a chip.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from crm.accounts.access import Viewer
from crm.accounts.rights import Right
from crm.refusal import Fault, Refused
from crm.web.access import PageRequest
from crm.web.filters import Filters
from crm.web.keyset import COUNT_EXACTLY, Order, Page, Sort, read_instance, understood, written
from crm.web.said import told

ASCENDING, DESCENDING = "ascending", "descending"


@dataclass(frozen=True)
class Column:
    """A column of the grid; `sort` is its name among the sorts, `right` hides it from others."""

    key: str
    label: Any
    classes: str = ""
    sort: str = ""
    right: Right | None = None


@dataclass(frozen=True)
class View:
    """A tab: a name for a set of filters, such as `owner=me&risk_band=RED`."""

    name: str
    label: Any
    query: str = ""
    right: Right | None = None
    late: bool = False


@dataclass(frozen=True)
class Pager:
    """What components/pager.html shows."""

    first: int
    last: int
    total: int
    estimate: bool
    sorted_by: str
    previous_url: str
    next_url: str


class Listing:
    """Base of a page's list. A nonsensical address gives `faults` and no rows, never an error page.

    `rows` given to it are already within the viewer's reach; their relations are selected.
    """

    filters: type[Filters]
    sorts: Mapping[str, Sort | str] = {}
    ordering = ""
    columns: Sequence[Column] = ()
    views: Sequence[View] = ()
    per_page = 50

    def __init__(self, request: PageRequest, rows: QuerySet) -> None:
        self.request, self.base = request, rows
        self.viewer: Viewer = request.viewer
        self.faults: tuple[Fault, ...] = ()
        offered = [v for v in self.views if v.right is None or self.viewer.may(v.right)]
        name = request.GET.get("view", "")
        self.open_views = offered
        self.view = next((v for v in offered if v.name == name), offered[0] if offered else None)
        self.words = self._words(self.view, request.GET)
        self.found, self.order = self._asked()

    def _words(self, view: View | None, given: QueryDict) -> QueryDict:
        words = QueryDict(view.query if view else "", mutable=True)
        for name in given:
            words.setlist(name, given.getlist(name))
        return words

    def _asked(self) -> tuple[QuerySet, Order]:
        model = self.base.model
        try:
            order = Order.parse(model, self.words.get("ordering") or self.ordering, self.sorts, self.viewer)
            self.filterset = self.filters(self.words, self.base, viewer=self.viewer, on=self.request.today)
            return self.filterset.rows(), order
        except Refused as refused:
            self.faults = refused.faults
            return self.base.none(), Order.parse(model, self.ordering, self.sorts, self.viewer)

    @cached_property
    def page(self) -> Page:
        """The rows of this page, as model instances."""
        text, cursor = self.request.GET.get("cursor", ""), None
        try:
            cursor = understood(self.order, text) if text else None
        except Refused as refused:
            self.faults += refused.faults
        return self.order.page(self.found, cursor, self.per_page, read_instance(self.order.paths))

    @property
    def rows(self) -> list[Any]:
        return self.page.rows

    @cached_property
    def shown_columns(self) -> list[dict[str, Any]]:
        """Columns for components/grid.html, without those hidden from the viewer."""
        shown = [c for c in self.columns if c.right is None or self.viewer.may(c.right)]
        return [self._column(column) for column in shown]

    def _column(self, column: Column) -> dict[str, Any]:
        lead = self.order.keys[0]
        current = column.sort and lead.name == column.sort
        wanted = f"-{column.sort}" if current and not lead.descending else column.sort
        return {
            "key": column.key,
            "label": str(column.label),
            "classes": column.classes,
            "sort": (DESCENDING if lead.descending else ASCENDING) if current else "",
            "sort_url": self.url(ordering=wanted) if column.sort else "",
        }

    def url(self, **changes: str | None) -> str:
        """This list with other words in its address; None takes a word away. The page starts anew."""
        words = self.request.GET.copy()
        words.pop("cursor", None)
        for name, value in changes.items():
            words.pop(name, None)
            if value is not None:
                words[name] = value
        return f"{self.request.path}?{words.urlencode()}" if words else self.request.path

    @cached_property
    def chips(self) -> list[dict[str, str]]:
        """The filters in force that the reader set himself, in words."""
        set_here = [n for n in self.request.GET if not self.faults and n in self.filterset.filters]
        return [
            {**told(self.filterset, name), "remove_url": self.url(**{name: None})}
            for name in set_here
            if self.request.GET.get(name)
        ]

    @cached_property
    def form(self) -> forms.Form:
        """A form with every filter that the viewer may use, holding what is set now."""
        whole = self.filters(self.words, self.base, viewer=self.viewer, every=True, on=self.request.today)
        whole.form.is_valid()
        return whole.form

    @cached_property
    def kept(self) -> list[tuple[str, str]]:
        """Names and values that a search box sends along as hidden fields."""
        lists = self.request.GET.lists()
        return [(n, v) for n, values in lists if n not in {"cursor", "search"} for v in values]

    @cached_property
    def tabs(self) -> list[dict[str, Any]]:
        """Tabs for components/tabs.html; their counts and the total are one query."""
        queries = [self._of_view(view) for view in self.open_views]
        self.total, *numbers = _counts([self.found, *queries])
        return [
            {
                "label": str(view.label),
                "url": f"{self.request.path}?view={view.name}" if position else self.request.path,
                "count": f"{COUNT_EXACTLY:,}+" if number > COUNT_EXACTLY else number,
                "current": view is self.view,
                "late": view.late and number > 0,
            }
            for position, (view, number) in enumerate(zip(self.open_views, numbers, strict=True))
        ]

    def _of_view(self, view: View) -> QuerySet:
        words = QueryDict(view.query)
        return self.filters(words, self.base, viewer=self.viewer, on=self.request.today).rows()

    @cached_property
    def total(self) -> int:
        """How many rows the filters leave; 10,001 for more than 10,000."""
        return _counts([self.found])[0]

    @cached_property
    def pager(self) -> Pager:
        """For components/pager.html."""
        page, rows = self.page, len(self.page.rows)
        return Pager(
            first=page.first,
            last=page.first + rows - 1 if rows else 0,
            total=min(self.total, COUNT_EXACTLY),
            estimate=self.total > COUNT_EXACTLY,
            sorted_by=self._sorted_by(),
            previous_url=self._at(page.previous),
            next_url=self._at(page.next),
        )

    def _at(self, cursor: Any) -> str:
        return self.url(cursor=written(self.order, cursor)) if cursor else ""

    def _sorted_by(self) -> str:
        column = next((c for c in self.shown_columns if c["sort"]), None)
        if column is None:
            return ""
        words = _("by %(column)s, descending") if column["sort"] == DESCENDING else _("by %(column)s")
        return words % {"column": column["label"]}


def _counts(queries: Sequence[QuerySet]) -> list[int]:
    """How many rows each query has, up to 10,001, in one statement."""
    parts: list[str] = []
    values: list[Any] = []
    for rows in queries:
        try:
            sql, given = rows.order_by().values("pk")[: COUNT_EXACTLY + 1].query.sql_with_params()
        except EmptyResultSet:
            sql, given = "SELECT 1 WHERE false", ()
        parts.append(f"(SELECT count(*) FROM ({sql}) AS rows_{len(parts)})")
        values += given
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", values)
        return list(cursor.fetchone())
