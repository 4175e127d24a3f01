"""The customer page: its facts, rail, tabs and timeline redone by hand, and what it keeps from whom."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import browser, statements
from crm.tests.cast import Company
from customers import cash, contacts, interactions
from customers.models import Customer, Interaction
from tiers import strategies

pytestmark = pytest.mark.django_db


def live_through(company: Company, times: int = 1) -> Customer:
    """华信 of 李娜: 120,000 a year until in 45 days, half of it paid and half 20 days late; one contact."""
    with tenant(company.tenant.id):
        buyer = morning.customer(company.li, "华信科技有限公司")
        starts_on = morning.day(45)
        starts_on = starts_on.replace(year=starts_on.year - 1)
        due = [morning.day(-60), morning.day(-20)]
        deal = morning.sign(buyer, "HT-1", str(120_000 * times), starts_on=starts_on, due=due)
        morning.receive(deal, str(60_000 * times), morning.day(-60))
        morning.accrue(deal)
        cash.refresh_all(morning.today(), morning.noon(morning.today()))
        at = {"by": company.li, "at": morning.noon(morning.today()), "on": morning.today()}
        contacts.add(buyer, name="方芳", title="财务总监", phone="13812345678", is_primary=True, **at)
        interactions.log(
            buyer,
            kind=Interaction.Kind.VISIT,
            note="谈了续约",
            happened_on=morning.today(),
            is_effective=True,
            **at,
        )
    return buyer


@pytest.fixture
def huaxin(yunheng: Company, beihe: Company) -> Customer:
    live_through(beihe, 10)
    return live_through(yunheng)


def page(company: Company, person: str, found: Customer, tab: str = "", query: str = ""):
    return at(company, person, found.pk, tab, query)


def at(company: Company, person: str, key: UUID, tab: str = "", query: str = ""):
    return browser(company, person).get(f"/customers/{key}/{tab + '/' if tab else ''}{query}")


def texts(company: Company, person: str, found: Customer, tab: str = "") -> str:
    return page(company, person, found, tab).content.decode()


def test_the_strip_says_amount_debt_end_and_last_contact(yunheng: Company, huaxin: Customer) -> None:
    context = page(yunheng, "li", huaxin).context
    standing, facts = context["standing"], context["facts"]
    assert (standing.tier, standing.annual_amount) == ("MAJOR", Decimal("120000.00"))
    assert (standing.open_amount, standing.overdue_amount) == (Decimal("60000.00"), Decimal("60000.00"))
    assert facts.overdue_note == "¥60,000 overdue · 20 days"
    assert facts.overdue_tone == "red"
    assert facts.last_day == morning.day(44)
    assert (facts.ends_note, facts.ends_tone) == ("in 44 days", "amber")
    assert facts.contracts_note == "1 contract in force"
    assert facts.developers == "李娜 100%"
    assert (facts.contact_note, facts.contact_tone) == ("", "")


def test_my_commission_is_mine_alone(yunheng: Company, huaxin: Customer) -> None:
    mine = page(yunheng, "li", huaxin).context["pay"]
    # 120,000 without VAT in its terms, × 8 % of a major customer; half of the cash came.
    assert (mine.expected, mine.posted, mine.open) == (
        Decimal("9600.00"),
        Decimal("4800.00"),
        Decimal("4800.00"),
    )
    assert page(yunheng, "chen", huaxin).context["pay"] is None
    assert "9,600" not in texts(yunheng, "chen", huaxin)


def test_the_renewal_that_is_near_has_its_card_and_its_step(yunheng: Company, huaxin: Customer) -> None:
    context = page(yunheng, "li", huaxin).context
    assert context["renewing"].number == "HT-1"
    assert [step["state"] for step in context["renewal_steps"]] == ["done", "now", "next", "next"]
    assert f"/customers/{huaxin.pk}/sign/?renews={context['renewing'].id.hex}" in texts(yunheng, "li", huaxin)


def test_the_scale_says_how_far_the_next_tier_is(yunheng: Company, huaxin: Customer) -> None:
    scale = page(yunheng, "li", huaxin).context["scale"]
    # 120,000 lies 20,000 of 400,000 into the second of four bands: (1 + 0.05) ÷ 4.
    assert scale.position == Decimal("0.2625")
    assert scale.aside == "¥380,000 to Key account"


def test_the_timeline_tells_what_happened_newest_first(yunheng: Company, huaxin: Customer) -> None:
    entries = page(yunheng, "li", huaxin).context["entries"]
    moments = [entry.at for entry in entries]
    assert moments == sorted(moments, reverse=True)
    assert "谈了续约" in texts(yunheng, "li", huaxin)
    only = page(yunheng, "li", huaxin, query="?group=contact").context["entries"]
    assert len(only) == 1


def test_each_tab_has_its_rows(yunheng: Company, huaxin: Customer) -> None:
    contracts = page(yunheng, "li", huaxin, "contracts").context["contracts"]
    assert [(row.number, row.collected, row.share) for row in contracts] == [
        ("HT-1", Decimal("60000.00"), Decimal("0.5"))
    ]
    assert [row.name for row in page(yunheng, "li", huaxin, "contacts").context["contacts"]] == ["方芳"]
    credits = page(yunheng, "li", huaxin, "ownership").context["credits"]
    assert {(credit.role, credit.member.code, credit.rule) for credit in credits} == {
        ("DEVELOPER", "li", "ASSIGN-03"),
        ("MANAGER", "li", "ASSIGN-03"),
    }


def test_service_sees_people_and_neither_amounts_nor_contracts(yunheng: Company, huaxin: Customer) -> None:
    seen = page(yunheng, "he", huaxin)
    assert seen.status_code == 200
    labels = [tab["label"] for tab in seen.context["tabs"]]
    assert labels == ["Overview", "Contacts", "Ownership"]
    shown = seen.content.decode()
    assert "方芳" in shown and "120,000" not in shown and "60,000" not in shown and "HT-1" not in shown
    assert page(yunheng, "he", huaxin, "contracts").status_code == 404


@pytest.mark.parametrize("tab", ["", "contracts", "contacts", "ownership"])
def test_out_of_reach_is_as_absent(yunheng: Company, beihe: Company, huaxin: Customer, tab: str) -> None:
    gone = at(yunheng, "sun", uuid4(), tab)
    hidden = page(yunheng, "sun", huaxin, tab)
    assert (hidden.status_code, gone.status_code) == (404, 404)
    assert page(beihe, "gao", huaxin, tab).status_code == 404
    assert "华信" not in hidden.content.decode()


def test_a_contact_is_logged_from_the_page(yunheng: Company, huaxin: Customer) -> None:
    words = {"kind": "CALL", "note": "约了周五"}
    answer = browser(yunheng, "li").post(f"/customers/{huaxin.pk}/log/", words)
    assert (answer.status_code, answer["Location"]) == (303, f"/customers/{huaxin.pk}/")
    with tenant(yunheng.tenant.id):
        assert Interaction.objects.filter(customer=huaxin, note="约了周五", kind="CALL").count() == 1


def test_a_logged_contact_refreshes_what_the_customer_is_due(yunheng: Company) -> None:
    with tenant(yunheng.tenant.id):
        silent, day = morning.customer(yunheng.li, "久未联系公司"), morning.day(-99)
        told: dict[str, Any] = {"by": yunheng.an, "at": morning.noon(day), "on": day}
        strategies.lay_down(service_level="标准", rhythm_days=10, **told)
    shown = texts(yunheng, "li", silent).partition('id="due"')[2].partition("</aside>")[0]
    assert "Next contact by" in shown and "days late" in shown
    words, asked = {"kind": "CALL", "note": "约了周五"}, {"HX-Request": "true", "HX-Target": "composer"}
    answer = browser(yunheng, "li").post(f"/customers/{silent.pk}/log/", words, headers=asked)
    due = answer.content.decode().partition('hx-target="#due"')[2].partition("</hx-partial>")[0]
    assert (answer.status_code, "Next contact by" in due, "days late" in due) == (200, True, False)


def test_a_contact_without_words_is_asked_for_them_and_keeps_its_kind(
    yunheng: Company, huaxin: Customer
) -> None:
    answer = browser(yunheng, "li").post(f"/customers/{huaxin.pk}/log/", {"kind": "VISIT", "note": " "})
    assert answer.status_code == 422
    assert list(answer.context["composer"].errors) == ["note"]
    assert [kind["value"] for kind in answer.context["kinds"] if kind["checked"]] == ["VISIT"]


def test_who_only_reads_cannot_log(yunheng: Company, huaxin: Customer) -> None:
    answer = browser(yunheng, "shen").post(f"/customers/{huaxin.pk}/log/", {"kind": "CALL", "note": "x"})
    assert answer.status_code == 403


def test_more_contracts_ask_no_more_queries(yunheng: Company, huaxin: Customer) -> None:
    client, path = browser(yunheng, "li"), f"/customers/{huaxin.pk}/"
    client.get(path)
    with statements() as few:
        client.get(path)
    with tenant(yunheng.tenant.id):
        for number in range(5):
            morning.sign(huaxin, f"HT-M{number}", "1000", starts_on=morning.day(-10))
    with statements() as many:
        client.get(path)
    assert len(many) == len(few)
