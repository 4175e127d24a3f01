"""Strategies: which holds for whom, by when a contact is due, who is late, and who may say so."""

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.accounts import tenants
from crm.events.models import Event
from crm.refusal import Conflict, Refused
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes, statements
from crm.tests.cast import NOW, TODAY, Company
from customers import interactions, segments
from customers.models import Customer, Segment, Standing
from tiers import policies, strategies
from tiers.models import Strategy
from tiers.tests.book import customer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def without_the_first_ones(yunheng, beihe) -> None:
    """Each test lays down what it speaks of; both companies begin with none."""
    for company in (yunheng, beihe):
        with tenant(company.tenant.id):
            Strategy.objects.all().delete()


def act(company: Company, person: str = "an", on: date = TODAY) -> dict[str, Any]:
    return {"by": company.viewer(person), "at": NOW, "on": on}


def lay(company: Company, level: str, days: int, on: date = TODAY, **whom: Any) -> Strategy:
    return strategies.lay_down(service_level=level, rhythm_days=days, **whom, **act(company, on=on))


def segment(company: Company, query: str) -> Segment:
    return segments.make(name=query, query=query, is_shared=True, **act(company))


def placed(code: str, tier: str, stage: str, last: date | None = None) -> Customer:
    made = customer(code)
    Standing.objects.filter(customer=made).update(tier=tier, stage=stage, last_contact_on=last)
    return Customer.objects.select_related("standing").get(pk=made.pk)


def level(of: Customer, on: date = TODAY) -> str | None:
    found = strategies.of(of, on)
    return found and found.strategy.service_level


def test_the_most_specific_row_wins(here) -> None:
    acme = placed("A", "KEY", "ACTIVE")
    one = segment(here, "industry=化工")
    assert level(acme) is None
    expected = []
    for name, whom in (
        ("all", {}),
        ("tier", {"tier": "KEY"}),
        ("stage", {"stage": "ACTIVE"}),
        ("segment", {"segment": one}),
        ("tier, stage", {"tier": "KEY", "stage": "ACTIVE"}),
        ("tier, segment", {"tier": "KEY", "segment": one}),
        ("stage, segment", {"stage": "ACTIVE", "segment": one}),
        ("all three", {"tier": "KEY", "stage": "ACTIVE", "segment": one}),
        ("another tier", {"tier": "MAJOR", "stage": "ACTIVE", "segment": one}),
    ):
        lay(here, name, 30, **whom)
        expected.append(level(acme))
    assert expected == ["all", "tier", "stage", "stage", "tier, stage"] + ["tier, stage"] * 4
    Customer.objects.filter(pk=acme.pk).update(industry="化工")
    found = strategies.of(acme, TODAY)
    assert found is not None
    assert [found.strategy.service_level, *(row.service_level for row in found.others)] == [
        "all three", "stage, segment", "tier, segment", "tier, stage", "segment", "stage", "tier", "all",
    ]  # fmt: skip


def test_of_equally_specific_rows_the_shorter_rhythm_holds(here) -> None:
    acme = placed("A", "KEY", "ACTIVE")
    Customer.objects.filter(pk=acme.pk).update(industry="化工", province="浙江")
    lay(here, "slow", 60, segment=segment(here, "industry=化工"))
    lay(here, "fast", 10, segment=segment(here, "province=浙江"))
    assert level(acme) == "fast"


def test_a_contact_is_due_a_rhythm_after_the_last_one_and_late_from_the_next_day(here) -> None:
    """Reached on 1 November, every 15 days: due on the 16th, 4 days late on the 20th."""
    acme, never = placed("A", "KEY", "ACTIVE", date(2026, 11, 1)), placed("B", "KEY", "LEAD")
    lay(here, "VIP", 15, date(2026, 11, 1))
    strategies.refresh_all(TODAY, NOW)
    found = strategies.of(acme, TODAY)
    assert found is not None
    assert (found.due_on, found.since, found.days_late) == (date(2026, 11, 16), date(2026, 11, 1), 4)
    on_the_day = strategies.of(acme, date(2026, 11, 16))
    assert on_the_day is not None and on_the_day.days_late == 0
    first = strategies.of(never, TODAY)
    assert first is not None and first.due_on == never.registered_on + timedelta(days=15)
    due = dict(Standing.objects.values_list("customer", "contact_due_on"))
    assert due == {acme.pk: date(2026, 11, 16), never.pk: first.due_on}


def test_one_strategy_at_a_time_for_the_same_customers_and_its_days_are_kept(here) -> None:
    acme = placed("A", "KEY", "ACTIVE")
    old = lay(here, "old", 30, tier="KEY")
    new = lay(here, "new", 20, TODAY + timedelta(days=5), tier="KEY")
    old.refresh_from_db()
    assert (old.valid_from, old.valid_to, new.valid_to) == (TODAY, TODAY + timedelta(days=5), None)
    assert [level(acme, TODAY + timedelta(days=days)) for days in (0, 4, 5)] == ["old", "old", "new"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Strategy.objects.create(tier="KEY", service_level="x", rhythm_days=1, valid_from=TODAY)
    lay(here, "the same day", 10, TODAY + timedelta(days=5), tier="KEY")
    kept = Strategy.objects.filter(tier="KEY").order_by("id")
    assert list(kept.values_list("service_level", flat=True)) == ["old", "the same day"]


def test_two_without_a_segment_overlap_though_no_segment_is_no_value(here) -> None:
    lay(here, "all", 30)
    with pytest.raises(IntegrityError), transaction.atomic():
        Strategy.objects.create(service_level="x", rhythm_days=1, valid_from=TODAY + timedelta(days=9))


def test_an_ended_strategy_holds_no_more_and_ends_once(here) -> None:
    acme = placed("A", "KEY", "ACTIVE")
    row = lay(here, "all", 30)
    later = TODAY + timedelta(days=3)
    strategies.end(row, **act(here, on=later))
    assert (level(acme, TODAY), level(acme, later)) == ("all", None)
    with pytest.raises(Conflict):
        strategies.end(row, **act(here, on=later))
    assert strategies.refresh_all(later, NOW) == 0
    assert Standing.objects.get(customer=acme).contact_due_on is None


def test_nonsense_is_refused_and_a_segment_of_a_strategy_is_not_deleted(here) -> None:
    private = segments.make(name="mine", query="tier=KEY", **act(here, "li"))
    with pytest.raises(Refused) as refused:
        lay(here, " ", 0, segment=private, visitor="KING")
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [
        ("service_level", "required"),
        ("rhythm_days", "out_of_range"),
        ("visitor", "invalid_choice"),
        ("segment", "not_shared"),
    ]
    shared = segment(here, "tier=KEY")
    lay(here, "VIP", 7, segment=shared)
    with pytest.raises(Conflict):
        segments.remove(shared, **act(here))


def test_the_night_is_one_statement_that_writes_only_what_differs(here) -> None:
    for number in range(30):
        placed(f"C{number}", "KEY" if number % 2 else "MAJOR", "ACTIVE", TODAY)
    lay(here, "key", 10, tier="KEY")
    lay(here, "some", 5, segment=segment(here, "stage=ACTIVE&tier=MAJOR"))
    with statements() as asked:
        assert strategies.refresh_all(TODAY, NOW) == 30
    assert sum("UPDATE customers_standing" in sql for sql in asked) == 1
    assert strategies.refresh_all(TODAY, NOW) == 0
    assert Standing.objects.filter(contact_due_on=TODAY + timedelta(days=5)).count() == 15


ROWS = list(product(("", "KEY", "MAJOR"), ("", "ACTIVE", "NEW"), (False, True)))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=st.lists(st.sampled_from(ROWS), unique=True, max_size=8), days=st.permutations(range(1, 9)))
def test_night_and_page_agree_with_the_rule_read_aloud(here, chosen, days) -> None:
    """The best by number of names, then segment, then stage, then rhythm; tried for 8 customers at once."""
    Strategy.objects.all().delete()
    Customer.objects.all().delete()
    Segment.objects.all().delete()
    one = segment(here, "industry=化工")
    every = [(t, s, i) for t, s, i in product(("KEY", "MAJOR"), ("ACTIVE", "NEW"), (False, True))]
    crowd = [placed(f"C{n}", tier, stage, TODAY) for n, (tier, stage, _in) in enumerate(every)]
    inside = [row.pk for row, (_t, _s, is_in) in zip(crowd, every, strict=True) if is_in]
    Customer.objects.filter(pk__in=inside).update(industry="化工")
    for (tier, stage, in_segment), rhythm in zip(chosen, days, strict=False):
        lay(here, "x", rhythm, tier=tier, stage=stage, segment=one if in_segment else None)
    strategies.refresh_all(TODAY, NOW)
    due = dict(Standing.objects.values_list("customer", "contact_due_on"))
    for row, (tier, stage, is_in) in zip(crowd, every, strict=True):
        fit = [
            (-sum(map(bool, (t, s, i))), not i, not s, rhythm)
            for (t, s, i), rhythm in zip(chosen, days, strict=False)
            if t in ("", tier) and s in ("", stage) and is_in >= i
        ]
        wanted = TODAY + timedelta(days=min(fit)[-1]) if fit else None
        found = strategies.of(row, TODAY)
        assert (due[row.pk], found and found.due_on) == (wanted, wanted)


@pytest.mark.parametrize(("language", "level"), [("zh-hans", "公司级服务"), ("en", "Company service")])
def test_a_new_company_begins_with_a_strategy_for_every_tier_and_for_whom_it_still_wins(
    db, language, level
) -> None:
    """By the table of tiers.strategies: who has signed by tier, who has not by stage."""
    made = tenants.found(slug="neu", name="新公司", at=NOW, on=TODAY, language=language)
    with tenant(made.id):
        rows = {(row.tier, row.stage): row for row in strategies.in_force(TODAY)}
        assert {whom: (row.rhythm_days, row.visitor) for whom, row in rows.items()} == {
            ("COMPANY", ""): (14, "EXECUTIVE"),
            ("KEY", ""): (21, "DEPT_HEAD"),
            ("MAJOR", ""): (30, ""),
            ("GENERAL", ""): (60, ""),
            ("", "LEAD"): (7, ""),
            ("", "PROSPECT"): (21, ""),
        }
        assert {whom[0] for whom in rows} - {""} == set(
            policies.in_force(TODAY).bands.values_list("tier", flat=True)
        )
        assert rows["COMPANY", ""].service_level == level
        found = {code: placed(code, *whom) for code, whom in WON.items()}
        due = {code: strategies.of(row, TODAY).strategy.rhythm_days for code, row in found.items()}
        assert due == {"A": 14, "B": 60, "C": 7, "D": 21}
        strategies.install([Event(name="tenant.founded", on=TODAY, at=NOW)])
        assert Strategy.objects.count() == 6


WON = {
    "A": ("COMPANY", "ACTIVE"),
    "B": ("GENERAL", "RENEWAL_DUE"),
    "C": ("GENERAL", "LEAD"),
    "D": ("GENERAL", "PROSPECT"),
}


# Pages


@pytest.fixture
def served(yunheng) -> Customer:
    """李娜's, reached 20 days ago, and every customer is to be contacted every 15 days by his head."""
    with tenant(yunheng.tenant.id):
        row = morning.customer(yunheng.li, "华信科技有限公司")
        on = morning.day(-20)
        told = {"kind": "CALL", "note": "通话", "happened_on": on, "by": yunheng.li}
        interactions.log(row, **told, at=morning.noon(on), on=on)
        morning.customer(yunheng.sun, "北方印务", on=morning.day(-40))
        about = {"visitor": "DEPT_HEAD", "benefits": "免费巡检一次"}
        lay(yunheng, "金牌服务", 15, morning.day(-1), **about)
        strategies.refresh_all(morning.today(), NOW)
    return row


def test_the_customer_page_says_what_is_due_by_whom_and_how_late(yunheng, served) -> None:
    client = browser(yunheng, "li")
    page = client.get(f"/customers/{served.pk}/")
    due = page.context["service"]["due"]
    assert (due.due_on, due.days_late) == (morning.day(-5), 5)
    for words in ("金牌服务", "5 days late", "Department head", "免费巡检一次"):
        assert words in page.content.decode()
    why = client.get(f"/customers/{served.pk}/strategy/").context["trace"]
    assert why.sentence == "The most specific strategy that fits holds: all customers."
    assert "+ 15 days =" in why.formula
    chinese = browser(yunheng, "li", "zh-hans").get(f"/customers/{served.pk}/").content.decode()
    assert "已逾期 5 天" in chinese and "部门经理" in chinese


def test_a_contact_moves_the_day_at_once(yunheng, served) -> None:
    with tenant(yunheng.tenant.id):
        on = morning.today()
        told = {"kind": "VISIT", "note": "上门", "happened_on": on, "by": yunheng.li}
        interactions.log(served, **told, at=morning.noon(on), on=on)
        assert Standing.objects.get(customer=served).contact_due_on == morning.day(15)
    late = browser(yunheng, "li").get("/customers/?view=late").context["book"]
    assert late.lines == []


def test_the_late_ones_stand_in_the_list_and_on_the_home_of_their_owner(yunheng, served) -> None:
    seen = {}
    for person in ("li", "sun", "gao", "chen"):
        late = browser(yunheng, person).get("/customers/?view=late").context["book"]
        home = browser(yunheng, person).get("/").context["home"]
        seen[person] = [line["name"] for line in late.lines], [row.name for row in home.unattended or []]
    both = ["北方印务", "华信科技有限公司"]
    assert seen == {
        "li": (both[1:], both[1:]), "sun": (both[:1], both[:1]), "gao": (both, []), "chen": (both[1:], []),
    }  # fmt: skip
    rows = Api(yunheng, "gao").get("customers/?late_by_strategy=false").json()["results"]
    assert rows == []
    first = Api(yunheng, "gao").get("customers/?ordering=contact_due_on").json()["results"][0]
    assert (first["name"], first["contact_due_on"]) == ("北方印务", str(morning.day(-25)))


def test_an_admin_lays_down_changes_and_ends_one_by_page_and_api(yunheng, served) -> None:
    admin = browser(yunheng, "an")
    typed = {"tier": "KEY", "stage": "", "segment": "", "service_level": "VIP", "rhythm_days": "7"}
    assert admin.post("/tiers/strategies/new/", typed | {"rhythm_days": "0"}).status_code == 422
    assert admin.post("/tiers/strategies/new/", typed).status_code == 303
    page = browser(yunheng, "li").get("/tiers/strategies/")
    assert [line["whom"] for line in page.context["lines"]] == ["Key account", "all customers"]
    row = page.context["lines"][0]["row"]
    matrix = {line["tier"]: line["cells"][0].rhythm_days for line in page.context["matrix"]}
    assert matrix == {"Company account": 15, "Key account": 7, "Major account": 15, "General account": 15}
    assert admin.post(f"/tiers/strategies/{row.pk}/change/", typed | {"rhythm_days": "9"}).status_code == 303
    api = Api(yunheng, "an")
    held = api.get("strategies/?is_open=true&tier=KEY").json()["results"]
    assert [each["rhythm_days"] for each in held] == [9]
    assert api.delete(f"strategies/{held[0]['id']}/").status_code == 204
    wrong = api.post("strategies/", {"service_level": "", "rhythm_days": 5})
    assert (wrong.status_code, codes(wrong)[0][0]) == (400, "service_level")
    body = {"service_level": "x", "rhythm_days": 5}
    assert Api(yunheng, "chen").post("strategies/", body).status_code == 403
    assert api.post("strategies/", body).status_code == 201


def test_a_segment_out_of_reach_is_not_named(yunheng, served) -> None:
    with tenant(yunheng.tenant.id):
        rich = segments.make(
            name="百万客户", query="annual_amount__gte=0", is_shared=True, **act(yunheng, "gao")
        )
        lay(yunheng, "VIP", 3, morning.today(), segment=rich)
    for person, named in (("li", True), ("he", False)):
        page = browser(yunheng, person).get("/tiers/strategies/").content.decode()
        why = browser(yunheng, person).get(f"/customers/{served.pk}/strategy/").content.decode()
        assert ("百万客户" in page, "百万客户" in why, "VIP" in why) == (named, named, True)


def test_another_company_is_served_by_its_own_strategies(yunheng, beihe, served) -> None:
    with tenant(beihe.tenant.id):
        other = morning.customer(beihe.li, "邻居")
        assert strategies.of(Customer.objects.get(pk=other.pk), morning.today()) is None
        assert strategies.refresh_all(morning.today(), NOW) == 0
    assert browser(beihe, "gao").get(f"/customers/{served.pk}/strategy/").status_code == 404
    assert Api(beihe, "gao").get("strategies/").json()["results"] == []
