"""The public sea by the API: pools, who waits in them, claims, returns, deals."""

import pytest

from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, codes
from customers.models import Customer, CustomerPool
from customers.tests.test_pool_pages import give_back

pytestmark = pytest.mark.django_db


def waiting(company, person: str) -> list[dict]:
    api = Api(company, person)
    (pool,) = api.get("pools/").json()["results"]
    return api.get(f"pools/{pool['id']}/customers/").json()["results"]


def test_who_waits_is_told_without_contacts_and_without_other_companies(yunheng, beihe) -> None:
    row = give_back(yunheng, "sun", "甬江港务有限公司")
    give_back(beihe, "sun", "别家的客户有限公司")
    (told,) = waiting(yunheng, "li")
    assert (told["id"], told["name"], told["city"]) == (str(row.pk), "甬江港务有限公司", "宁波")
    assert not {"phone", "contacts", "credit_code", "owner"} & set(told)


def test_a_claim_is_201_and_the_next_one_409_with_the_reason(yunheng) -> None:
    row = give_back(yunheng, "sun", "甬江港务有限公司")
    won = Api(yunheng, "li").post("claims/", {"customer": str(row.pk)})
    assert (won.status_code, won.json()["member"]) == (201, str(yunheng.li.pk))
    again = Api(yunheng, "li").post("claims/", {"customer": str(row.pk)})
    assert (again.status_code, codes(again)) == (409, [("", "taken")])
    lost = Api(yunheng, "wu").post("claims/", {"customer": str(row.pk)})
    assert lost.status_code == 404
    assert Api(yunheng, "li").get(f"customers/{row.pk}/").status_code == 200


def test_cool_down_is_told_in_the_callers_language(yunheng) -> None:
    row = give_back(yunheng, "li", "甬江港务有限公司", ago=10)
    answer = Api(yunheng, "li", **{"Accept-Language": "zh-hans"}).post("claims/", {"customer": str(row.pk)})
    assert (answer.status_code, codes(answer)) == (409, [("", "cool_down")])
    assert "可再领取" in answer.json()["errors"][0]["message"]


def test_customers_are_given_back_all_or_none(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        free = morning.customer(yunheng.li, "甲有限公司")
        bound = morning.customer(yunheng.li, "乙有限公司")
        morning.sign(bound, "K-1", "1000.00", starts_on=morning.day(-1))
    api = Api(yunheng, "li")
    both = {"customers": [str(free.pk), str(bound.pk)], "reason": "无需求"}
    refused = api.post("returns/", both)
    assert (refused.status_code, codes(refused)) == (409, [("", "contract_in_force")])
    with tenant(yunheng.tenant.id):
        assert Customer.objects.get(pk=free.pk).owner == yunheng.li
    assert api.post("returns/", both | {"customers": [str(free.pk)]}).json() == {"moved": 1, "skipped": 0}


def test_a_head_deals_to_people_in_turn(yunheng) -> None:
    rows = [give_back(yunheng, "sun", f"{name}有限公司") for name in "甲乙丙"]
    sent = {
        "customers": [str(row.pk) for row in rows],
        "among": [str(yunheng.li.pk), str(yunheng.zhou.pk)],
    }
    assert Api(yunheng, "chen").post("distributions/", sent).json() == {"moved": 3, "skipped": 0}
    with tenant(yunheng.tenant.id):
        counts = [Customer.objects.filter(owner=one).count() for one in (yunheng.li, yunheng.zhou)]
    assert sorted(counts) == [1, 2]
    assert Api(yunheng, "li").post("distributions/", sent).status_code == 403


def test_rules_are_laid_down_and_wrong_ones_told_by_field(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        pool = CustomerPool.objects.get()
    api = Api(yunheng, "an")
    sent = {"pool": str(pool.pk), "code": "V2", "valid_from": str(morning.day(1)), "daily_claims": 5}
    wrong = api.post("pool-policies/", sent | {"daily_claims": 0, "valid_from": str(morning.today())})
    assert (wrong.status_code, codes(wrong)) == (
        400,
        [("valid_from", "in_past"), ("daily_claims", "out_of_range")],
    )
    made = api.post("pool-policies/", sent)
    assert (made.status_code, made.json()["daily_claims"], made.json()["holding_cap"]) == (201, 5, 200)
    overlap = api.post("pool-policies/", sent | {"code": "V3"})
    assert (overlap.status_code, codes(overlap)) == (409, [("valid_from", "version_overlap")])


def test_customers_are_handed_over_by_their_ids(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        row = morning.customer(yunheng.li, "甲有限公司")
    sent = {"customers": [str(row.pk)], "to": str(yunheng.zhou.pk), "reason": "调整"}
    answer = Api(yunheng, "chen").post("transfers/", sent)
    assert (answer.status_code, answer.json()) == (201, {"moved": 1, "skipped": 0})
