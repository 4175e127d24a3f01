"""Home by level of responsibility: each figure redone by hand, and the rows behind it sum to it."""

from decimal import Decimal

import pytest
from django.urls import reverse

from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import browser
from crm.tests.cast import Company

pytestmark = pytest.mark.django_db


@pytest.fixture
def book(yunheng: Company, beihe: Company) -> Company:
    """李娜 signed 120,000 and 周毅 60,000 this quarter, 孙悦 of the north 900,000; half of 李娜's is paid.

    The other company has the same three, ten times as large.
    """
    for company, times in ((yunheng, 1), (beihe, 10)):
        with tenant(company.tenant.id):
            for owner, name, amount in (
                (company.li, "华信", 120_000),
                (company.zhou, "甬江", 60_000),
                (company.sun, "津港", 900_000),
            ):
                buyer = morning.customer(owner, f"{name}科技有限公司")
                deal = morning.sign(
                    buyer,
                    f"HT-{name}",
                    str(amount * times),
                    starts_on=morning.day(-20),
                    due=[morning.day(-5), morning.day(40)],
                    signed_on=morning.today(),
                )
                if owner is company.li:
                    morning.receive(deal, str(amount * times // 2), morning.today())
    return yunheng


def home(company: Company, person: str, language: str = "en"):
    return browser(company, person, language).get("/").context["home"]


def tiles(company: Company, person: str) -> dict[str, Decimal | int | None]:
    return {tile.key: tile.value for tile in home(company, person).tiles}


def test_each_level_has_its_page(book: Company) -> None:
    levels = {p: home(book, p).level for p in ("li", "chen", "wu", "gao", "shen", "qian", "he", "wang", "an")}
    assert levels == {
        "li": "front_line",
        "chen": "department",
        "wu": "department",
        "gao": "executive",
        "shen": "executive",
        "qian": "finance",
        "he": "desk",
        "wang": "desk",
        "an": "admin",
    }


def test_a_seller_sees_his_own_quarter(book: Company) -> None:
    assert tiles(book, "li")["signed"] == Decimal("120000.00")
    assert tiles(book, "zhou")["signed"] == Decimal("60000.00")


def test_what_is_still_to_come_is_what_the_open_half_pays(book: Company) -> None:
    # 120,000 is a major account's: 8 % = 9,600 without VAT and expenses; half of it came today.
    assert tiles(book, "li")["pay_to_come"] == Decimal("4800.00")


def test_a_head_sees_the_department_and_an_executive_the_company(book: Company) -> None:
    assert tiles(book, "chen")["signed"] == Decimal("180000.00")
    assert tiles(book, "gao")["annual"] == Decimal("1080000.00")


def test_what_is_late_is_what_was_due_and_did_not_come(book: Company) -> None:
    # 李娜's first half was due five days ago and came; 周毅's 30,000 and 孙悦's 450,000 did not.
    assert tiles(book, "chen")["overdue"] == Decimal("30000.00")
    assert tiles(book, "qian")["overdue"] == Decimal("480000.00")


def test_the_list_behind_the_value_in_force_sums_to_it(book: Company) -> None:
    tile = next(tile for tile in home(book, "gao").tiles if tile.key == "annual")
    assert browser(book, "gao").get(tile.href).context["book"].annual_sum == tile.value


@pytest.mark.parametrize("person", ["li", "chen", "qian"])
def test_the_rows_behind_a_figure_sum_to_it(book: Company, person: str) -> None:
    client, checked = browser(book, person), []
    for tile in home(book, person).tiles:
        if tile.href.startswith("/behind/") and tile.value is not None and tile.key != "renewal_rate":
            behind = client.get(tile.href).context["behind"]
            assert behind.totals[0] == tile.value, tile.key
            assert sum(row.amounts[0] for row in behind.rows) == tile.value, tile.key
            checked.append(tile.key)
    assert checked


@pytest.mark.parametrize("person", ["he", "an", "wang"])
def test_who_may_not_see_amounts_has_no_figure_of_money(book: Company, person: str) -> None:
    page = home(book, person)
    assert {tile.key for tile in page.tiles} <= {"due_today"}
    assert page.plots == []


def test_a_figure_behind_which_the_reader_may_not_look_is_refused(book: Company) -> None:
    address = reverse("dashboards:behind", args=["overdue"])
    assert browser(book, "an").get(address).status_code in (403, 404)
    assert browser(book, "li").get(reverse("dashboards:behind", args=["no-such"])).status_code == 404
    assert browser(book, "li").get(
        f"{reverse('dashboards:behind', args=['signed'])}?since=x"
    ).status_code in (
        400,
        404,
    )


def test_an_empty_company_has_a_page_for_everybody(yunheng: Company) -> None:
    for person in ("li", "chen", "gao", "qian", "he", "an"):
        assert browser(yunheng, person).get("/").status_code == 200


def test_home_speaks_the_readers_language(book: Company) -> None:
    assert "金额续签率" in browser(book, "chen", "zh-hans").get("/").content.decode()
    assert "Gross renewal rate" in browser(book, "chen").get("/").content.decode()
