"""The pages of the public sea: what is masked, what a claim answers, what drops, and the rules."""

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client

from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import browser, statements
from crm.tests.cast import Company
from customers import contacts
from customers.models import Claim, Customer, CustomerPool, PoolPolicy
from customers.pools import sea

pytestmark = pytest.mark.django_db


def give_back(company: Company, owner: str, name: str, ago: int = 40) -> Customer:
    """A customer of somebody with a contact, given back some days ago."""
    with tenant(company.tenant.id):
        person, day = company.people[owner], morning.day(-ago)
        row = morning.customer(person, name, province="浙江", city="宁波")
        contacts.add(row, name="王经理", phone="13812345678", by=person, at=morning.noon(day), on=day)
        return sea.give_back(row, reason="无需求", by=person, at=morning.noon(day), on=day)


def after(client: Client, answer: HttpResponse) -> str:
    """The page that an act leads to."""
    assert answer.status_code == 303
    return client.get(answer["Location"]).content.decode()


def lines(company: Company, person: str, query: str = "") -> list[dict]:
    return browser(company, person).get(f"/pool/{query}").context["pool"].lines


def test_the_pool_shows_who_waits_since_when_and_why_with_masked_contacts(yunheng, beihe) -> None:
    give_back(yunheng, "sun", "甬江港务有限公司")
    give_back(beihe, "sun", "别家的客户有限公司")
    (line,) = lines(yunheng, "li")
    assert (line["name"], line["contact"], line["why"], line["before"], line["claims"]) == (
        "甬江港务有限公司",
        "王** 138****5678",
        "无需求",
        "孙悦",
        True,
    )
    answer = browser(yunheng, "li").get("/pool/").content.decode()
    assert "13812345678" not in answer and "王经理" not in answer


def test_a_phone_finds_nobody_in_the_pool(yunheng) -> None:
    give_back(yunheng, "sun", "甬江港务有限公司")
    assert [line["name"] for line in lines(yunheng, "li", "?search=yj")] == ["甬江港务有限公司"]
    assert lines(yunheng, "li", "?search=5678") == []


def test_a_claim_leads_to_the_customer_with_its_phone(yunheng) -> None:
    row = give_back(yunheng, "sun", "甬江港务有限公司")
    client = browser(yunheng, "li")
    answer = client.post(f"/pool/{row.pk}/claim/")
    assert answer["Location"] == f"/customers/{row.pk}/"
    page = after(client, answer)
    assert "13812345678" in page
    assert "is yours. Reach it by" in page
    assert lines(yunheng, "li") == []


def test_who_comes_second_reads_that_it_is_taken(yunheng) -> None:
    row = give_back(yunheng, "sun", "甬江港务有限公司")
    browser(yunheng, "li").post(f"/pool/{row.pk}/claim/")
    client = browser(yunheng, "chen")
    answer = client.post(f"/pool/{row.pk}/claim/")
    assert "A colleague has taken this customer a moment ago." in after(client, answer)


def test_the_eleventh_claim_of_a_day_is_refused_with_the_day_of_the_next(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        PoolPolicy.objects.update(daily_claims=1)
    first, second = (give_back(yunheng, "sun", name) for name in ("甲有限公司", "乙有限公司"))
    client = browser(yunheng, "li")
    client.post(f"/pool/{first.pk}/claim/")
    page = after(client, client.post(f"/pool/{second.pk}/claim/"))
    assert "You have claimed 1 of 1 customers today" in page
    assert "1 of 1 claimed today" in page
    with tenant(yunheng.tenant.id):
        assert Claim.objects.count() == 1


def test_the_one_before_reads_from_which_day_on_it_is_for_him_again(yunheng) -> None:
    give_back(yunheng, "li", "甬江港务有限公司", ago=10)
    (line,) = lines(yunheng, "li")
    assert not line["claims"]
    assert line["wait"].startswith("for you from ")
    assert lines(yunheng, "chen")[0]["claims"]


def test_a_pool_of_a_department_is_open_to_its_people_only(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        CustomerPool.objects.create(code="NORTH", name="华北公海", department=yunheng.departments["NORTH"])
        whole = PoolPolicy.objects.get()
        whole.pk, whole.pool = None, CustomerPool.objects.get(code="NORTH")
        PoolPolicy.objects.create(
            pool=CustomerPool.objects.get(code="NORTH"), code="V1", valid_from=morning.day(-900), stretch={}
        )
    row = give_back(yunheng, "sun", "津港有限公司")
    assert lines(yunheng, "li") == []
    assert browser(yunheng, "li").post(f"/pool/{row.pk}/claim/").status_code == 404
    assert [line["name"] for line in lines(yunheng, "zhao")] == ["津港有限公司"]


def test_the_list_asks_a_fixed_number_of_queries(yunheng) -> None:
    give_back(yunheng, "sun", "第一家有限公司")
    client = browser(yunheng, "li")
    client.get("/pool/")
    with statements() as few:
        client.get("/pool/")
    for number in range(5):
        give_back(yunheng, "sun", f"又{number}家有限公司")
    with statements() as many:
        client.get("/pool/")
    assert len(many) == len(few)


def test_a_head_deals_out_what_he_has_picked(yunheng) -> None:
    rows = [give_back(yunheng, "sun", name) for name in ("甲有限公司", "乙有限公司")]
    client = browser(yunheng, "chen")
    picked = {"pick": [str(row.pk) for row in rows]}
    assert "Deal out 2 customers" in client.post("/pool/deal/", picked).content.decode()
    sent = {"ids": ",".join(map(str, [row.pk for row in rows])), "first": str(yunheng.li.pk), "reason": ""}
    wrong = client.post("/pool/deal/", sent | {"first": "", "first_text": "没有这人"})
    assert (wrong.status_code, "没有这人" in wrong.content.decode()) == (422, True)
    assert "2 customers dealt out" in after(client, client.post("/pool/deal/", sent))
    with tenant(yunheng.tenant.id):
        assert set(Customer.objects.filter(pk__in=[r.pk for r in rows]).values_list("owner", flat=True)) == {
            yunheng.li.pk
        }


def test_returning_asks_a_reason_and_the_history_shows_both_moves(yunheng) -> None:
    row = give_back(yunheng, "sun", "甬江港务有限公司")
    client = browser(yunheng, "li")
    client.post(f"/pool/{row.pk}/claim/")
    empty = client.post(f"/customers/{row.pk}/return/", {"reason": ""})
    assert (empty.status_code, "reason" in empty.context["form"].errors) == (422, True)
    answer = client.post(f"/customers/{row.pk}/return/", {"reason": "打不通"})
    assert answer["Location"] == "/customers/"
    story = browser(yunheng, "gao").get(f"/customers/{row.pk}/").content.decode()
    assert "Claimed from the pool" in story and "Returned to the pool" in story and "打不通" in story


def test_what_drops_stands_with_its_day_and_its_term(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        row = morning.customer(yunheng.li, "甬江港务有限公司", on=morning.day(-25))
        morning.customer(yunheng.sun, "津港有限公司", on=morning.day(-25))
    (line,) = browser(yunheng, "li").get("/pool/dropping/").context["lines"]
    assert (line["customer"], line["clock"].on, line["days"]) == (row, morning.day(6), 6)
    assert str(line["term"]) == "no follow-up in time"
    assert len(browser(yunheng, "gao").get("/pool/dropping/").context["lines"]) == 2


def test_a_locked_customer_does_not_drop(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        row = morning.customer(yunheng.li, "甬江港务有限公司", on=morning.day(-25))
    client = browser(yunheng, "chen")
    client.post(f"/customers/{row.pk}/lock/", {"reason": "法务"})
    assert client.get("/pool/dropping/").context["lines"] == []
    client.post(f"/customers/{row.pk}/lock/", {"reason": "了结"})
    assert len(client.get("/pool/dropping/").context["lines"]) == 1


def test_new_rules_keep_what_was_typed_and_hold_from_their_day(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        pool = CustomerPool.objects.get()
    client = browser(yunheng, "an")
    url = f"/pool/rules/{pool.pk}/new/"
    form = client.get(url).context["form"]
    sent = {name: form.get_initial_for_field(box, name) for name, box in form.fields.items()}
    sent |= {"code": "V2", "valid_from": str(morning.today()), "follow_up_days": "20"}
    wrong = client.post(url, sent)
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["valid_from"])
    assert 'value="20"' in wrong.content.decode()
    client.post(url, sent | {"valid_from": "+1"})
    page = client.get("/pool/rules/").context["pools"][0]["versions"]
    assert [(one.code, now) for one, now in page] == [("V2", False), ("V1", True)]
    assert page[0][0].valid_from == morning.today() + timedelta(1)
    assert page[0][0].stretch == {"COMPANY": 2, "KEY": 2}


def test_a_new_pool_takes_what_its_department_gives_back(yunheng) -> None:
    sent = {"code": "EAST", "name": "华东公海", "department": str(yunheng.departments["EAST"].pk)}
    client = browser(yunheng, "an")
    client.post("/pool/rules/new/", sent)
    again = client.post("/pool/rules/new/", sent | {"code": "E2"})
    assert list(again.context["form"].errors) == ["department"]
    row = give_back(yunheng, "li", "甬江港务有限公司", ago=0)
    assert row.pool.name == "华东公海"
