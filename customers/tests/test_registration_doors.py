"""Registrations 报备 through pages and API: filed, listed, seen, and refused with what may be told."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes
from crm.tests.cast import Company
from customers import interactions, registry
from customers.models import Customer, Registration
from customers.registrations import outcomes, registering

pytestmark = pytest.mark.django_db
NAME = "宁波甬江机械有限公司"
TYPED = {
    "name": NAME,
    "no_code_reason": "新设，尚未领证",
    "contact_name": "王经理",
    "contact_title": "设备科",
    "contact_phone": "13800001234",
    "need": "年度维保",
    "product_kind": "STANDARD",
    "line": "DEFAULT",
    "province": "浙江",
}
BODY = {name: value for name, value in TYPED.items() if name != "product_kind"}


def filed(company: Company, who: str = "li", day: date | None = None, name: str = NAME) -> Registration:
    day = day or morning.today()
    told: dict[str, Any] = {"by": company.people[who], "at": morning.noon(day), "on": day}
    about = registering.Company(name, need="年度维保", no_code_reason="新设")
    with tenant(company.tenant.id):
        return registering.register(about, registering.Person("王经理"), **told)


def developed(company: Company) -> Customer:
    with tenant(company.tenant.id):
        return morning.customer(company.li, "已开发客户")


def reached(company: Company, row: Registration, who: str = "li") -> None:
    day = morning.today()
    told: dict[str, Any] = {"by": company.people[who], "at": morning.noon(day), "on": day}
    with tenant(company.tenant.id):
        made = Customer.objects.get(pk=row.customer_id)
        interactions.log(made, kind="CALL", note="约看现场", happened_on=day, **told)


def lapsed(company: Company) -> Registration:
    """Filed nine days ago, and lapsed since yesterday."""
    row = filed(company, day=morning.day(-9))
    with tenant(company.tenant.id):
        outcomes.lapse_due(morning.day(-1), morning.noon(morning.day(-1)))
    return row


def listed(client: Client, view: str = "") -> list[str]:
    page = client.get(f"/registrations/?view={view}")
    return [line["row"].name for line in page.context["registrations"].lines]


def test_a_salesperson_registers_a_company_and_sees_by_when_to_reach_it(yunheng) -> None:
    client = browser(yunheng, "li")
    assert client.get("/registrations/new/").status_code == 200
    sent = client.post("/registrations/new/", TYPED)
    with tenant(yunheng.tenant.id):
        row = Registration.objects.select_related("customer", "contact").get()
    assert (sent.status_code, sent["Location"]) == (303, f"/registrations/{row.pk}/")
    assert (row.customer.province, row.contact.phone) == ("浙江", "13800001234")
    page = client.get(f"/registrations/{row.pk}/")
    assert (page.context["left"], "年度维保" in page.content.decode()) == (7, True)
    assert listed(client) == [NAME]
    assert "Reach the customer, or the registration lapses" in client.get("/follow-ups/").content.decode()


def test_what_is_missing_stands_beside_its_box(yunheng) -> None:
    client = browser(yunheng, "li")
    page = client.post("/registrations/new/", {**TYPED, "no_code_reason": "", "need": ""})
    assert (page.status_code, set(page.context["form"].errors)) == (422, {"need"})
    page = client.post("/registrations/new/", {**TYPED, "no_code_reason": ""})
    assert (page.status_code, set(page.context["form"].errors)) == (422, {"no_code_reason"})


def test_another_department_is_told_masked_while_typing_and_when_it_registers(yunheng) -> None:
    filed(yunheng)
    client = browser(yunheng, "sun")
    until = f"{morning.day(15):%Y-%m-%d}"
    typing = client.get("/customers/known/", {"name": NAME}, headers={"Accept-Language": "zh-hans"})
    assert "华东商务部" in typing.content.decode() and until in typing.content.decode()
    refused = client.post("/registrations/new/", TYPED)
    assert (refused.status_code, set(refused.context["form"].errors)) == (422, {"name"})
    told = [(one.department, one.name) for one, *_ways in refused.context["known"]]
    assert told == [("华东商务部", "")]
    for page in (typing, refused):
        assert "李娜" not in page.content.decode()


def test_the_search_before_leads_on_to_registering_what_nobody_knows(yunheng) -> None:
    page = browser(yunheng, "li").get("/customers/check/", {"name": NAME})
    assert "/registrations/new/?name=" in page.content.decode()
    form = browser(yunheng, "li").get("/registrations/new/", {"name": NAME}).context["form"]
    assert form.initial["name"] == NAME


def test_views_part_what_is_mine_of_my_department_in_effect_and_lapsed(yunheng) -> None:
    reached(yunheng, filed(yunheng, name="甲机械有限公司"))
    filed(yunheng, "zhou", name="乙机械有限公司")
    lapsed(yunheng)
    li, chen = browser(yunheng, "li"), browser(yunheng, "chen")
    assert (listed(li), listed(li, "all-mine")) == ([], ["甲机械有限公司", NAME])
    assert (listed(li, "effective"), listed(li, "lapsed")) == (["甲机械有限公司"], [NAME])
    assert listed(chen, "open") == ["乙机械有限公司"]
    assert listed(browser(yunheng, "sun"), "all-mine") == []


def test_the_list_asks_as_much_for_one_row_as_for_many(yunheng, django_assert_max_num_queries) -> None:
    client = browser(yunheng, "li")
    counted = []
    for number in range(2):
        for each in range(1 + 6 * number):
            filed(yunheng, name=f"第{number}{each}机械有限公司")
        with django_assert_max_num_queries(20) as asked:
            client.get("/registrations/")
        counted.append(len(asked))
    assert counted[0] == counted[1]


def test_a_lapsed_registration_is_filed_again_from_its_page(yunheng) -> None:
    row = lapsed(yunheng)
    client = browser(yunheng, "li")
    page = client.get(f"/registrations/{row.pk}/")
    again = f"/registrations/new/?customer={row.customer_id}"
    assert again in page.content.decode()
    form = client.get(again)
    assert (form.context["form"].initial["name"], "province" in form.context["form"].fields) == (NAME, False)
    sent = client.post("/registrations/new/", {**TYPED, "customer": row.customer_id})
    assert sent.status_code == 303
    assert listed(client) == [NAME]
    assert again not in client.get(f"/registrations/{row.pk}/").content.decode()


def test_what_came_of_it_stands_on_its_page_and_on_the_customers(yunheng) -> None:
    row = filed(yunheng)
    reached(yunheng, row)
    page = browser(yunheng, "chen").get(f"/registrations/{row.pk}/").content.decode()
    assert "华东商务部 is the developer." in page and "约看现场" in page
    tab = browser(yunheng, "chen").get(f"/customers/{row.customer_id}/ownership/")
    assert [(one.pk, left) for one, left in tab.context["registrations"]] == [(row.pk, None)]
    told = browser(yunheng, "chen").get(f"/customers/{row.customer_id}/").content.decode()
    assert "Registration took effect" in told and "Registered by a developer" in told
    assert f"/registrations/{row.pk}/" in told


def test_an_inbound_customer_offers_its_owner_to_be_registered(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        day = morning.day(-3)
        row = registry.register(name="上门客户", by=None, at=morning.noon(day), on=day)
        owner = row.owner.code
    page = browser(yunheng, owner).get(f"/customers/{row.pk}/").content.decode()
    assert f"/registrations/new/?customer={row.pk}" in page
    known = developed(yunheng)
    page = browser(yunheng, "li").get(f"/customers/{known.pk}/").content.decode()
    assert "/registrations/new/?customer=" not in page


def test_a_customer_of_somebody_else_cannot_be_named(yunheng, beihe) -> None:
    with tenant(beihe.tenant.id):
        theirs = morning.customer(beihe.li, "别家客户")
    mine = developed(yunheng)
    client = browser(yunheng, "sun")
    for pk in (theirs.pk, mine.pk, "nonsense"):
        assert client.get(f"/registrations/new/?customer={pk}").status_code == 404
    answer = Api(yunheng, "sun").post("registrations/", {**BODY, "customer": str(mine.pk)})
    assert (answer.status_code, codes(answer)) == (400, [("customer", "does_not_exist")])
    answer = Api(yunheng, "sun").post("registrations/", {**BODY, "customer": str(theirs.pk)})
    assert (answer.status_code, codes(answer)) == (400, [("customer", "does_not_exist")])


# The API


def test_a_program_registers_and_reads_what_came_of_it(yunheng) -> None:
    made = Api(yunheng, "li").post("registrations/", BODY)
    assert made.status_code == 201
    about = made.json()
    assert (about["state"], about["name"], about["member"]) == ("OPEN", NAME, str(yunheng.li.pk))
    assert about["due_on"] == str(morning.today() + timedelta(7))
    with tenant(yunheng.tenant.id):
        row = Registration.objects.get()
    reached(yunheng, row)
    told = Api(yunheng, "li").get(f"registrations/{row.pk}/").json()
    assert (told["state"], told["fixes_developer"], told["effective_on"]) == (
        "EFFECTIVE",
        True,
        str(morning.today()),
    )
    found = Api(yunheng, "chen").get("registrations/?state=EFFECTIVE&fixes_developer=true").json()["results"]
    assert [one["id"] for one in found] == [str(row.pk)]
    assert Api(yunheng, "chen").get("registrations/?state=OPEN,LAPSED").json()["results"] == []
    assert Api(yunheng, "sun").get(f"registrations/{row.pk}/").status_code == 404


def test_a_program_is_told_masked_who_was_first(yunheng) -> None:
    row = filed(yunheng)
    answer = Api(yunheng, "sun").post("registrations/", BODY)
    assert (answer.status_code, codes(answer)) == (400, [("name", "duplicate_name")])
    assert answer.json()["errors"][0]["about"] == {
        "customer": str(row.customer_id),
        "responsible_dept": "华东商务部",
        "protected_until": str(morning.day(15)),
        "offers": ["customer-intel", "ownership-disputes"],
    }
    again = Api(yunheng, "li").post("registrations/", BODY)
    assert (again.status_code, codes(again)) == (409, [("", "registered")])


def test_who_may_not_see_a_credit_code_finds_none_in_it(yunheng) -> None:
    filed(yunheng)
    assert "credit_code" not in Api(yunheng, "he").get("registrations/").json()["results"][0]
    assert "expected_annual" not in Api(yunheng, "he").get("registrations/").json()["results"][0]
    assert "credit_code" in Api(yunheng, "li").get("registrations/").json()["results"][0]


def test_two_companies_know_nothing_of_each_others_registrations(yunheng, beihe) -> None:
    theirs = filed(beihe)
    assert Api(yunheng, "gao").get("registrations/").json()["results"] == []
    assert browser(yunheng, "gao").get(f"/registrations/{theirs.pk}/").status_code == 404
    assert browser(yunheng, "li").post("/registrations/new/", TYPED).status_code == 303
