"""The customer list: tabs, filters, order, pages, and what it keeps from whom."""

from decimal import Decimal

import pytest

from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import browser, statements
from crm.tests.cast import Company

pytestmark = pytest.mark.django_db


def fill(company: Company, count: int, owner: str = "li", prefix: str = "甬江") -> None:
    with tenant(company.tenant.id):
        for number in range(count):
            buyer = morning.customer(company.people[owner], f"{prefix}{number:03d}机电有限公司")
            amount = str(10_000 * (number + 1))
            morning.sign(buyer, f"{prefix}-{number}", amount, starts_on=morning.day(-30))


def listing(company: Company, person: str, query: str = ""):
    return browser(company, person).get(f"/customers/{query}").context["book"]


def names(company: Company, person: str, query: str = "") -> list[str]:
    return [line["name"] for line in listing(company, person, query).lines]


def tabs(company: Company, person: str) -> dict[str, int]:
    return {tab["label"]: tab["count"] for tab in listing(company, person).tabs}


def test_a_seller_sees_his_own_and_a_head_the_department_first(yunheng: Company, beihe: Company) -> None:
    fill(yunheng, 2)
    fill(yunheng, 1, "sun", "津港")
    fill(beihe, 3)
    assert names(yunheng, "li") == ["甬江000机电有限公司", "甬江001机电有限公司"]
    assert names(yunheng, "chen") == names(yunheng, "li")
    assert names(yunheng, "sun") == ["津港000机电有限公司"]
    assert len(names(yunheng, "gao")) == 3


def test_the_tabs_tell_how_many_they_hold(yunheng: Company) -> None:
    fill(yunheng, 2)
    found = tabs(yunheng, "chen")
    assert (found["My department"], found["My customers"], found["All"]) == (2, 0, 2)


def test_a_word_finds_by_part_pinyin_and_initials(yunheng: Company) -> None:
    fill(yunheng, 1)
    fill(yunheng, 1, prefix="华信")
    for word in ("华", "huaxin", "hx"):
        assert names(yunheng, "li", f"?search={word}") == ["华信000机电有限公司"], word


def test_a_sort_by_amount_is_kept_and_one_by_a_hidden_column_is_not(yunheng: Company) -> None:
    fill(yunheng, 3)
    by_amount = listing(yunheng, "li", "?ordering=-annual_amount").lines
    assert [line["annual"] for line in by_amount] == [Decimal(n) for n in (30_000, 20_000, 10_000)]
    hidden = listing(yunheng, "he", "?ordering=-annual_amount")
    assert "annual" not in {column["key"] for column in hidden.shown_columns}
    assert (hidden.lines, [fault.field for fault in hidden.faults]) == ([], ["ordering"])


def test_pages_follow_each_other_without_a_gap(yunheng: Company) -> None:
    fill(yunheng, 53)
    first = listing(yunheng, "li")
    assert len(first.lines) == 50
    after = browser(yunheng, "li").get(first.pager.next_url).context["book"].lines
    both = [line["name"] for line in (*first.lines, *after)]
    assert (len(both), len(set(both))) == (53, 53)


def test_the_number_of_queries_does_not_grow_with_the_rows(yunheng: Company) -> None:
    client, counts = browser(yunheng, "li"), []
    for _turn in range(2):
        fill(yunheng, 5, prefix=f"批{len(counts)}")
        client.get("/customers/")
        with statements() as asked:
            client.get("/customers/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_list_without_rows_says_so_and_offers_what_fills_it(yunheng: Company) -> None:
    page = browser(yunheng, "li").get("/customers/").content.decode()
    assert "No customer is here yet." in page and "/registrations/new/" in page
