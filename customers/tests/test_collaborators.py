"""Collaborators 协作人: who helps sees the customer everywhere, writes if let, and decides nothing."""

from datetime import timedelta

import pytest

from crm.accounts import members
from crm.accounts.access import changeable, governed, reach
from crm.accounts.models import Member
from crm.events.models import Event
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes
from customers import collaborators, contacts, ownership
from customers.models import Collaboration, Contact, Contract, Customer, Interaction
from customers.pools import sea
from customers.tests.deals import refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(here) -> Customer:
    """A customer of 李娜 (华东) with a contact and a contract."""
    made = morning.customer(here.li, "华信科技有限公司")
    contacts.add(made, name="王经理", by=here.li, **now())
    morning.sign(made, "K-1", "120000.00", starts_on=morning.day(-30))
    return made


def now() -> dict:
    return {"at": morning.noon(morning.today()), "on": morning.today()}


def helps(here, one: Customer, who: str = "sun", rights: str = "READ", **given) -> Collaboration:
    about = {"member": here.people[who], "rights": rights, "by": here.li, **now()}
    return collaborators.add(one, **about | given)


# Who, and when


def test_a_collaborator_is_added_from_today_and_told(here, mine) -> None:
    row = helps(here, mine, role="SERVICE")
    assert (row.valid_from, row.valid_to, row.added_by_id) == (morning.today(), None, here.li.id)
    told = Event.objects.get(name="collaboration.begun")
    assert (told.customer_id, told.actor_id, told.data["name"], told.data["role"]) == (
        mine.pk,
        here.li.id,
        "孙悦",
        "SERVICE",
    )


def test_he_helps_over_a_half_open_period_and_may_begin_again_on_the_day_he_ended(here, mine) -> None:
    row = helps(here, mine)
    later = morning.today() + timedelta(5)
    ended = collaborators.remove(row, by=here.li, at=morning.noon(later), on=later)
    again = helps(here, mine, rights="WRITE", on=later)
    assert (ended.valid_to, ended.ended_by_id) == (later, here.li.id)
    assert (again.valid_from, again.valid_to) == (later, None)
    assert refusal(lambda: collaborators.remove(row, by=here.li, **now())) == [("", "ended")]


def test_rights_are_changed_on_the_same_day_by_removing_and_adding(here, mine) -> None:
    collaborators.remove(helps(here, mine), by=here.li, **now())
    helps(here, mine, rights="WRITE")
    assert list(collaborators.in_force(mine).values_list("rights", flat=True)) == ["WRITE"]


def test_who_cannot_help_is_refused(here, mine) -> None:
    assert refusal(lambda: helps(here, mine, "li")) == [("member", "owner")]
    assert refusal(lambda: helps(here, mine, rights="ALL")) == [("rights", "invalid")]
    helps(here, mine)
    assert refusal(lambda: helps(here, mine)) == [("member", "collaborates")]
    here.zhou.status = Member.Status.LEAVING
    assert refusal(lambda: helps(here, mine, "zhou")) == [("member", "not_active")]
    Customer.objects.filter(pk=mine.pk).update(owner=None)
    assert refusal(lambda: helps(here, mine, "wu")) == [("", "no_owner")]


# What he reaches


@pytest.mark.parametrize(("rights", "writes"), [("READ", False), ("WRITE", True)])
def test_he_sees_the_customer_with_what_belongs_to_it_and_changes_it_only_if_let(
    here, mine, rights, writes
) -> None:
    sun = here.viewer("sun")
    assert not reach(sun, Customer.objects.all()).exists()
    row = helps(here, mine, rights=rights)
    for model in (Customer, Contact, Contract):
        assert reach(sun, model.objects.all()).count() == 1
        assert changeable(sun, model.objects.all()).exists() is writes
    assert not governed(sun, Customer.objects.all()).exists()
    collaborators.remove(row, by=here.li, **now())
    assert not reach(sun, Customer.objects.all()).exists()


def test_the_head_of_a_collaborator_sees_nothing_by_it(here, mine) -> None:
    helps(here, mine, "sun")
    assert not reach(here.viewer("zhao"), Customer.objects.all()).exists()


def test_the_owner_sees_all_that_a_helper_writes(here, mine) -> None:
    helps(here, mine, rights="WRITE")
    client = Api(here, "sun")
    body = {"customer": str(mine.pk), "kind": "CALL", "note": "谈了报价"}
    assert client.post("interactions/", body).status_code == 201
    seen = Api(here, "li").get("interactions/").json()["results"]
    assert [each["note"] for each in seen] == ["谈了报价"]
    assert "谈了报价" in browser(here, "li").get(f"/customers/{mine.pk}/").content.decode()


def test_who_is_only_let_read_writes_on_no_channel(here, mine) -> None:
    helps(here, mine)
    api, page = Api(here, "sun"), browser(here, "sun")
    address = f"/customers/{mine.pk}/"
    assert api.get(f"customers/{mine.pk}/").json()["name"] == "华信科技有限公司"
    assert page.get(address).status_code == 200
    answer = api.post("interactions/", {"customer": str(mine.pk), "kind": "CALL", "note": "x"})
    assert (answer.status_code, codes(answer)) == (400, [("customer", "read_only")])
    assert api.patch(f"customers/{mine.pk}/", {"industry": "x"}).status_code == 403
    assert page.post(f"{address}log/", {"kind": "CALL", "note": "x"}).status_code == 403
    for form in ("edit/", "contacts/new/", "sign/", "collaborators/new/"):
        assert page.get(address + form).status_code == 403, form
    assert page.post(f"{address}tags/", {"name": "x"}).status_code == 403
    assert page.get(f"/contacts/{Contact.objects.get().pk}/").status_code == 403
    assert page.get(f"/contracts/{Contract.objects.get().pk}/cancellation/").status_code == 403
    assert not Interaction.objects.exists()


def test_his_page_offers_only_what_he_may_do(here, mine) -> None:
    def offers(words: str) -> bool:
        shown = browser(here, "sun").get(f"/customers/{mine.pk}/").content.decode()
        return f"/customers/{mine.pk}/{words}/" in shown

    row = helps(here, mine)
    assert (offers("edit"), offers("sign"), offers("return")) == (False, False, False)
    collaborators.remove(row, by=here.li, **now())
    helps(here, mine, rights="WRITE")
    assert (offers("edit"), offers("sign"), offers("return")) == (True, True, False)


def test_a_head_who_helps_takes_no_customer_away_by_it(here, mine) -> None:
    helps(here, mine, "zhao", "WRITE")
    page, api = browser(here, "zhao"), Api(here, "zhao")
    for act in ("transfer", "lock", "return"):
        assert page.get(f"/customers/{mine.pk}/{act}/").status_code == 403, act
    body = {"customers": [str(mine.pk)], "to": str(here.zhao.pk), "reason": "x"}
    assert codes(api.post("transfers/", body)) == [("customers.0", "does_not_exist")]
    page.post("/customers/transfer/", {"pick": [str(mine.pk)], "to": str(here.zhao.pk), "reason": "x"})
    assert Customer.objects.get().owner_id == here.li.id


# When it ends by itself


def test_in_a_pool_nobody_helps_any_more(here) -> None:
    one = morning.customer(here.li, "潜在客户有限公司", on=morning.today())
    helps(here, one)
    sea.give_back(one, reason="无需求", by=here.li, **now())
    assert Collaboration.objects.get().valid_to == morning.today()
    assert not reach(here.viewer("sun"), Customer.objects.all()).exists()


def test_who_has_left_helps_nobody_and_who_takes_the_customer_over_keeps_the_helpers(here, mine) -> None:
    helps(here, mine, "sun")
    helps(here, mine, "wu")
    members.edit(here.sun, changes={"status": "LEFT"}, version=here.sun.version, by=here.an, **now())
    ownership.transfer([mine], to=here.zhou, reason="调岗", by=here.chen, **now())
    assert list(collaborators.in_force(mine).values_list("member__code", flat=True)) == ["wu"]


# Doors


def test_the_owner_adds_and_removes_a_helper_on_the_customer_s_page(here, mine) -> None:
    owner = browser(here, "li")
    panel = f"/customers/{mine.pk}/ownership/"
    given = {"member_text": "孙悦", "role": "SERVICE", "rights": "WRITE"}
    added = owner.post(f"/customers/{mine.pk}/collaborators/new/", given)
    assert (added.status_code, added["Location"]) == (303, panel)
    row = Collaboration.objects.get()
    shown = owner.get(panel).content.decode()
    assert "孙悦" in shown and "After-sales service" in shown and f"/collaborators/{row.pk}/remove/" in shown
    again = owner.post(f"/customers/{mine.pk}/collaborators/new/", given)
    assert (again.status_code, Collaboration.objects.count()) == (409, 1)
    assert owner.post(f"/collaborators/{row.pk}/remove/").status_code == 303
    assert not collaborators.in_force(mine).exists()
    timeline = owner.get(f"/customers/{mine.pk}/?group=ownership").content.decode()
    assert "Collaborator added" in timeline and "Collaborator removed" in timeline


def test_the_api_adds_lists_and_ends(here, mine) -> None:
    owner, helper = Api(here, "li"), Api(here, "sun")
    body = {"customer": str(mine.pk), "member": str(here.sun.pk), "rights": "WRITE"}
    made = owner.post("collaborators/", body)
    assert (made.status_code, made.json()["role"]) == (201, "JOINT")
    assert [one["id"] for one in helper.get("collaborators/").json()["results"]] == [made.json()["id"]]
    more = {"customer": str(mine.pk), "member": str(here.zhao.pk)}
    assert helper.post("collaborators/", more).status_code == 403
    assert helper.delete(f"collaborators/{made.json()['id']}/").status_code == 204
    assert Collaboration.objects.get().valid_to == morning.today()


def test_a_helper_removes_no_other_helper(here, mine) -> None:
    helps(here, mine, "sun", "WRITE")
    other = helps(here, mine, "wu")
    assert Api(here, "sun").delete(f"collaborators/{other.pk}/").status_code == 403
    assert browser(here, "sun").post(f"/collaborators/{other.pk}/remove/").status_code == 403


def test_the_other_company_sees_no_helper_and_lends_none(here, beihe, mine) -> None:
    row = helps(here, mine)
    there = Api(beihe, "gao")
    assert there.get("collaborators/").json()["results"] == []
    assert there.get(f"collaborators/{row.pk}/").status_code == 404
    body = {"customer": str(mine.pk), "member": str(beihe.sun.pk)}
    assert codes(Api(here, "li").post("collaborators/", body)) == [("member", "does_not_exist")]
    with tenant(beihe.tenant.id):
        assert not reach(beihe.viewer("sun"), Customer.objects.all()).exists()
        assert not Collaboration.objects.exists()


def test_whoever_helps_finds_what_he_helps_with_on_the_list_and_by_the_api(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        mine = morning.customer(yunheng.li, "华信科技有限公司")
        morning.customer(yunheng.people["sun"], "津港机电有限公司")
        row = helps(yunheng, mine)
    page = browser(yunheng, "sun").get("/customers/?view=helped")
    assert [line["name"] for line in page.context["book"].lines] == ["华信科技有限公司"]
    found = Api(yunheng, "sun").get("customers/?helper=me").json()["results"]
    assert [one["name"] for one in found] == ["华信科技有限公司"]
    with tenant(yunheng.tenant.id):
        collaborators.remove(row, by=yunheng.li, **now())
    assert Api(yunheng, "sun").get("customers/?helper=me").json()["results"] == []
