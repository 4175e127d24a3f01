"""Closing a month by page and by API: who finds which button, and what he reads of whom."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.urls import reverse

from commissions.models import Period, PoolDistribution, Statement
from commissions.models.period import State
from commissions.tests import months
from commissions.tests.test_pages import text
from crm.periods import add_months
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes
from crm.tests.cast import PEOPLE, Company
from crm.web import waiting
from customers.models import SplitConfirmation

pytestmark = pytest.mark.django_db
STEPS = (
    ("calculation", "tian"),
    ("review", "chen"),
    ("review", "gao"),
    ("approval", "gao"),
    ("payout", "qian"),
    ("close", "qian"),
)


def last_month() -> date:
    return add_months(morning.today().replace(day=1), -1)


def last_months_book(company: Company) -> SimpleNamespace:
    """Last month: 李娜 earned 6,930.00, 周毅 2,970.00, the operations department 990.00."""
    with tenant(company.tenant.id):
        shares = (("li", 7_000), ("zhou", 3_000))
        months.earned(company, "A", "99000.00", last_month(), shares=shares)
        row = Period.objects.get(month=f"{last_month():%Y-%m}")
    return SimpleNamespace(company=company, period=row)


@pytest.fixture
def book(yunheng):
    return last_months_book(yunheng)


def page(book, person: str):
    return browser(book.company, person).get(reverse("commissions:period", args=[book.period.pk]))


def buttons(book, person: str) -> set[str]:
    shown = page(book, person).content.decode()
    names = {"calculation", "review", "approval", "payout", "close"}
    return {
        name for name in names if reverse(f"commissions:period-{name}", args=[book.period.pk]) + '"' in shown
    }


def press(book, person: str, name: str):
    return browser(book.company, person).post(reverse(f"commissions:period-{name}", args=[book.period.pk]))


def state(book) -> str:
    with tenant(book.company.tenant.id):
        return Period.objects.get(pk=book.period.pk).state


def statement_of(book, person: str) -> Statement:
    with tenant(book.company.tenant.id):
        return Statement.objects.select_related("period").get(member=book.company.people[person])


def bring(book, number: int) -> None:
    for name, person in STEPS[:number]:
        assert press(book, person, name).status_code == 303, (name, person)


# The steps


def test_a_month_is_closed_by_pages_from_step_to_step(book) -> None:
    states = []
    for name, person in STEPS:
        assert buttons(book, person) == {name}
        assert press(book, person, name).status_code == 303
        states.append(state(book))
    assert states == ["CALCULATED", "CALCULATED", "REVIEWED", "APPROVED", "PAID", "CLOSED"]
    assert [buttons(book, person) for person in ("tian", "chen", "gao", "qian", "shen")] == [set()] * 5


def test_a_month_is_closed_by_the_api_in_the_same_way(book) -> None:
    for name, person in STEPS:
        answer = Api(book.company, person).post(f"periods/{book.period.pk}/{name}/", {})
        assert answer.status_code == 200, answer.json()
    found = answer.json()
    assert (found["state"], found["calculated_by"]) == ("CLOSED", str(book.company.tian.pk))
    assert (found["approved_by"], found["paid_by"]) == (str(book.company.gao.pk), str(book.company.qian.pk))
    again = Api(book.company, "tian").post(f"periods/{book.period.pk}/calculation/", {})
    assert (again.status_code, codes(again)) == (409, [("", "wrong_state")])


def test_who_has_no_right_to_a_step_has_neither_button_nor_way(book) -> None:
    may = {"calculation": {"qian", "tian"}, "review": {"gao", "chen", "zhao"}, "approval": {"gao", "qian"}}
    may |= {"payout": {"qian"}, "close": {"qian"}}
    for name, people in may.items():
        refused = {code for code, *_ in PEOPLE if press(book, code, name).status_code == 403}
        assert refused | people == {code for code, *_ in PEOPLE} and not refused & people, name
        by_api = {
            code
            for code, *_ in PEOPLE
            if Api(book.company, code).post(f"periods/{book.period.pk}/{name}/", {}).status_code == 403
        }
        assert by_api == refused, name


def test_one_person_does_not_calculate_and_approve_on_either_way(book) -> None:
    assert press(book, "qian", "calculation").status_code == 303
    assert press(book, "gao", "review").status_code == 303
    assert buttons(book, "qian") == {"calculation"}  # anew, until it is approved
    assert "Approve and publish: You did an earlier step" in text(page(book, "qian"))
    refused = press(book, "qian", "approval")
    assert (refused.status_code, state(book)) == (409, "REVIEWED")
    assert "You did an earlier step" in text(refused)
    by_api = Api(book.company, "qian").post(f"periods/{book.period.pk}/approval/", {})
    assert (by_api.status_code, codes(by_api)) == (409, [("", "same_person")])


def test_the_month_that_runs_cannot_be_calculated(book) -> None:
    with tenant(book.company.tenant.id):
        months.earned(book.company, "B", "1000.00", morning.today())
        running = Period.objects.get(month=f"{morning.today():%Y-%m}")
    answer = Api(book.company, "tian").post(f"periods/{running.pk}/calculation/", {})
    assert (answer.status_code, codes(answer)) == (400, [("", "not_over"), ("", "previous_open")])


def test_a_stale_version_is_refused(book) -> None:
    url = f"periods/{book.period.pk}/calculation/"
    assert Api(book.company, "tian").post(url, {}, headers={"If-Match": '"99"'}).status_code == 412


# What is read of whom


def test_the_checklist_names_what_is_open_with_a_link_to_its_rows(book) -> None:
    with tenant(book.company.tenant.id):
        signed = months.contract(book.company, "V", "1000.00", last_month())
        morning.receive(signed, "1200.00", last_month(), "R-V")
    shown = page(book, "qian")
    assert "Cash is settled against instalments · 1 open · does not block" in text(shown)
    url = reverse("commissions:period-rows", args=[book.period.pk, "advances"])
    assert url in shown.content.decode()
    assert "V 客户 V ¥200.00" in text(browser(book.company, "qian").get(url))
    assert "Checklist" not in text(page(book, "chen"))


def test_the_list_tells_of_splits_and_pools_that_hold_commission(book) -> None:
    with tenant(book.company.tenant.id):
        buyer = morning.customer(book.company.li, "W")
        deal = morning.sign(buyer, "W", "9000.00", starts_on=last_month(), signed_on=last_month())
        SplitConfirmation.objects.create(
            contract=deal,
            department=book.company.departments["EAST"],
            asked=book.company.chen,
            asked_on=last_month(),
        )
        pool = PoolDistribution.objects.create(
            contract=deal,
            department=book.company.departments["EAST"],
            asked=book.company.chen,
            opened_on=last_month(),
            due_on=last_month(),
        )
    shown = text(page(book, "qian"))
    assert "Every split is confirmed · 1 open · does not block" in shown
    assert "Every department pool is distributed · 1 open · does not block" in shown
    for key, behind in (
        ("splits", reverse("customers:split", args=[deal.pk])),
        ("pools", reverse("commissions:pool", args=[pool.pk])),
    ):
        client = browser(book.company, "qian")
        rows = client.get(reverse("commissions:period-rows", args=[book.period.pk, key])).content.decode()
        assert behind in rows
        assert client.get(behind).status_code == 200


def test_a_head_reads_his_own_people_and_no_total_over_two(book) -> None:
    bring(book, 1)
    head, finance = text(page(book, "chen")), text(page(book, "qian"))
    assert "李娜 华东商务部 ¥0.00 ¥6,930.00 ¥6,930.00" in head
    assert "运维部" not in head and "To be paid ¥9,900.00" not in head
    assert "Totals over fewer than 3 payees are not shown." in head
    assert "运维部" in finance and "To be paid ¥10,890.00" in finance
    assert "李娜" not in text(page(book, "zhao"))
    months_of = text(browser(book.company, "chen").get(reverse("commissions:periods")))
    assert "fewer than three payees" in months_of and "9,900.00" not in months_of


def test_a_statement_is_its_payees_once_it_is_published(book) -> None:
    bring(book, 3)
    row = statement_of(book, "li")
    url = reverse("commissions:statement", args=[row.pk])

    def readers() -> set[str]:
        return {code for code, *_ in PEOPLE if browser(book.company, code).get(url).status_code == 200}

    def by_api() -> set[str]:
        return {
            code
            for code, *_ in PEOPLE
            if Api(book.company, code).get(f"statements/{row.pk}/").status_code == 200
        }

    reviewers = {"gao", "chen", "qian", "tian", "shen"}
    assert readers() == by_api() == reviewers
    assert press(book, "gao", "approval").status_code == 303
    assert readers() == by_api() == reviewers | {"li"}


def test_the_statement_shows_every_line_with_what_led_to_it(book) -> None:
    bring(book, 4)
    row = statement_of(book, "li")
    shown = browser(book.company, "li").get(reverse("commissions:statement", args=[row.pk]))
    words = text(shown)
    assert "To be paid ¥6,930.00 人民币陆仟玖佰叁拾元整" in words
    assert "¥0.00 + ¥6,930.00 = ¥6,930.00 + ¥0.00" in words
    assert "A 客户 A · New business" in words
    assert "Receipt R-A 9,900.00 × 70.00% = 6,930.00; due 6,930.00 − 0.00" in words
    assert "Paid this year ¥6,930.00" in words
    assert "2,970.00" not in words  # what 周毅 has


def test_its_payee_confirms_a_statement_and_the_bar_stops_counting_it(book) -> None:
    bring(book, 4)
    row, client = statement_of(book, "li"), browser(book.company, "li")
    url = reverse("commissions:statement", args=[row.pk])
    mine = client.get(reverse("commissions:mine"))
    assert url in mine.content.decode()
    home = client.get(reverse("dashboards:home"))
    assert f"Your commission statement of {row.period.month}" in text(home)
    assert "I have read it" in text(client.get(url))
    assert browser(book.company, "qian").post(f"{url}confirm/").status_code == 404
    assert client.post(f"{url}confirm/").status_code == 303
    assert "I have read it" not in text(client.get(url))
    assert statement_of(book, "li").confirmed_at is not None
    assert "Your commission statement" not in text(client.get(reverse("dashboards:home")))
    refused = Api(book.company, "qian").post(f"statements/{row.pk}/confirmation/", {})
    assert (refused.status_code, codes(refused)) == (400, [("", "not_yours")])


def test_a_statement_by_the_api(book) -> None:
    bring(book, 4)
    (row,) = Api(book.company, "li").get("statements/").json()["results"]
    assert row["by_kind"] == {"EARNED": "6930.00"}
    assert (row["opening_carry"], row["posted"], row["payable"], row["closing_carry"]) == (
        *("0.00", "6930.00"),
        *("6930.00", "0.00"),
    )
    assert row["month"] == f"{last_month():%Y-%m}"
    found = Api(book.company, "qian").get("statements/", {"month": row["month"], "ordering": "-payable"})
    assert [Decimal(each["payable"]) for each in found.json()["results"]] == [
        Decimal("6930.00"),
        Decimal("2970.00"),
        Decimal("990.00"),
    ]
    assert Api(book.company, "li").get("statements/", {"ordering": "by_kind"}).status_code == 400


def test_another_companys_months_and_statements_do_not_exist(book, beihe) -> None:
    bring(book, 4)
    row = statement_of(book, "li")
    for code in ("li", "gao", "qian"):
        client, api = browser(beihe, code), Api(beihe, code)
        assert client.get(reverse("commissions:statement", args=[row.pk])).status_code == 404
        assert api.get(f"statements/{row.pk}/").status_code == 404
        assert api.get("statements/").json()["results"] == []
    assert Api(beihe, "tian").post(f"periods/{book.period.pk}/calculation/", {}).status_code == 404
    with tenant(beihe.tenant.id):
        assert not Period.objects.exclude(state=State.OPEN).exists()


def test_the_bar_counts_the_months_that_wait_for_the_reader(book) -> None:
    def counts() -> dict[str, int]:
        found = {}
        with tenant(book.company.tenant.id):
            for code in ("tian", "chen", "zhao", "gao", "qian", "shen", "li"):
                told = waiting.counts(book.company.viewer(code), morning.today())
                found[code] = told["periods"].number if "periods" in told else 0
        return found

    nobody = dict.fromkeys(("tian", "chen", "zhao", "gao", "qian", "shen", "li"), 0)
    assert counts() == nobody | {"tian": 1, "qian": 1}
    bring(book, 1)
    assert counts() == nobody | {"chen": 1, "gao": 1}
    press(book, "chen", "review")
    press(book, "gao", "review")
    assert counts() == nobody | {"gao": 1, "qian": 1}
