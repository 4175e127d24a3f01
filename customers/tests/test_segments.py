"""Segments: kept filters, who may use them, and counts that tell nobody of customers beyond his reach."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict

from crm.events.models import Event
from crm.refusal import Conflict, Refused
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes, statements
from crm.tests.cast import Company
from customers import interactions, segments
from customers.filters.records import CustomerFilters
from customers.models import Customer, Segment, SegmentCount

pytestmark = pytest.mark.django_db


@pytest.fixture
def book(yunheng) -> Company:
    """Three of 李娜's, the first seen 70 and the second 5 days ago, and two of 孙悦's."""
    with tenant(yunheng.tenant.id):
        for owner, name, province in (
            ("li", "甬江", "浙江"), ("li", "海曙", "浙江"), ("li", "虹桥", "上海"),
            ("sun", "滨海", "浙江"), ("sun", "津门", "天津"),
        ):  # fmt: skip
            row = morning.customer(yunheng.people[owner], name, province=province)
            seen = {"甬江": -70, "海曙": -5}.get(name)
            if seen:
                on = morning.day(seen)
                told = {"kind": "CALL", "note": "通话", "happened_on": on}
                interactions.log(row, **told, by=row.owner, at=morning.noon(on), on=on)
    return yunheng


def act(company: Company, person: str) -> dict[str, Any]:
    on = morning.today()
    return {"by": company.viewer(person), "at": morning.noon(on), "on": on}


def kept(
    company: Company, query: str, person: str = "an", *, is_shared: bool = True, name: str = ""
) -> Segment:
    with tenant(company.tenant.id):
        return segments.make(
            name=name or query[:60], query=query, is_shared=is_shared, **act(company, person)
        )


def inside(company: Company, segment: Segment, on: Any = None) -> set[str]:
    with tenant(company.tenant.id):
        rows = segments.members(segment, Customer.objects.all(), on or morning.today())
        return set(rows.values_list("name", flat=True))


def test_a_segment_has_whoever_the_filter_of_the_list_finds(book) -> None:
    found = kept(book, "view=all&province=%E6%B5%99%E6%B1%9F&ordering=name")
    assert found.query == "province=%E6%B5%99%E6%B1%9F"  # what shapes a list is no filter
    assert inside(book, found) == {"甬江", "海曙", "滨海"}


def test_days_counted_from_today_move_along(book) -> None:
    silent = kept(book, "last_contact_on__lt=today-60")
    assert inside(book, silent) == {"甬江"}
    assert inside(book, silent, morning.day(56)) == {"甬江", "海曙"}
    soon = kept(book, "registered_on__lte=today+1")
    assert len(inside(book, soon)) == 5
    with tenant(book.tenant.id):  # the list understands the same words
        words = QueryDict("last_contact_on__lt=today-60")
        rows = CustomerFilters(words, Customer.objects.all(), viewer=None, on=morning.today()).rows()
        assert [row.name for row in rows] == ["甬江"]


def test_me_becomes_the_one_who_keeps_it(book) -> None:
    mine = kept(book, "owner=me&department=me", "li", is_shared=False)
    with tenant(book.tenant.id):
        assert str(book.li.pk) in mine.query and "me&" not in mine.query
    assert inside(book, mine) == {"甬江", "海曙", "虹桥"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "required"),
        ("view=all", "required"),
        ("search=甬", "unknown_filter"),
        ("segment=019a2f6e-3c1b-7d44-9f0a-5b7c2d8e1f30", "unknown_filter"),
        ("nonsense=1", "unknown_filter"),
        ("annual_amount__gte=many", "invalid"),
        ("first_ends_on__lte=soon", "invalid"),
        ("stage=SOMEWHERE", "invalid_choice"),
    ],
)
def test_a_filter_that_the_list_does_not_know_is_refused(book, query, code) -> None:
    with tenant(book.tenant.id), pytest.raises(Refused) as refused:
        segments.make(name="x", query=query, **act(book, "gao"))
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [("query", code)]


def test_who_may_not_see_what_a_segment_asks_for_can_neither_make_nor_use_it(book) -> None:
    """何苗 of customer service sees every customer, but no amounts and no risks."""
    large = kept(book, "annual_amount__gte=100000&risk_band=RED", "gao")
    assert large.needs == ["risk.view", "see.amount"]
    assert [row["name"] for row in Api(book, "gao").get("segments/").json()["results"]] == [large.name]
    assert Api(book, "he").get("segments/").json()["results"] == []
    assert Api(book, "he").get(f"segments/{large.pk}/").status_code == 404
    assert Api(book, "he").get(f"customers/?segment={large.pk}").json()["results"] == []
    assert browser(book, "he").get(f"/segments/{large.pk}/").status_code == 404
    wrong = Api(book, "an").post("segments/", {"name": "x", "query": "annual_amount__gte=1"})
    assert (wrong.status_code, codes(wrong)) == (400, [("query", "unknown_filter")])


def test_a_live_count_ends_at_the_readers_reach_and_the_nightly_one_is_for_who_sees_all(book) -> None:
    found = kept(book, "province=浙江")
    with tenant(book.tenant.id):
        assert segments.count_all(morning.today(), morning.noon(morning.today())) == 1
        assert segments.count_all(morning.today(), morning.noon(morning.today())) == 0
        morning.customer(book.sun, "象山", province="浙江")
        assert segments.count_all(morning.today(), morning.noon(morning.today())) == 1
        segments.count_all(morning.day(1), morning.noon(morning.day(1)))
        assert list(SegmentCount.objects.values_list("number", flat=True)) == [4, 4]
    seen = {}
    for person in ("gao", "li", "sun", "chen", "he"):
        api = Api(book, person)
        live = api.get(f"segments/{found.pk}/number/").json()["number"]
        nights = [row["number"] for row in api.get("segment-counts/").json()["results"]]
        (line,) = browser(book, person).get("/segments/").context["segments"].lines
        page = browser(book, person).get(f"/segments/{found.pk}/")
        assert (line["number"], page.context["number"]) == (live, live)
        assert [night.number for night in page.context["nights"]] == nights
        seen[person] = (live, nights)
    assert seen == {
        "gao": (4, [4, 4]), "li": (2, []), "sun": (2, []), "chen": (2, []), "he": (4, [4, 4]),
    }  # fmt: skip


def test_members_are_the_customer_list_filtered_by_page_and_api(book) -> None:
    found, other = kept(book, "province=浙江"), kept(book, "province=天津")
    client = browser(book, "li")
    listed = client.get(f"/customers/?view=all&segment={found.pk}").context["book"]
    assert {line["name"] for line in listed.lines} == {"甬江", "海曙"}
    assert listed.chips[0]["value"] == "province=浙江"
    both = Api(book, "gao").get(f"customers/?segment={found.pk},{other.pk}&count=true").json()
    assert both["count"] == 4
    assert Api(book, "gao").get(f"customers/?segment={found.pk}&province=天津").json()["results"] == []
    for nobody in ("me", "none", "019a2f6e-3c1b-7d44-9f0a-5b7c2d8e1f30"):
        assert Api(book, "gao").get(f"customers/?segment={nobody}").json()["results"] == []


def test_the_filter_of_the_list_leads_to_the_form_that_keeps_it(book) -> None:
    client = browser(book, "li")
    url = (
        client.get("/customers/?view=mine&region=浙江&tier=KEY,GENERAL&search=甬").context["book"].segment_url
    )
    form = client.get(url).context["form"]
    assert (form["region"].value(), form["rest"].value()) == ("浙江", "owner=me&tier=KEY%2CGENERAL") or (
        form["owner"].value() == "me"
    )
    typed = {
        "name": "浙江客户",
        "region": "浙江",
        "rest": "tier=KEY%2CGENERAL",
        "last_contact_on__lte": "-30",
    }
    assert client.post("/segments/new/", typed).status_code == 303
    with tenant(book.tenant.id):
        made = Segment.objects.get(name="浙江客户")
    assert QueryDict(made.query).dict() == {
        "region": "浙江", "tier": "KEY,GENERAL", "last_contact_on__lte": "today-30",
    }  # fmt: skip
    words = browser(book, "li", "zh-hans").get(f"/segments/{made.pk}/").context["words"]
    assert {"field": "最近联系", "value": "≤ 30 天前"} in words
    assert {"field": "等级", "value": "重点客户, 一般客户"} in words
    form = client.get(f"/segments/{made.pk}/edit/").context["form"]
    assert (form["last_contact_on__lte"].value(), form["rest"].value()) == ("-30", "tier=KEY%2CGENERAL")


def test_sharing_is_for_heads_and_admins_and_private_ones_stay_private(book) -> None:
    mine = kept(book, "province=浙江", "li", is_shared=False)
    assert Api(book, "chen").get(f"segments/{mine.pk}/").status_code == 404
    wrong = Api(book, "li").patch(f"segments/{mine.pk}/", {"is_shared": True})
    assert (wrong.status_code, codes(wrong)) == (400, [("is_shared", "not_allowed")])
    assert "is_shared" not in browser(book, "li").get("/segments/new/").context["form"].fields
    assert "is_shared" in browser(book, "chen").get("/segments/new/").context["form"].fields


def test_a_shared_segment_is_changed_by_its_maker_and_by_who_edits_policies(book) -> None:
    shared = kept(book, "province=浙江", "chen")
    assert Api(book, "li").patch(f"segments/{shared.pk}/", {"name": "x"}).status_code == 403
    assert browser(book, "li").post(f"/segments/{shared.pk}/removal/").status_code == 403
    assert Api(book, "an").patch(f"segments/{shared.pk}/", {"name": "长三角"}).json()["name"] == "长三角"
    assert browser(book, "chen").post(f"/segments/{shared.pk}/removal/").status_code == 303
    with tenant(book.tenant.id):
        names = list(
            Event.objects.filter(name__startswith="segment.").values_list("name", flat=True).order_by("id")
        )
    assert names == ["segment.made", "segment.edited", "segment.removed"]


def test_a_lost_race_and_a_name_that_is_taken_are_refused(book) -> None:
    first, second = kept(book, "province=浙江", name="一"), kept(book, "province=上海", name="二")
    with tenant(book.tenant.id):
        segments.edit(first, changes={"note": "东"}, version=1, **act(book, "an"))
        with pytest.raises(Conflict):
            segments.edit(first, changes={"note": "西"}, version=1, **act(book, "an"))
        with pytest.raises(Refused) as refused:
            segments.edit(second, changes={"name": " 一 "}, version=1, **act(book, "an"))
    assert refused.value.faults[0].code == "duplicate"


def test_another_company_has_its_own_segments(book, beihe) -> None:
    found = kept(book, "province=浙江")
    with tenant(beihe.tenant.id):
        morning.customer(beihe.li, "邻居", province="浙江")
        assert segments.count_all(morning.today(), morning.noon(morning.today())) == 0
    assert Api(beihe, "gao").get(f"segments/{found.pk}/").status_code == 404
    assert Api(beihe, "gao").get(f"customers/?segment={found.pk}").json()["results"] == []
    assert "邻居" not in inside(book, found)


def test_all_segments_are_counted_by_one_statement(book) -> None:
    for number in range(12):
        kept(book, f"registered_on__gte=today-{number}&province=浙江", name=f"S{number}")
    with tenant(book.tenant.id), statements() as asked:
        segments.count_all(morning.today() + timedelta(days=1), morning.noon(morning.today()))
    assert sum("customers_customer" in sql for sql in asked) == 1
    assert len(asked) == 4  # the segments, the numbers, what was written, what is written
