"""The list of pages, over the members of the cast."""

import pytest
from django.test import RequestFactory

from crm.accounts import members
from crm.accounts.filters import MemberFilters
from crm.accounts.models import Member
from crm.accounts.rights import Right, Role
from crm.tests.callers import statements
from crm.tests.cast import NOW, TODAY
from crm.web.keyset import Sort
from crm.web.listing import Column, Listing, View

pytestmark = pytest.mark.django_db


class People(Listing):
    filters = MemberFilters
    sorts = {"name": "name", "code": "code", "seen": Sort("updated_at", right=Right.SEE_AMOUNT)}
    ordering = "code"
    columns = [
        Column("code", "Code", sort="code"),
        Column("name", "Name", sort="name"),
        Column("seen", "Seen", sort="seen", right=Right.SEE_AMOUNT),
        Column("act", ""),
    ]
    views = [View("all", "All"), View("sales", "Sales", "role=SALES"), View("mine", "Mine", "department=me")]
    per_page = 4


def people(here, query: str = "", person: str = "li") -> People:
    request = RequestFactory().get(f"/team/?{query}")
    request.viewer, request.today = here.viewer(person), TODAY
    return People(request, Member.objects.select_related("department"))


def codes(listing: People) -> list[str]:
    return [member.code for member in listing.rows]


def test_a_page_says_where_it_stands(here) -> None:
    listing = people(here)
    assert codes(listing) == ["an", "chen", "gao", "he"]
    pager = listing.pager
    assert (pager.first, pager.last, pager.total, pager.estimate) == (1, 4, 13, False)
    assert pager.previous_url == ""
    following = people(here, pager.next_url.partition("?")[2])
    assert (codes(following), following.pager.first) == (["li", "qian", "shen", "sun"], 5)
    back = people(here, following.pager.previous_url.partition("?")[2])
    assert codes(back) == ["an", "chen", "gao", "he"]


def test_a_header_sorts_and_turns(here) -> None:
    code, name, *_ = people(here).shown_columns
    assert (code["sort"], code["sort_url"]) == ("ascending", "/team/?ordering=-code")
    assert (name["sort"], name["sort_url"]) == ("", "/team/?ordering=name")
    turned = people(here, "ordering=-code").shown_columns[0]
    assert (turned["sort"], turned["sort_url"]) == ("descending", "/team/?ordering=code")


def test_a_hidden_column_is_neither_shown_nor_an_order(here) -> None:
    seen = [column["key"] for column in people(here, person="li").shown_columns]
    hidden = [column["key"] for column in people(here, person="he").shown_columns]
    assert (seen, hidden) == (["code", "name", "seen", "act"], ["code", "name", "act"])
    assert people(here, "ordering=seen", person="li").faults == ()
    assert [f.field for f in people(here, "ordering=seen", person="he").faults] == ["ordering"]


def test_tabs_count_their_rows_in_one_query_with_the_total(here) -> None:
    listing = people(here, "view=sales")
    with statements() as sql:
        tabs = listing.tabs
        total = listing.total
    assert [(t["label"], t["count"], t["current"]) for t in tabs] == [
        ("All", 13, False),
        ("Sales", 6, True),
        ("Mine", 4, False),
    ]
    assert (total, len(sql)) == (6, 1)
    assert [t["url"] for t in tabs] == ["/team/", "/team/?view=sales", "/team/?view=mine"]


def test_a_filter_is_a_chip_in_words_and_can_be_taken_away(here) -> None:
    east = here.departments["EAST"]
    listing = people(here, f"department={east.id}&role=SALES,DEPT_HEAD&updated_at__gte=2026-01-01T00:00:00Z")
    chips = [(c["field"], c["value"]) for c in listing.chips]
    assert chips[:2] == [("Department", "华东商务部"), ("Role", "Department head, Sales")] or chips[:2] == [
        ("Department", "华东商务部"),
        ("Role", "Sales, Department head"),
    ]
    assert chips[2][0] == "Updated"
    assert chips[2][1].startswith("≥ 2026-01-01")
    assert listing.chips[0]["remove_url"].startswith("/team/?role=SALES")


def test_a_department_of_another_tenant_has_no_name_here(here, beihe) -> None:
    listing = people(here, f"department={beihe.departments['EAST'].id}")
    assert listing.chips[0]["value"] == "unknown"
    assert codes(listing) == []


@pytest.mark.parametrize("query", ["role=x", "department=x", "ordering=x", "updated_at__gte=9999-99-99"])
def test_a_nonsensical_address_is_told_and_shows_no_row(here, query: str) -> None:
    listing = people(here, query)
    assert [fault.field for fault in listing.faults] == [query.partition("=")[0]]
    assert codes(listing) == []
    assert (listing.pager.total, listing.chips) == (0, [])
    assert len(listing.shown_columns) == 4


def test_a_broken_cursor_shows_the_first_page(here) -> None:
    listing = people(here, "cursor=x")
    assert codes(listing) == ["an", "chen", "gao", "he"]
    assert [fault.field for fault in listing.faults] == ["cursor"]


def test_words_that_are_no_filters_are_kept_and_ignored(here) -> None:
    listing = people(here, "from=mail&search=李")
    assert codes(listing) == ["li"]
    assert listing.kept == [("from", "mail")]


def test_the_form_offers_every_filter_with_what_is_set(here) -> None:
    form = people(here, "role=SALES").form
    assert sorted(form.fields) == sorted(MemberFilters.base_filters)
    assert form["role"].value() == ["SALES"]


def test_a_page_costs_the_same_queries_for_four_rows_and_for_a_hundred(here) -> None:
    def cost() -> int:
        listing = people(here, "view=sales")
        with statements() as sql:
            assert [m.department.name for m in listing.rows]
            assert listing.tabs
            assert listing.pager
        return len(sql)

    few = cost()
    People.per_page = 100
    for number in range(60):
        members.add(
            code=f"n{number}",
            name="n",
            department=here.departments["EAST"],
            roles=[Role.SALES],
            at=NOW,
            on=TODAY,
        )
    try:
        assert (few, cost()) == (2, 2)
    finally:
        People.per_page = 4
