"""Adding and changing people and departments: what is recorded, and what is refused."""

import pytest

from crm.accounts import departments, members
from crm.accounts.models import Department, Member, Seat
from crm.accounts.rights import Role
from crm.accounts.tree import branches
from crm.events.models import Event
from crm.refusal import Conflict, Refused
from crm.tenancy.context import tenant
from crm.tests.callers import statements
from crm.tests.cast import NOW, TODAY

pytestmark = pytest.mark.django_db


def by(here, person: str = "an") -> dict:
    return {"by": here.viewer(person), "at": NOW, "on": TODAY}


def edit(here, person: str, editor: str = "an", **changes) -> Member:
    member = Member.objects.get(code=person)
    return members.edit(member, changes=changes, version=member.version, **by(here, editor))


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


def test_a_person_added_twice_is_told_so(here) -> None:
    east = here.departments["EAST"]
    with pytest.raises(Refused, match="code: taken; email: taken"):
        members.add(
            code="li", name="x", email="LI@yunheng.example", department=east, roles=[], at=NOW, on=TODAY
        )
