"""The pages of the team."""

import re

import pytest

from crm.accounts import members
from crm.accounts.models import Department, Member
from crm.tenancy.context import tenant
from crm.tests.callers import browser, statements
from crm.tests.cast import NOW, TODAY

pytestmark = pytest.mark.django_db


def test_the_team_is_a_list_beside_its_departments(yunheng) -> None:
    page = browser(yunheng, "li").get("/team/").content.decode()
    assert "李娜" in page
    assert "华东商务部" in page
    assert "/team/members/new/" not in page


def test_a_fragment_is_the_region_of_the_page(yunheng) -> None:
    client = browser(yunheng, "an")
    whole = client.get("/team/?search=li").content.decode()
    part = client.get(
        "/team/?search=li", headers={"HX-Request": "true", "HX-Target": "div#list"}
    ).content.decode()
    assert part.strip().startswith('<div class="list" id="list"')
    without_tokens = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", whole)
    assert part.strip() in without_tokens


def test_the_page_costs_seven_queries_at_most(yunheng) -> None:
    client = browser(yunheng, "an")
    client.get("/team/")
    with statements() as sql:
        client.get("/team/")
    assert len([line for line in sql if "django_session" not in line]) <= 7


def test_who_may_not_edit_finds_no_form(yunheng) -> None:
    client = browser(yunheng, "gao")
    assert client.get("/team/members/new/").status_code == 403
    assert client.post(f"/team/members/{yunheng.li.id}/", {"name": "x"}).status_code == 403


def test_a_person_of_another_company_is_not_found(yunheng, beihe) -> None:
    client = browser(yunheng, "an")
    assert client.get(f"/team/members/{beihe.li.id}/").status_code == 404
    assert client.post(f"/team/members/{beihe.li.id}/invitation/").status_code == 404
    assert client.get(f"/team/departments/{beihe.departments['EAST'].id}/").status_code == 404


def form_of(yunheng, **changes) -> dict:
    li = yunheng.li
    return {
        "code": li.code,
        "name": li.name,
        "email": li.email,
        "title": "",
        "department": str(li.department_id),
        "roles": li.roles,
        "status": li.status,
        "version": li.version,
    } | changes


def test_a_person_is_added_and_changed(yunheng) -> None:
    client = browser(yunheng, "an")
    east = str(yunheng.departments["EAST"].id)
    answer = client.post(
        "/team/members/new/",
        {"code": "n1", "name": "新人", "department": east, "roles": ["SALES", "TEAM_LEAD"]},
    )
    assert (answer.status_code, answer["Location"]) == (303, "/team/")
    with tenant(yunheng.tenant.id):
        assert Member.objects.get(code="n1").roles == ["SALES", "TEAM_LEAD"]
    answer = client.post(f"/team/members/{yunheng.li.id}/", form_of(yunheng, title="经理"))
    assert answer.status_code == 303
    with tenant(yunheng.tenant.id):
        assert Member.objects.get(code="li").title == "经理"


def test_a_refusal_stands_beside_its_field_and_keeps_what_was_typed(yunheng) -> None:
    client = browser(yunheng, "an")
    answer = client.post(f"/team/members/{yunheng.li.id}/", form_of(yunheng, code="zhou", title="经理"))
    assert answer.status_code == 422
    assert answer.context["form"].errors["code"] == ["Another person has this staff number."]
    assert 'value="经理"' in answer.content.decode()


def test_a_lost_race_shows_both_and_the_choice_is_kept(yunheng) -> None:
    client = browser(yunheng, "an")
    with tenant(yunheng.tenant.id):
        members.edit(
            yunheng.li,
            changes={"title": "总监"},
            version=yunheng.li.version,
            by=yunheng.viewer("an"),
            at=NOW,
            on=TODAY,
        )
    answer = client.post(f"/team/members/{yunheng.li.id}/", form_of(yunheng, name="李丽", title="经理"))
    assert answer.status_code == 409
    assert [(row["yours"], row["theirs"]) for row in answer.context["conflicts"]] == [
        ("李丽", "李娜"),
        ("经理", "总监"),
    ]
    version = answer.context["form"]["version"].value()
    kept = form_of(yunheng, name="李丽", title="经理", version=version, keep_title="theirs", keep_name="mine")
    assert client.post(f"/team/members/{yunheng.li.id}/", kept).status_code == 303
    with tenant(yunheng.tenant.id):
        li = Member.objects.get(code="li")
    assert (li.name, li.title) == ("李丽", "总监")


def test_the_same_form_twice_is_harmless(yunheng) -> None:
    client = browser(yunheng, "an")
    east = str(yunheng.departments["EAST"].id)
    form = {"code": "n1", "name": "新人", "department": east}
    assert [client.post("/team/members/new/", form).status_code for _ in range(2)] == [303, 422]
    with tenant(yunheng.tenant.id):
        assert Member.objects.filter(code="n1").count() == 1


@pytest.mark.parametrize(("amount", "kept"), [("86万", "860000.00"), ("12,345.6", "12345.60"), ("", None)])
def test_an_amount_is_read_as_it_is_written(yunheng, amount: str, kept: str | None) -> None:
    client = browser(yunheng, "an")
    form = {"code": "W", "name": "华西", "kind": "SALES_DEPT", "authority_amount": amount, "is_active": "on"}
    assert client.post("/team/departments/new/", form).status_code == 303
    with tenant(yunheng.tenant.id):
        amount_kept = Department.objects.get(code="W").authority_amount
    assert (str(amount_kept) if amount_kept is not None else None) == kept


@pytest.mark.parametrize("amount", ["abc", "1e999999", "-1", "NaN", "1\0"])
def test_an_amount_that_is_none_is_told(yunheng, amount: str) -> None:
    client = browser(yunheng, "an")
    form = {"code": "W", "name": "华西", "kind": "SALES_DEPT", "authority_amount": amount}
    answer = client.post("/team/departments/new/", form)
    assert (answer.status_code, "authority_amount" in answer.context["form"].errors) == (422, True)
