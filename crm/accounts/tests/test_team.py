"""The people of the company: who sees, who changes, what is refused."""

import re

import pytest

from crm.accounts import departments, members
from crm.accounts.models import Department, Member, Seat
from crm.accounts.roles import Role
from crm.accounts.tree import branches
from crm.events.models import Event
from crm.refusal import Conflict, Refused
from crm.tenancy.context import tenant
from crm.tests.callers import browser, statements
from crm.tests.cast import NOW, TODAY

pytestmark = pytest.mark.django_db


def by(here, person: str = "an") -> dict:
    return {"by": here.viewer(person), "at": NOW, "on": TODAY}


def edit(here, person: str, editor: str = "an", **changes) -> Member:
    member = Member.objects.get(code=person)
    return members.edit(member, changes=changes, version=member.version, **by(here, editor))


# Verbs


def test_an_edit_is_recorded_with_before_and_after(here) -> None:
    edit(here, "li", name="李丽", department=here.departments["NORTH"])
    told = Event.objects.get(name="member.edited").data
    assert told["changes"] == {"name": ["李娜", "李丽"], "department": ["华东商务部", "华北商务部"]}


def test_an_edit_that_changes_nothing_records_nothing(here) -> None:
    before = Member.objects.get(code="li").version
    assert edit(here, "li", name="李娜").version == before
    assert not Event.objects.filter(name="member.edited").exists()


def test_a_lost_race_is_a_conflict(here) -> None:
    edit(here, "li", name="李丽")
    with pytest.raises(Conflict, match="stale"):
        members.edit(here.li, changes={"name": "x"}, version=here.li.version, **by(here))


@pytest.mark.parametrize(("field", "value"), [("code", "zhou"), ("email", "Zhou@yunheng.example ")])
def test_code_and_email_are_of_one_person(here, field: str, value: str) -> None:
    with pytest.raises(Refused, match=f"{field}: taken"):
        edit(here, "li", **{field: value})


def test_the_same_email_may_stand_in_another_company(here, beihe) -> None:
    with tenant(beihe.tenant.id):
        member = members.add(
            code="x",
            name="x",
            email="li@yunheng.example",
            department=beihe.departments["HQ"],
            roles=[],
            at=NOW,
            on=TODAY,
        )
    assert member.email == "li@yunheng.example"


def test_the_last_tenant_admin_stays(here) -> None:
    for changes in (
        {"roles": [Role.SALES]},
        {"status": Member.Status.LEFT},
        {"status": Member.Status.LEAVING},
    ):
        with pytest.raises(Refused, match="roles: last_admin"):
            edit(here, "an", **changes)
    edit(here, "li", roles=[Role.TENANT_ADMIN])
    assert edit(here, "an", roles=[Role.SALES]).roles == [Role.SALES]


def test_nobody_gives_or_takes_rights_that_he_has_not(here) -> None:
    for roles in ([Role.SALES, Role.TENANT_ADMIN], [Role.EXECUTIVE], [Role.SALES, Role.COMP_ADMIN]):
        with pytest.raises(Refused, match="roles: beyond_own"):
            edit(here, "li", "chen", roles=roles)
    with pytest.raises(Refused, match="roles: beyond_own"):
        edit(here, "gao", "chen", roles=[])
    assert edit(here, "li", "chen", roles=[Role.TEAM_LEAD, Role.SALES]).roles == [Role.TEAM_LEAD, Role.SALES]


def test_who_leaves_loses_his_seat_at_once(here) -> None:
    edit(here, "li", status=Member.Status.LEFT)
    left = Member.objects.get(code="li")
    assert (left.user, Seat.objects.filter(user=here.li.user).count()) == (None, 0)
    with pytest.raises(Refused, match="status: left"):
        members.invite(left, **by(here))


def test_a_seat_needs_an_email(here) -> None:
    quiet = members.add(code="q", name="q", department=here.departments["EAST"], roles=[], at=NOW, on=TODAY)
    with pytest.raises(Refused, match="email: required"):
        members.invite(quiet, **by(here))


def test_a_department_moves_with_all_below_it(here) -> None:
    east, north, ningbo = (here.departments[code] for code in ("EAST", "NORTH", "NINGBO"))
    departments.edit(east, changes={"parent": north}, version=east.version, **by(here))
    assert Department.objects.get(code="NINGBO").ancestors == [
        here.departments["HQ"].id,
        north.id,
        east.id,
        ningbo.id,
    ]


def test_a_department_never_belongs_to_one_below_it(here) -> None:
    east = here.departments["EAST"]
    with pytest.raises(Refused, match="parent: circle"):
        departments.edit(east, changes={"parent": here.departments["NINGBO"]}, version=1, **by(here))
    with pytest.raises(Refused, match="parent: circle"):
        departments.edit(east, changes={"parent": east}, version=1, **by(here))


def test_a_department_with_people_is_not_closed(here) -> None:
    with pytest.raises(Refused, match="is_active: in_use"):
        departments.edit(here.departments["NINGBO"], changes={"is_active": False}, version=1, **by(here))
    edit(here, "wu", department=here.departments["EAST"])
    closed = departments.edit(here.departments["NINGBO"], changes={"is_active": False}, version=1, **by(here))
    assert not closed.is_active


def test_the_tree_reads_from_the_top_with_the_people_of_each_branch(here) -> None:
    with statements() as sql:
        found = [(b.department.code, b.depth, b.people) for b in branches()]
    assert found == [
        ("HQ", 0, 13),
        ("EAST", 1, 4),
        ("NINGBO", 2, 1),
        ("FINANCE", 1, 2),
        ("NORTH", 1, 2),
        ("OPS", 1, 1),
        ("SERVICE", 1, 1),
    ]
    assert len(sql) == 1


# Pages


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


def test_the_page_costs_six_queries_at_most(yunheng) -> None:
    client = browser(yunheng, "an")
    client.get("/team/")
    with statements() as sql:
        client.get("/team/")
    assert len([line for line in sql if "django_session" not in line]) <= 6


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
        edit(yunheng, "li", title="总监")
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


# Keys and profile


def test_a_key_is_shown_once_and_works(yunheng, client) -> None:
    person = browser(yunheng, "li")
    page = person.post(
        "/keys/", {"name": "ERP", "scopes": ["platform:read"], "more": "payments:read", "days": "30"}
    )
    (text,) = re.findall(r'value="(gh_[^"]+)"', page.content.decode())
    assert client.get("/api/v1/me/", headers={"Authorization": f"Bearer {text}"}).json()["scopes"] == [
        "payments:read",
        "platform:read",
    ]
    again = person.get("/keys/").content.decode()
    assert ("ERP" in again, text in again) == (True, False)


def test_a_key_without_a_scope_is_refused_beside_the_field(yunheng) -> None:
    answer = browser(yunheng, "li").post("/keys/", {"name": "ERP", "days": "30"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["scopes"])


def test_one_revokes_only_his_own_key(yunheng, client) -> None:
    from crm.integrations.models import ApiKey

    browser(yunheng, "li").post("/keys/", {"name": "ERP", "scopes": ["platform:read"]})
    with tenant(yunheng.tenant.id):
        key = ApiKey.objects.get(name="ERP")
    assert browser(yunheng, "zhou").post(f"/keys/{key.id}/revocation/").status_code == 404
    assert browser(yunheng, "li").post(f"/keys/{key.id}/revocation/").status_code == 303
    with tenant(yunheng.tenant.id):
        assert ApiKey.objects.get(name="ERP").revoked_at is not None


def test_the_profile_is_the_persons_own(yunheng) -> None:
    client = browser(yunheng, "li")
    answer = client.post(
        "/profile/", {"name": "李娜", "language": "en", "theme": "light", "density": "roomy"}
    )
    assert answer.status_code == 303
    wrong = client.post("/profile/", {"name": "", "language": "xx", "theme": "light", "density": "roomy"})
    assert (wrong.status_code, sorted(wrong.context["form"].errors)) == (422, ["language", "name"])
