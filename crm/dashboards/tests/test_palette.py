"""What Ctrl K finds: by part of a name, pinyin and number, within reach, with the match marked."""

import pytest

from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import browser
from crm.tests.cast import Company
from customers import contacts

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def books(yunheng: Company, beihe: Company) -> None:
    """Each company has 华信 of 李娜 with 方芳 and a contract, and 津港 of 孙悦."""
    for company in (yunheng, beihe):
        with tenant(company.tenant.id):
            for owner, name in ((company.li, "华信"), (company.sun, "津港")):
                buyer = morning.customer(owner, f"{name}科技有限公司")
                morning.sign(buyer, f"HT-{name}", "120000", starts_on=morning.day(-30))
                at = {"by": owner, "at": morning.noon(morning.today()), "on": morning.today()}
                contacts.add(buyer, name=f"方{name}", phone="13812345678", **at)


def found(company: Company, person: str, term: str, language: str = "en") -> dict[str, list[str]]:
    """The labels of each group, without the mark."""
    groups = browser(company, person, language).get("/find/", {"q": term}).context["groups"]
    return {
        group.label: [str(o.label).replace("<mark>", "").replace("</mark>", "") for o in group.options]
        for group in groups
    }


@pytest.mark.parametrize("term", ["华", "信科", "huaxin", "hx"])
def test_a_customer_is_found_by_part_pinyin_and_initials(yunheng: Company, term: str) -> None:
    assert found(yunheng, "li", term)["Customers"] == ["华信科技有限公司"]


def test_the_match_is_marked_and_words_are_escaped(yunheng: Company) -> None:
    groups = browser(yunheng, "li").get("/find/", {"q": "信"}).context["groups"]
    assert str(groups[0].options[0].label) == "华<mark>信</mark>科技有限公司"
    shown = browser(yunheng, "li").get("/find/", {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert(1)" not in shown


def test_contracts_and_people_at_customers_are_found(yunheng: Company) -> None:
    assert found(yunheng, "li", "HT-")["Contracts"] == ["HT-华信"]
    assert found(yunheng, "li", "方华")["Contacts"] == ["方华信"]
    assert found(yunheng, "li", "5678")["Contacts"] == ["方华信"]


def test_what_is_out_of_reach_is_not_found(yunheng: Company) -> None:
    assert "Customers" not in found(yunheng, "li", "津港")
    assert found(yunheng, "gao", "科技")["Customers"] == ["华信科技有限公司", "津港科技有限公司"]


def test_an_option_leads_to_its_page(yunheng: Company, beihe: Company) -> None:
    client = browser(yunheng, "li")
    option = client.get("/find/", {"q": "华信"}).context["groups"][0].options[0]
    assert client.get(option.url).status_code == 200
    assert browser(beihe, "gao").get(option.url).status_code == 404


def test_rights_decide_what_kinds_there_are(yunheng: Company) -> None:
    # Customer service sees people at customers and no contracts.
    seen = found(yunheng, "he", "华信")
    assert seen["Customers"] == ["华信科技有限公司"]
    assert "Contracts" not in found(yunheng, "he", "HT-")
    assert "Commands" not in found(yunheng, "shen", "new customer")


def test_places_and_commands_answer_to_their_names_in_the_readers_language(yunheng: Company) -> None:
    assert found(yunheng, "li", "new cus")["Commands"] == ["New customer"]
    assert found(yunheng, "li", "新建客户", "zh-hans")["命令"] == ["新建客户"]
    assert found(yunheng, "li", "commission")["Go to"] == ["Commission"]


def test_an_empty_search_offers_places_alone(yunheng: Company) -> None:
    assert set(found(yunheng, "li", "")) == {"Go to", "Commands"}


def test_nothing_found_says_so(yunheng: Company) -> None:
    answer = browser(yunheng, "li").get("/find/", {"q": "绝无此名"})
    assert answer.context["groups"] == []
    assert answer.status_code == 200
