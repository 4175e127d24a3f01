"""Keyset pages over the rows of departments: `authority_amount` may be unknown and repeats itself."""

import itertools
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.accounts import departments
from crm.accounts.models import Department
from crm.refusal import Refused
from crm.web.keyset import (
    COUNT_EXACTLY,
    Order,
    Page,
    Sort,
    count,
    estimate,
    read_instance,
    understood,
    written,
)

pytestmark = pytest.mark.django_db

SORTS = {"amount": Sort("authority_amount", nullable=True), "kind": "kind", "parent": "parent__code"}
AMOUNTS = [None, None, None, Decimal("1.00"), Decimal("1.00"), Decimal("2.00"), Decimal("7.50")]


@pytest.fixture
def rows(here):
    Department.objects.exclude(code="HQ").update(authority_amount=None)
    for number, amount in enumerate(AMOUNTS):
        kind = [Department.Kind.SALES, Department.Kind.OPS][number % 2]
        departments.create(
            id=UUID(int=number + 1), code=f"X{number}", name="x", kind=kind, authority_amount=amount
        )
    return Department.objects.filter(code__startswith="X")


def walk(rows, text: str, limit: int) -> list[list[str]]:
    """The codes of every page from the first to the last."""
    order, cursor, pages = Order.parse(Department, text, SORTS), None, []
    while True:
        page = order.page(rows, cursor, limit, read_instance(order.paths))
        pages.append([row.code for row in page.rows])
        if page.next is None:
            return pages
        cursor = understood(order, written(order, page.next))


def last(rows, text: str, limit: int) -> tuple[Order, Page]:
    """The order and the last page."""
    order, cursor = Order.parse(Department, text, SORTS), None
    while True:
        page = order.page(rows, cursor, limit, read_instance(order.paths))
        if page.next is None:
            return order, page
        cursor = page.next


@pytest.mark.parametrize("text", ["amount", "-amount", "kind", "-kind,amount", "kind,-amount", ""])
@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8])
def test_pages_together_are_the_whole_list_once(rows, text: str, limit: int) -> None:
    pages = walk(rows, text, limit)
    whole = walk(rows, text, 100)[0]
    assert list(itertools.chain(*pages)) == whole
    assert sorted(whole) == [f"X{n}" for n in range(7)]
    assert all(len(page) == limit for page in pages[:-1])


@pytest.mark.parametrize("text", ["amount", "-amount"])
def test_unknown_values_come_last_in_both_directions(rows, text: str) -> None:
    assert sorted(walk(rows, text, 100)[0][4:]) == ["X0", "X1", "X2"]


def test_values_are_ordered_and_ties_are_broken_by_the_id(rows) -> None:
    assert walk(rows, "amount", 100) == [["X3", "X4", "X5", "X6", "X0", "X1", "X2"]]
    assert walk(rows, "-amount", 100) == [["X6", "X5", "X4", "X3", "X2", "X1", "X0"]]


@pytest.mark.parametrize("text", ["amount", "-amount", "kind,-amount"])
@pytest.mark.parametrize("limit", [1, 2, 3, 5])
def test_going_back_shows_the_same_rows_in_the_same_order(rows, text: str, limit: int) -> None:
    order, page = last(rows, text, limit)
    seen = [row.code for row in page.rows]
    while page.previous:
        page = order.page(rows, page.previous, limit, read_instance(order.paths))
        seen = [row.code for row in page.rows] + seen
    assert seen == walk(rows, text, 100)[0]
    assert page.first == 1


def test_a_page_knows_its_place(rows) -> None:
    order = Order.parse(Department, "amount", SORTS)
    first = order.page(rows, None, 3, read_instance(order.paths))
    second = order.page(rows, first.next, 3, read_instance(order.paths))
    assert (first.first, first.previous) == (1, None)
    assert second.first == 4
    assert order.page(rows, second.previous, 3, read_instance(order.paths)).first == 1


def test_a_row_added_before_the_cursor_does_not_shift_the_next_page(rows) -> None:
    order = Order.parse(Department, "amount", SORTS)
    first = order.page(rows, None, 3, read_instance(order.paths))
    departments.create(code="X9", name="new", authority_amount=Decimal("0.50"))
    following = order.page(rows, first.next, 3, read_instance(order.paths))
    assert [row.code for row in following.rows] == ["X6", "X0", "X1"]


def test_a_column_that_is_not_offered_is_refused(here) -> None:
    with pytest.raises(Refused, match="ordering: unknown"):
        Order.parse(Department, "name", SORTS)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60))
def test_no_text_is_a_cursor_by_chance(here, text: str) -> None:
    with pytest.raises(Refused, match="cursor: unknown"):
        understood(Order.parse(Department, "amount", SORTS), text)


def test_a_cursor_of_another_order_is_refused(rows) -> None:
    order = Order.parse(Department, "amount", SORTS)
    page = order.page(rows, None, 3, read_instance(order.paths))
    with pytest.raises(Refused, match="cursor: unknown"):
        understood(Order.parse(Department, "-amount", SORTS), written(order, page.next))


def test_one_comparison_of_rows_answers_where_all_columns_go_one_way(rows) -> None:
    order = Order.parse(Department, "kind", SORTS)
    page = order.page(rows, None, 2, read_instance(order.paths))
    (section,) = order._sections(rows, page.next, False)
    assert '("accounts_department"."kind", "accounts_department"."id") > (' in str(section.query)


def test_counting_stops_at_ten_thousand(here) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO events_event (tenant_id, id, name, "on", at, actor_name, data) '
            "SELECT %s, crm_uuid7(), 'many', '2026-11-20', now(), '', '{}' FROM generate_series(1, 10001)",
            [here.tenant.id],
        )
    from crm.events.models import Event

    many = Event.objects.filter(name="many")
    assert count(many) == (COUNT_EXACTLY, True)
    assert count(many.filter(pk__in=many.values("pk")[:10_000])) == (10_000, False)
    assert estimate(many) >= COUNT_EXACTLY
