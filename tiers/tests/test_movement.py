"""Tiers over time: flows, headcount and money of two days redone by hand, on page, list and API."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes
from crm.tests.cast import Company
from tiers import grading, movement
from tiers.movement import OUTSIDE, Flow, Population

pytestmark = pytest.mark.django_db
D = Decimal


def live_through(company: Company, times: int = 1) -> None:
    """60 days ago 华信 was a key account, 甬江 a general one; then 华信 grew, 津港 came and 甬江 went."""
    with tenant(company.tenant.id):
        hua = morning.customer(company.li, "华信科技有限公司")
        yong = morning.customer(company.zhou, "甬江机电有限公司")
        jin = morning.customer(company.sun, "津港物流有限公司")
        morning.sign(hua, "HT-1", str(860_000 * times), starts_on=morning.day(-300))
        morning.sign(yong, "HT-2", str(20_000 * times), starts_on=morning.day(-395))
        grading.grade_all(morning.day(-60), morning.noon(morning.day(-60)))
        morning.sign(hua, "HT-3", str(212_000 * times), starts_on=morning.day(-10))
        morning.sign(jin, "HT-4", str(150_000 * times), starts_on=morning.day(-5))
        grading.grade_all(morning.today(), morning.noon(morning.today()))


@pytest.fixture
def book(yunheng: Company, beihe: Company) -> Company:
    live_through(beihe, 3)
    live_through(yunheng)
    return yunheng


def days(since: int = -45, until: int = 0) -> dict[str, date]:
    return {"since": morning.day(since), "until": morning.day(until)}


HUAXIN = Flow("KEY", "COMPANY", 1, D("860000.00"), D("1072000.00"))
YONGJIANG = Flow("GENERAL", OUTSIDE, 1, D("20000.00"), D("0.00"))
JINGANG = Flow(OUTSIDE, "MAJOR", 1, D("0.00"), D("150000.00"))


def test_growth_a_new_customer_and_a_lost_one_are_three_flows(book: Company) -> None:
    with tenant(book.tenant.id):
        assert movement.flows(book.viewer("gao"), **days()) == [YONGJIANG, HUAXIN, JINGANG]


def test_a_reader_counts_only_whom_he_reaches(book: Company) -> None:
    with tenant(book.tenant.id):
        assert movement.flows(book.viewer("li"), **days()) == [HUAXIN]
        assert movement.flows(book.viewer("chen"), **days()) == [YONGJIANG, HUAXIN]
        assert movement.flows(book.viewer("zhao"), **days()) == [JINGANG]


def test_each_day_has_its_headcount_and_money(book: Company) -> None:
    before, after = days().values()
    with tenant(book.tenant.id):
        assert movement.population(book.viewer("gao"), [before, after]) == [
            Population(before, "GENERAL", 1, D("20000.00")),
            Population(before, "KEY", 1, D("860000.00")),
            Population(after, "COMPANY", 1, D("1072000.00")),
            Population(after, "MAJOR", 1, D("150000.00")),
        ]


def test_two_judgements_of_one_day_count_once_as_it_ended(book: Company) -> None:
    with tenant(book.tenant.id):
        buyer = morning.customer(book.li, "双签科技有限公司")
        morning.sign(buyer, "HT-A", "300000", starts_on=morning.today())
        morning.sign(buyer, "HT-B", "300000", starts_on=morning.today())
        today = movement.population(book.viewer("li"), [morning.today()])
    assert Population(morning.today(), "KEY", 1, D("600000.00")) in today
    assert sum(each.customers for each in today) == 2


def test_the_same_two_days_apart_by_nothing_show_who_stayed(book: Company) -> None:
    with tenant(book.tenant.id):
        found = movement.flows(book.viewer("li"), **days(-50, -40))
    assert found == [Flow("KEY", "KEY", 1, D("860000.00"), D("860000.00"))]
    assert not found[0].moves


def test_the_page_draws_the_matrix_and_the_months(book: Company) -> None:
    answer = browser(book, "gao").get("/tiers/movement/", {k: v.isoformat() for k, v in days().items()})
    matrix, people, worth = answer.context["plots"]
    assert "3 customers changed tier, 0 stayed" in matrix.answer
    assert "before=KEY&amp;after=COMPANY" in matrix.marks
    assert len(people.rows) == len(worth.rows) == 13
    assert worth.marks.count("<a ") == 12  # each month leads to who moved since
    assert people.rows[-1][1:] == ("0", "1", "0", "1")  # general, major, key, company
    assert worth.answer.startswith("¥1.22M a year in force")


def test_the_list_behind_a_cell_holds_its_customers(book: Company) -> None:
    query = {k: v.isoformat() for k, v in days().items()} | {"view": "all"}
    ask = browser(book, "gao")
    cell = ask.get("/tiers/movement/customers/", query | {"before": "KEY", "after": "COMPANY"})
    assert [
        (line["row"].name, line["row"].amount_before, line["row"].amount_after)
        for line in cell.context["movers"].lines
    ] == [("华信科技有限公司", D("860000.00"), D("1072000.00"))]
    moved = ask.get("/tiers/movement/customers/", query | {"view": "moved"}).context["movers"]
    assert len(moved.lines) == 3
    assert [tab["count"] for tab in moved.tabs] == [3, 3]
    assert all(str(query["since"]) in tab["url"] for tab in moved.tabs)


@pytest.mark.parametrize(
    ("since", "until", "field"), [("2026-13-01", "", "since"), ("", "2999-01-01", "until")]
)
def test_days_that_make_no_sense_are_told_beside_their_box(
    book: Company, since: str, until: str, field: str
) -> None:
    for path in ("/tiers/movement/", "/tiers/movement/customers/"):
        answer = browser(book, "gao").get(path, {"since": since, "until": until})
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == [field]
        assert answer.context["form"].data[field] == (since or until)


def test_who_sees_no_amounts_gets_counts_alone(book: Company) -> None:
    page = browser(book, "he").get("/tiers/movement/").content.decode()
    told = Api(book, "he").post("grades/movement/", {k: v.isoformat() for k, v in days().items()}).json()
    assert {key for flow in told["flows"] for key in flow} == {"before", "after", "customers"}
    assert {key for each in told["population"] for key in each} == {"day", "tier", "customers"}
    assert "1,072,000" not in page and "107.2" not in page


def test_the_api_answers_the_same(book: Company) -> None:
    told = Api(book, "gao").post("grades/movement/", {k: v.isoformat() for k, v in days().items()}).json()
    assert told["flows"] == [
        {
            "before": flow.before,
            "after": flow.after,
            "customers": 1,
            "amount_before": str(flow.amount_before),
            "amount_after": str(flow.amount_after),
        }
        for flow in (YONGJIANG, HUAXIN, JINGANG)
    ]
    assert [row["tier"] for row in told["population"]] == ["GENERAL", "KEY", "COMPANY", "MAJOR"]


def test_the_api_refuses_days_to_come_and_days_turned_round(book: Company) -> None:
    api, today = Api(book, "gao"), morning.today().isoformat()
    late = api.post("grades/movement/", {"since": today, "until": "2999-01-01"})
    assert (late.status_code, codes(late)) == (400, [("until", "in_future")])
    turned = api.post("grades/movement/", {"since": today, "until": today})
    assert (turned.status_code, codes(turned)) == (400, [("since", "not_before")])


def test_the_other_company_changes_nothing(yunheng: Company, beihe: Company) -> None:
    live_through(yunheng)
    ask = {k: v.isoformat() for k, v in days().items()}
    alone = Api(yunheng, "gao").post("grades/movement/", ask).content
    live_through(beihe, 3)
    assert Api(yunheng, "gao").post("grades/movement/", ask).content == alone


def test_more_customers_ask_no_more_queries(book: Company) -> None:
    client = browser(book, "gao")
    client.get("/tiers/movement/")
    with CaptureQueriesContext(connection) as few:
        client.get("/tiers/movement/")
    with tenant(book.tenant.id):
        for number in range(4):
            buyer = morning.customer(book.li, f"新客{number}科技有限公司")
            morning.sign(buyer, f"HT-N{number}", "1000", starts_on=morning.day(-3))
    with CaptureQueriesContext(connection) as many:
        client.get("/tiers/movement/")
    assert len(many) == len(few)
