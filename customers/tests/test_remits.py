"""What departments may manage: given, read, overlapping, and decided by."""

from decimal import Decimal

import pytest

from crm.events.models import Event
from crm.refusal import Conflict
from crm.tenancy.context import tenant
from crm.tests.callers import Api, browser, codes
from customers import ownership
from customers.assignment import remits
from customers.assignment.remits import Ability, Overlap, Place, Remit
from customers.models import Capability, Territory
from customers.tests.deals import acts, customer, refusal
from customers.tests.test_assignment_pages import text

pytestmark = pytest.mark.django_db
LIST = "/assignment/departments/"


def give(company, code: str, places=None, abilities=None, version: int | None = None, **terms):
    row = company.departments[code]
    row.refresh_from_db()
    remit = Remit(places, abilities, terms)
    return remits.give(row, remit=remit, version=version or row.version, **acts(company.an))


def places(company, code: str) -> list[tuple[str, str]]:
    rows = Territory.objects.filter(department=company.departments[code])
    return sorted(rows.values_list("province", "city"))


def test_a_department_gets_its_region_its_abilities_and_its_authority(here) -> None:
    made = give(
        here,
        "EAST",
        [Place("浙江省"), Place("江苏", "苏州市"), Place("浙江")],
        [Ability("STANDARD"), Ability("CUSTOM", " 云服务 ")],
        authority_amount=Decimal("300000.00"),
        is_key_account=True,
    )
    assert (made.authority_amount, made.is_key_account, made.version) == (Decimal("300000.00"), True, 2)
    assert places(here, "EAST") == [("江苏", "苏州"), ("浙江", "")]
    assert sorted(Capability.objects.values_list("product_kind", "line")) == [
        ("CUSTOM", "云服务"),
        ("STANDARD", ""),
    ]
    told = Event.objects.get(name="department.remit_given")
    assert (told.subject_id, told.data["territories"]) == (
        made.pk,
        {"added": ["浙江", "江苏 苏州"], "removed": []},
    )


def test_what_is_given_replaces_what_was_and_what_is_left_out_stays(here) -> None:
    give(here, "EAST", [Place("浙江"), Place("江苏")], [Ability("STANDARD")])
    made = give(here, "EAST", [Place("江苏"), Place("上海")])
    assert (places(here, "EAST"), made.version) == ([("上海", ""), ("江苏", "")], 3)
    assert Capability.objects.count() == 1
    again = give(here, "EAST", [Place("江苏"), Place("上海")])
    assert (again.version, Event.objects.filter(name="department.remit_given").count()) == (3, 2)


def test_decisions_follow_it_from_then_on(here) -> None:
    about = {"province": "浙江", "expected_annual": Decimal("400000.00")}
    before = customer(here, "甲", **about)
    give(here, "EAST", [Place("浙江")], [Ability("STANDARD")], authority_amount=Decimal("399999.99"))
    give(here, "NORTH", [Place("北京")], [Ability("STANDARD")], is_key_account=True)
    after = customer(here, "乙", **about)
    assert [ownership.why(row)[0].rule for row in (before, after)] == ["ASSIGN-03", "ASSIGN-04"]
    assert after.responsible_dept == here.departments["NORTH"]


def test_a_place_of_two_departments_is_reported_once_by_its_short_name(here) -> None:
    Territory.objects.create(department=here.departments["EAST"], province="浙江省")
    give(here, "NORTH", [Place("浙江"), Place("浙江", "宁波")])
    assert remits.overlaps(remits.all_departments()) == [Overlap(Place("浙江"), ("华东商务部", "华北商务部"))]


def test_what_is_wrong_is_refused_by_field(here) -> None:
    wrong = [Place("", "宁波"), Place("x" * 41)]
    found = refusal(lambda: give(here, "EAST", wrong, [Ability("?"), Ability("CUSTOM", "x" * 61)]))
    assert found == [
        ("territories", "required"),
        ("territories", "max_length"),
        ("capabilities", "invalid_choice"),
        ("capabilities", "max_length"),
    ]
    many = [Place(f"地{number}") for number in range(501)]
    assert refusal(lambda: give(here, "EAST", many)) == [("territories", "too_many")]
    below = refusal(lambda: give(here, "EAST", authority_amount=Decimal("-0.01")))
    assert below == [("authority_amount", "out_of_range")]


def test_an_edit_that_was_overtaken_changes_nothing(here) -> None:
    give(here, "EAST", [Place("浙江")])
    with pytest.raises(Conflict):
        give(here, "EAST", [Place("北京")], version=1)
    assert places(here, "EAST") == [("浙江", "")]


# Page and API


@pytest.fixture
def book(yunheng):
    with tenant(yunheng.tenant.id):
        give(yunheng, "EAST", [Place("浙江")], [Ability("STANDARD")], authority_amount=Decimal("300000.00"))
        give(yunheng, "NORTH", [Place("浙江"), Place("北京")])
    return yunheng


def test_heads_read_it_and_see_where_regions_overlap(book) -> None:
    answer, change = browser(book, "chen").get(LIST), f"{LIST}{book.departments['EAST'].pk}/"
    shown = text(answer)
    assert "浙江 is the region of 华东商务部、华北商务部" in shown
    assert "华东商务部 浙江 Standard product: every line ¥300,000.00" in shown
    assert change not in answer.content.decode()
    assert "300,000.00" not in text(browser(book, "he").get(LIST))
    assert change in browser(book, "gao").get(LIST).content.decode()


def test_the_form_starts_with_what_holds_and_saves_what_is_typed(book) -> None:
    url = f"{LIST}{book.departments['EAST'].pk}/"
    client = browser(book, "an")
    page = client.get(url).content.decode()
    assert "浙江</textarea>" in page and 'value="300,000.00"' in page
    sent = {"territories": "江苏 苏州\n上海", "able_CUSTOM": "SOME", "lines_CUSTOM": "云服务，运维"}
    sent |= {"able_STANDARD": "", "authority_amount": "50万", "version": "2"}
    assert client.post(url, sent).status_code == 303
    with tenant(book.tenant.id):
        assert places(book, "EAST") == [("上海", ""), ("江苏", "苏州")]
        rows = Capability.objects.filter(department=book.departments["EAST"])
        assert sorted(rows.values_list("product_kind", "line")) == [("CUSTOM", "云服务"), ("CUSTOM", "运维")]
        book.departments["EAST"].refresh_from_db()
        assert book.departments["EAST"].authority_amount == Decimal("500000.00")
    late = client.post(url, sent | {"territories": "北京"})
    assert late.status_code == 409


def test_the_api_reads_changes_and_reports(book, beihe) -> None:
    api, key = Api(book, "an"), book.departments["NORTH"].pk
    (found,) = api.get("remits/", {"code": "NORTH", "expand": "territories"}).json()["results"]
    assert [row["province"] for row in found["territories"]] == ["北京", "浙江"]
    (overlap,) = api.get("remit-overlaps/").json()["results"]
    assert overlap == {"province": "浙江", "city": "", "departments": ["华东商务部", "华北商务部"]}
    body = {"territories": [{"province": "北京"}], "capabilities": [{"product_kind": "CUSTOM"}]}
    assert api.patch(f"remits/{key}/", body | {"is_key_account": True}).json()["is_key_account"] is True
    assert api.get("remit-overlaps/").json()["results"] == []
    wrong = api.patch(f"remits/{key}/", {"capabilities": [{"product_kind": "X"}]})
    assert codes(wrong) == [("capabilities.0.product_kind", "invalid_choice")]
    assert Api(book, "chen").patch(f"remits/{key}/", body).status_code == 403
    assert Api(beihe, "an").patch(f"remits/{key}/", body).status_code == 404
    assert Api(beihe, "an").get("remit-overlaps/").json()["results"] == []
