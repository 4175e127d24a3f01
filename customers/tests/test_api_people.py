"""People at customers, words on them, contacts that happened, and who is responsible: by the API."""

from typing import Any

import pytest

from crm.accounts.models import Member
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, codes
from customers import contacts
from customers.models import Contact, Customer, CustomerTag, Interaction, Tag, Usage

pytestmark = pytest.mark.django_db
ABSENT = "019a2f6e-3c1b-7d44-9f0a-5b7c2d8e1f30"


@pytest.fixture
def huaxin(yunheng) -> Customer:
    with tenant(yunheng.tenant.id):
        return morning.customer(yunheng.li, "华信科技有限公司")


@pytest.fixture
def theirs(yunheng) -> Customer:
    """A customer that 李娜 does not reach."""
    with tenant(yunheng.tenant.id):
        return morning.customer(yunheng.sun, "孙悦的客户")


@pytest.fixture
def li(yunheng) -> Api:
    return Api(yunheng, "li")


# Contacts


def person(buyer: Customer, /, **fields: Any) -> dict[str, Any]:
    usual = {"customer": str(buyer.id), "name": "王经理", "phone": "139 1234 5678", "is_primary": True}
    return usual | fields


def test_a_person_is_added_changed_and_taken_off(li, huaxin) -> None:
    made = li.post("contacts/", person(huaxin))
    assert (made.status_code, made["ETag"], made.json()["is_primary"]) == (201, '"1"', True)
    place = made["Location"]
    changed = li.patch(place, {"title": "采购"}, headers={"If-Match": '"1"'})
    assert (changed.json()["title"], changed.json()["name"], changed["ETag"]) == ("采购", "王经理", '"2"')
    stale = li.patch(place, {"title": "x"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, codes(stale)) == (412, [("", "stale")])
    assert li.delete(place, headers={"If-Match": '"1"'}).status_code == 412
    assert li.delete(place, headers={"If-Match": '"2"'}).status_code == 204
    assert li.get(place).status_code == 404


def test_a_customer_has_one_main_contact(li, huaxin) -> None:
    first = li.post("contacts/", person(huaxin)).json()
    li.post("contacts/", person(huaxin, name="赵秘书"))
    assert li.get(f"contacts/{first['id']}/").json()["is_primary"] is False
    rows = li.get(f"contacts/?customer={huaxin.id}&is_primary=true").json()["results"]
    assert [row["name"] for row in rows] == ["赵秘书"]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"name": ""}, ("name", "blank")),
        ({"name": "x" * 121}, ("name", "max_length")),
        ({"email": "nobody"}, ("email", "invalid")),
        ({"phone": "1" * 41}, ("phone", "max_length")),
        ({"customer": ABSENT}, ("customer", "does_not_exist")),
        ({"age": 40}, ("age", "unknown")),
    ],
)
def test_a_person_that_is_wrong_is_told_by_field(li, yunheng, huaxin, fields: dict, fault) -> None:
    answer = li.post("contacts/", person(huaxin, **fields))
    assert (answer.status_code, codes(answer)) == (400, [fault])
    with tenant(yunheng.tenant.id):
        assert not Contact.objects.exists()


def test_the_same_person_stands_once(li, huaxin) -> None:
    li.post("contacts/", person(huaxin))
    answer = li.post("contacts/", person(huaxin))
    assert (answer.status_code, codes(answer)) == (400, [("name", "duplicate_contact")])


def test_a_person_does_not_move_to_another_customer(li, yunheng, huaxin) -> None:
    with tenant(yunheng.tenant.id):
        other = morning.customer(yunheng.li, "东方药业")
    place = li.post("contacts/", person(huaxin))["Location"]
    answer = li.patch(place, {"customer": str(other.id), "title": "采购"})
    assert (answer.json()["customer"], answer.json()["title"]) == (str(huaxin.id), "采购")


def test_people_are_within_reach_and_phones_need_their_right(li, yunheng, beihe, huaxin, theirs) -> None:
    key = li.post("contacts/", person(huaxin)).json()["id"]
    for stranger in (Api(yunheng, "sun"), Api(beihe, "gao")):
        assert stranger.get(f"contacts/{key}/").status_code == 404
    assert codes(li.post("contacts/", person(theirs))) == [("customer", "does_not_exist")]
    admin = Api(yunheng, "an")
    assert "phone" not in admin.get(f"contacts/{key}/").json()
    answer = admin.get("contacts/", {"phone": "139 1234 5678"})
    assert (answer.status_code, codes(answer)) == (400, [("phone", "unknown")])
    assert len(Api(yunheng, "he").get("contacts/", {"phone": "139 1234 5678"}).json()["results"]) == 1


# Tags


def tagged(company: Any) -> set[tuple[str, str]]:
    with tenant(company.tenant.id):
        return set(CustomerTag.objects.values_list("customer__name", "tag__name"))


def test_a_word_is_put_on_customers_once(li, yunheng, huaxin) -> None:
    body = {"name": " 重点  客户 ", "customers": [str(huaxin.id)]}
    first, again = (li.post("tags/", body) for _ in range(2))
    assert (first.status_code, again.json()["id"], first.json()["name"]) == (
        201,
        first.json()["id"],
        "重点 客户",
    )
    assert tagged(yunheng) == {("华信科技有限公司", "重点 客户")}
    assert [row["name"] for row in li.get("tags/").json()["results"]] == ["重点 客户"]


def test_a_word_on_one_customer_out_of_reach_is_put_on_none(li, yunheng, huaxin, theirs) -> None:
    answer = li.post("tags/", {"name": "重点", "customers": [str(huaxin.id), str(theirs.id)]})
    assert (answer.status_code, codes(answer)) == (400, [("customers.1", "does_not_exist")])
    with tenant(yunheng.tenant.id):
        assert (tagged(yunheng), Tag.objects.count()) == (set(), 0)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"name": "", "customers": [ABSENT]}, ("name", "blank")),
        ({"name": "x" * 41, "customers": [ABSENT]}, ("name", "max_length")),
        ({"name": "x", "customers": []}, ("customers", "min_length")),
        ({"name": "x", "customers": [ABSENT]}, ("customers.0", "does_not_exist")),
        ({"name": "x"}, ("customers", "required")),
    ],
)
def test_a_tag_that_is_wrong_is_told(li, body: dict, fault: tuple[str, str]) -> None:
    answer = li.post("tags/", body)
    assert (answer.status_code, fault in codes(answer)) == (400, True), codes(answer)


# Interactions


def talk(buyer: Customer, /, **fields: Any) -> dict[str, Any]:
    return {"customer": str(buyer.id), "kind": "VISIT", "note": "谈续约", **fields}


def test_a_contact_that_happened_moves_the_day_of_last_contact(li, yunheng, huaxin) -> None:
    answer = li.post("interactions/", talk(huaxin, next_on=f"{morning.day(3)}", next_note="报价"))
    made = answer.json()
    assert (answer.status_code, made["on"], made["member"], made["is_effective"]) == (
        201,
        f"{morning.today()}",
        str(yunheng.li.id),
        True,
    )
    assert li.get(answer["Location"]).json() == made
    row = li.get(f"customers/{huaxin.id}/").json()
    assert (row["last_contact_on"], row["next_on"]) == (f"{morning.today()}", f"{morning.day(3)}")


def test_a_call_that_reached_nobody_is_no_contact(li, huaxin) -> None:
    assert li.post("interactions/", talk(huaxin, is_effective=False)).status_code == 201
    assert li.get(f"customers/{huaxin.id}/").json()["last_contact_on"] is None


def test_a_contact_with_a_number_is_recorded_once(li, yunheng, huaxin) -> None:
    first, again = (li.post("interactions/", talk(huaxin, number="CC-1")) for _ in range(2))
    assert (first.status_code, again.json()) == (201, first.json())
    other = li.post("interactions/", talk(huaxin, number="CC-1", note="别的"))
    assert (other.status_code, codes(other)) == (400, [("number", "duplicate_number")])
    with tenant(yunheng.tenant.id):
        assert Interaction.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"kind": "FAX"}, ("kind", "invalid_choice")),
        ({"happened_on": "2999-01-01"}, ("happened_on", "in_future")),
        ({"happened_on": "yesterday"}, ("happened_on", "invalid")),
        ({"next_on": "2020-01-01"}, ("next_on", "in_past")),
        ({"contact": ABSENT}, ("contact", "does_not_exist")),
        ({"member": ABSENT}, ("member", "does_not_exist")),
        ({"customer": ABSENT}, ("customer", "does_not_exist")),
        ({"note": "x" * 10_001}, ("note", "max_length")),
        ({"number": "x" * 61}, ("number", "max_length")),
    ],
)
def test_a_contact_that_is_wrong_is_told_by_field(li, yunheng, huaxin, fields: dict, fault) -> None:
    answer = li.post("interactions/", talk(huaxin, **fields))
    assert (answer.status_code, codes(answer)) == (400, [fault])
    with tenant(yunheng.tenant.id):
        assert not Interaction.objects.exists()


def test_a_person_of_another_customer_is_refused(li, yunheng, huaxin) -> None:
    with tenant(yunheng.tenant.id):
        other = morning.customer(yunheng.li, "东方药业")
        act: dict[str, Any] = {"by": yunheng.li, "at": morning.noon(morning.today()), "on": morning.today()}
        stranger = contacts.add(other, name="钱经理", **act)
    answer = li.post("interactions/", talk(huaxin, contact=str(stranger.id)))
    assert (answer.status_code, codes(answer)) == (400, [("contact", "other_customer")])


def test_contacts_that_happened_are_within_reach_filtered_and_append_only(li, yunheng, huaxin) -> None:
    made = li.post("interactions/", talk(huaxin)).json()
    li.post("interactions/", talk(huaxin, kind="CALL", happened_on=f"{morning.day(-9)}"))
    path = f"interactions/{made['id']}/"
    assert [li.patch(path, {"note": "x"}).status_code, li.delete(path).status_code] == [405, 405]
    assert [row["kind"] for row in li.get("interactions/").json()["results"]] == ["VISIT", "CALL"]
    recent = li.get(f"interactions/?on__gte={morning.day(-1)}&customer={huaxin.id}").json()["results"]
    assert [row["id"] for row in recent] == [made["id"]]
    assert Api(yunheng, "sun").get(path).status_code == 404
    assert [Api(yunheng, who).get("interactions/").status_code for who in ("qian", "tian", "an")] == [403] * 3


# Usage


def test_use_of_the_service_is_read_by_day_and_measure(li, yunheng, huaxin, theirs) -> None:
    with tenant(yunheng.tenant.id):
        for buyer, days, value in ((huaxin, -1, 5), (huaxin, 0, 7), (theirs, 0, 9)):
            Usage.objects.create(customer=buyer, day=morning.day(days), measure="logins", value=value)
    rows = li.get("usage/?measure=logins").json()["results"]
    assert [(row["day"], row["value"]) for row in rows] == [
        (f"{morning.today()}", "7.00"),
        (f"{morning.day(-1)}", "5.00"),
    ]
    assert len(li.get(f"usage/?day__lt={morning.today()}").json()["results"]) == 1


# Transfers and ownerships


def hand(to_whom: Any, /, *buyers: Any, **fields: Any) -> dict[str, Any]:
    return {
        "customers": [str(buyer.id) for buyer in buyers],
        "to": str(to_whom.id),
        "reason": "调岗",
        **fields,
    }


def test_a_transfer_moves_customers_and_leaves_a_dated_credit(yunheng, huaxin) -> None:
    chen = Api(yunheng, "chen")
    answer = chen.post("transfers/", hand(yunheng.zhou, huaxin))
    assert (answer.status_code, answer.json()) == (201, {"moved": 1, "skipped": 0})
    assert chen.post("transfers/", hand(yunheng.zhou, huaxin)).json() == {"moved": 0, "skipped": 1}
    rows = chen.get(f"ownerships/?customer={huaxin.id}&role=MANAGER&ordering=valid_from").json()["results"]
    assert [(r["member"], r["valid_from"], r["valid_to"], r["rule"], r["reason"]) for r in rows] == [
        (str(yunheng.li.id), f"{morning.day(-730)}", f"{morning.today()}", "ASSIGN-03", ""),
        (str(yunheng.zhou.id), f"{morning.today()}", None, "TRANSFER", "调岗"),
    ]
    open_ones = chen.get(f"ownerships/?customer={huaxin.id}&is_open=true&role=MANAGER").json()["results"]
    assert [row["member"] for row in open_ones] == [str(yunheng.zhou.id)]
    assert chen.get(f"customers/{huaxin.id}/").json()["owner"] == str(yunheng.zhou.id)


def test_a_transfer_of_one_customer_out_of_reach_moves_none(yunheng, huaxin, theirs) -> None:
    chen = Api(yunheng, "chen")
    answer = chen.post("transfers/", hand(yunheng.zhou, huaxin, theirs))
    assert (answer.status_code, codes(answer)) == (400, [("customers.1", "does_not_exist")])
    assert chen.get(f"customers/{huaxin.id}/").json()["owner"] == str(yunheng.li.id)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"reason": ""}, ("reason", "blank")),
        ({"reason": "x" * 201}, ("reason", "max_length")),
        ({"to": ABSENT}, ("to", "does_not_exist")),
        ({"customers": []}, ("customers", "min_length")),
        ({"customers": ["x"]}, ("customers.0", "invalid")),
        ({"on": "2026-01-01"}, ("on", "unknown")),
    ],
)
def test_a_transfer_that_is_wrong_is_told(yunheng, huaxin, fields: dict, fault) -> None:
    answer = Api(yunheng, "chen").post("transfers/", hand(yunheng.zhou, huaxin, **fields))
    assert (answer.status_code, codes(answer)) == (400, [fault])


def test_nobody_who_has_left_takes_a_customer(yunheng, huaxin) -> None:
    with tenant(yunheng.tenant.id):
        Member.objects.filter(pk=yunheng.zhou.pk).update(status=Member.Status.LEFT)
    answer = Api(yunheng, "chen").post("transfers/", hand(yunheng.zhou, huaxin))
    assert (answer.status_code, codes(answer)) == (400, [("to", "not_active")])


def test_a_transfer_needs_its_right_and_scope_and_is_done_once(yunheng, beihe, huaxin) -> None:
    body = hand(yunheng.zhou, huaxin)
    assert Api(yunheng, "li").post("transfers/", body).status_code == 403
    assert Api(yunheng, "chen", "customers:write").post("transfers/", body).status_code == 403
    foreign = Api(beihe, "gao").post("transfers/", body)
    assert (foreign.status_code, ("to", "does_not_exist") in codes(foreign)) == (400, True)
    chen, once = Api(yunheng, "chen"), {"Idempotency-Key": "hr-1"}
    first, again = (chen.post("transfers/", body, headers=once) for _ in range(2))
    assert (first.json(), again.json()) == ({"moved": 1, "skipped": 0}, {"moved": 1, "skipped": 0})
