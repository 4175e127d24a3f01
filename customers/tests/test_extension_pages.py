"""More days by page and API: the owner asks, the head answers, everybody else looks on or sees nothing."""

import pytest

from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes, statements
from crm.tests.cast import Company
from customers import interactions
from customers.models import Customer, Extension

pytestmark = pytest.mark.django_db


def held(company: Company, owner: str = "li", name: str = "甬江港务有限公司") -> Customer:
    """A customer that was reached 20 days ago, and drops in eleven."""
    with tenant(company.tenant.id):
        person, day = company.people[owner], morning.day(-20)
        row = morning.customer(person, name, on=morning.day(-25))
        about = {"kind": "CALL", "note": "通了", "happened_on": day}
        interactions.log(row, **about, by=person, at=morning.noon(day), on=day)
        return row


def the_extension(company: Company) -> Extension:
    with tenant(company.tenant.id):
        return Extension.objects.get()


def test_the_owner_asks_on_the_list_of_what_drops_and_the_head_grants(yunheng) -> None:
    row = held(yunheng)
    li, chen = browser(yunheng, "li"), browser(yunheng, "chen")
    address = f"/customers/{row.pk}/extension/"
    assert f'href="{address}"' in li.get("/pool/dropping/").content.decode()
    assert f'href="{address}"' not in chen.get("/pool/dropping/").content.decode()
    assert li.post(address, {"reason": ""}).status_code == 422
    assert li.post(address, {"reason": "等年度预算"}).status_code == 303
    assert li.post(address, {"reason": "再来一次"}).status_code == 409
    asked = the_extension(yunheng)
    assert [line.pk for line in chen.get("/pool/extensions/").context["extensions"].lines] == [asked.pk]
    page = chen.get(f"/pool/extensions/{asked.pk}/").content.decode()
    assert "等年度预算" in page and "Grant 30 days" in page
    assert chen.post(f"/pool/extensions/{asked.pk}/grant/", {"answer": "可以"}).status_code == 303
    assert the_extension(yunheng).state == "GRANTED"
    assert li.get("/pool/dropping/").context["lines"] == []  # 41 days are beyond the preview


def test_a_refusal_needs_its_reason_and_the_owner_reads_it(yunheng) -> None:
    row = held(yunheng)
    li, chen = browser(yunheng, "li"), browser(yunheng, "chen")
    li.post(f"/customers/{row.pk}/extension/", {"reason": "等预算"})
    address = f"/pool/extensions/{the_extension(yunheng).pk}/"
    assert chen.post(f"{address}refusal/", {"answer": " "}).status_code == 422
    assert chen.post(f"{address}refusal/", {"answer": "先去拜访"}).status_code == 303
    page = li.get(address).content.decode()
    assert "先去拜访" in page and "Grant" not in page


def test_nobody_grants_himself_more_days_even_as_a_head(yunheng) -> None:
    row = held(yunheng, "chen")
    chen = browser(yunheng, "chen")
    chen.post(f"/customers/{row.pk}/extension/", {"reason": "等预算"})
    address = f"/pool/extensions/{the_extension(yunheng).pk}/"
    assert chen.post(f"{address}grant/").status_code == 403
    assert browser(yunheng, "gao").post(f"{address}grant/").status_code == 303


def test_by_the_api_a_request_is_made_granted_and_seen(yunheng, beihe) -> None:
    row, theirs = held(yunheng), held(beihe)
    api = Api(yunheng, "li")
    asked = api.post("extensions/", {"customer": str(row.pk), "reason": "等预算"})
    assert asked.status_code == 201
    assert (asked.json()["state"], asked.json()["days"]) == ("ASKED", 30)
    again = api.post("extensions/", {"customer": str(row.pk), "reason": "等预算"})
    assert (again.status_code, codes(again)) == (409, [("", "once")])
    assert api.post("extensions/", {"customer": str(theirs.pk), "reason": "等预算"}).status_code == 400
    path = f"extensions/{asked.json()['id']}/"
    assert api.post(f"{path}grant/").status_code == 403
    granted = Api(yunheng, "chen").post(f"{path}grant/", {"answer": "可以"})
    assert (granted.status_code, granted.json()["state"]) == (200, "GRANTED")
    assert Api(yunheng, "sun").get(path).status_code == 404
    assert Api(beihe, "chen").get(path).status_code == 404
    assert [one["id"] for one in Api(yunheng, "gao").get("extensions/").json()["results"]] == [
        asked.json()["id"]
    ]


def test_the_list_costs_the_same_whatever_its_length(yunheng) -> None:
    def cost() -> int:
        with statements() as found:
            browser(yunheng, "gao").get("/pool/extensions/?view=all")
        return len(found)

    def ask(number: int) -> None:
        row = held(yunheng, name=f"客户{number}有限公司")
        browser(yunheng, "li").post(f"/customers/{row.pk}/extension/", {"reason": "等预算"})

    ask(0)
    cost()  # what is asked once in a process
    before = cost()
    for number in range(1, 4):
        ask(number)
    assert cost() == before
