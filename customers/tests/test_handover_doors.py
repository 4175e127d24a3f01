"""Handing a book over by pages and API, and taking it back."""

from collections import Counter

import pytest

from crm.accounts import members
from crm.accounts.models import Member
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes
from customers.models import Contact, Customer, Handover, HandoverRow
from lifecycle import followups

pytestmark = pytest.mark.django_db
NEW = "/handovers/new/"


def act(company) -> dict:
    return {"by": company.an, "at": morning.noon(morning.today()), "on": morning.today()}


def leaver(company, number=7) -> list[Customer]:
    """李娜 gives notice; she has customers, the first with a contract, a contact and something to do."""
    with tenant(company.tenant.id):
        rows = [morning.customer(company.li, f"客户{place}") for place in range(number)]
        morning.sign(rows[0], "HT-1", "120000.00", starts_on=morning.day(-30))
        Contact.objects.create(customer=rows[0], name="王经理")
        followups.open(rows[0], title="续签", due_on=morning.today(), **act(company))
        row = Member.objects.get(pk=company.li.pk)
        members.edit(row, changes={"status": "LEAVING"}, version=row.version, **act(company))
    return rows


def owners(company) -> Counter:
    with tenant(company.tenant.id):
        return Counter(Customer.objects.values_list("owner__code", flat=True))


def open_one(company) -> Handover:
    with tenant(company.tenant.id):
        return Handover.objects.get()


def test_a_head_sees_who_leaves_beside_the_link_and_in_the_team(yunheng) -> None:
    leaver(yunheng)
    client = browser(yunheng, "chen")
    page = client.get("/handovers/")
    assert [(row.member.name, row.customers) for row in page.context["handovers"].rows] == [("李娜", 7)]
    counts = {item.url: item.count for part in page.context["shell"].nav for item in part.items}
    assert counts["/handovers/"] == (1, False)
    assert f"{NEW}?member={yunheng.li.pk}" in client.get("/team/").content.decode()
    assert browser(yunheng, "zhao").get("/handovers/").context["handovers"].rows == []


def test_the_leaver_neither_hands_over_nor_uses_a_key(yunheng) -> None:
    leaver(yunheng)
    client = browser(yunheng, "li")
    assert [client.get(path).status_code for path in ("/handovers/", NEW, "/pool/", "/keys/")] == [403] * 4


def test_whose_to_whom_what_moves_then_it_is_done_and_taken_back(yunheng) -> None:
    rows = leaver(yunheng)
    client, address = browser(yunheng, "chen"), f"{NEW}?member={yunheng.li.pk}"
    assert client.get(NEW).status_code == 200
    whole = client.get(address).context["preview"]
    assert (whole.moving.customers, whole.moving.contacts, whole.moving.contracts) == (7, 1, 1)
    assert whole.follow_ups == 1
    turn = {"among": [str(yunheng.chen.pk), str(yunheng.zhou.pk)], "other": str(yunheng.sun.pk)}
    seen = client.post(address, turn)
    assert {part.to.code: part.customers for part in seen.context["preview"].parts} == {
        "chen": 3,
        "sun": 2,
        "zhou": 2,
    }
    assert owners(yunheng) == {"li": 7}
    by_hand = {f"to-{rows[0].pk}": str(yunheng.zhou.pk), f"to-{rows[1].pk}": ""}
    moved = client.post(address, turn | by_hand | {"reason": "离职交接", "confirm": "1"})
    with tenant(yunheng.tenant.id):
        made = Handover.objects.get(state="DONE")
        assert Handover.objects.get(state="OPEN").member == yunheng.li
    assert (moved.status_code, moved["Location"]) == (303, f"/handovers/{made.pk}/")
    assert owners(yunheng) == {"chen": 2, "zhou": 2, "sun": 2, "li": 1}
    done = client.get("/handovers/?state=DONE").context["handovers"].rows
    assert [(row.member.name, row.customers) for row in done] == [("李娜", 6)]
    page = client.get(f"/handovers/{made.pk}/")
    assert (page.context["count"], page.context["back"]) == (6, 6)
    assert client.post(f"/handovers/{made.pk}/undo/").status_code == 303
    assert owners(yunheng) == {"li": 7}
    client.post(f"/handovers/{made.pk}/undo/")
    again = client.get(f"/handovers/{made.pk}/")
    assert "has not been handed over" in again.content.decode()


def test_one_person_at_least_is_needed_and_neither_box_is_called_optional(yunheng) -> None:
    leaver(yunheng, 1)
    client, address = browser(yunheng, "chen"), f"{NEW}?member={yunheng.li.pk}"
    boxes = client.get(address).content.decode().partition("<fieldset")[2].partition('name="reason"')[0]
    assert "At least one person" in boxes
    assert boxes.count('class="optional"') == 1  # the note
    refused = client.post(address, {})
    fieldset = refused.content.decode().partition("<fieldset")[2].partition("</fieldset>")[0]
    assert (refused.status_code, "Choose at least one person." in fieldset) == (422, True)
    whose = client.get(NEW).content.decode().partition('<form class="form"')[2].partition("</form>")[0]
    assert 'class="optional"' not in whose


def test_what_is_gone_meanwhile_is_said_on_the_page(yunheng) -> None:
    rows = leaver(yunheng, 1)
    client, address = browser(yunheng, "chen"), f"{NEW}?member={yunheng.li.pk}"
    assert client.post(address, {}).status_code == 422
    stays = {"among": [str(yunheng.zhou.pk)], f"to-{rows[0].pk}": "", "confirm": "1"}
    assert client.post(address, stays).status_code == 409


def test_a_head_hands_over_the_books_of_his_own_people_alone(yunheng, beihe) -> None:
    leaver(yunheng, 1)
    for whose in (f"member={yunheng.sun.pk}", f"department={yunheng.departments['NORTH'].pk}"):
        assert browser(yunheng, "chen").get(f"{NEW}?{whose}").status_code == 422
    assert browser(beihe, "gao").get(f"{NEW}?member={yunheng.li.pk}").status_code == 422


def test_a_department_is_reorganised_by_the_page(yunheng) -> None:
    leaver(yunheng, 2)
    address = f"{NEW}?department={yunheng.departments['EAST'].pk}"
    answer = browser(yunheng, "gao").post(address, {"other": str(yunheng.sun.pk), "confirm": "1"})
    with tenant(yunheng.tenant.id):
        made = Handover.objects.get(member=None)
        assert answer["Location"] == f"/handovers/{made.pk}/"
    assert owners(yunheng) == {"sun": 2}


def test_the_api_previews_hands_over_and_takes_back(yunheng) -> None:
    rows = leaver(yunheng)
    api = Api(yunheng, "chen")
    among = [str(yunheng.people[code].pk) for code in ("chen", "zhou", "sun")]
    body = {"member": str(yunheng.li.pk), "among": among}
    answer = api.post("handover-previews/", body).json()
    assert [part["customers"] for part in answer.pop("parts")] == [3, 2, 2]
    assert answer == {
        "customers": 7,
        "contacts": 1,
        "contracts": 1,
        "follow_ups": 1,
        "annual_amount": "120000.00",
        "open_amount": "120000.00",
    }
    by_hand = [{"customer": str(rows[0].pk), "to": str(yunheng.sun.pk)}]
    made = api.post("handovers/", body | {"by_hand": by_hand})
    assert (made.status_code, made.json()["state"]) == (201, "DONE")
    assert owners(yunheng) == {"chen": 2, "zhou": 2, "sun": 3}
    number = made.json()["id"]
    listed = api.get(f"handover-rows/?handover={number}").json()["results"]
    assert {row["customer"] for row in listed} == {str(row.pk) for row in rows}
    undone = api.post(f"handovers/{number}/undo/", {})
    assert (undone.status_code, undone.json()["state"]) == (200, "UNDONE")
    assert owners(yunheng) == {"li": 7}
    assert codes(api.post(f"handovers/{number}/undo/", {})) == [("", "not_done")]


def test_the_api_says_what_is_missing_or_out_of_reach(yunheng, beihe) -> None:
    (row,) = leaver(yunheng, 1)
    api = Api(yunheng, "zhao")
    among, to = [str(yunheng.sun.pk)], str(yunheng.sun.pk)
    for body, fault in (
        ({"among": among}, ("member", "required")),
        ({"member": str(yunheng.li.pk), "among": among}, ("member", "does_not_exist")),
        ({"member": str(beihe.li.pk), "among": among}, ("member", "does_not_exist")),
        (
            {"department": str(yunheng.departments["EAST"].pk), "among": among},
            ("department", "does_not_exist"),
        ),
        ({"member": str(yunheng.zhao.pk)}, ("among", "required")),
        (
            {"member": str(yunheng.zhao.pk), "by_hand": [{"customer": str(row.pk), "to": to}]},
            ("by_hand.0.customer", "does_not_exist"),
        ),
    ):
        assert codes(api.post("handovers/", body)) == [fault]
    with tenant(yunheng.tenant.id):
        assert HandoverRow.objects.count() == 0
    assert open_one(yunheng).state == "OPEN"
