"""What a night changed of the tiers, and why: for the head of those customers."""

import pytest
from django.urls import reverse

from crm.nightly.models import NightRun
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, statements
from crm.tests.cast import NOW
from customers.models import Customer
from tiers import grading, overrides

pytestmark = pytest.mark.django_db


@pytest.fixture
def nights(yunheng):
    """In the last night a decision for 李娜's 甲 runs out (KEY to GENERAL), and contracts begin: of
    周毅's 乙 (up to KEY) and of 孙悦's 丙 (up to MAJOR). In the night before nobody moves."""
    with tenant(yunheng.tenant.id):
        rows = {name: morning.customer(getattr(yunheng, who), name) for who, name in OWNERS.items()}
        told = {"at": morning.noon(morning.day(-9)), "on": morning.day(-9), "by": yunheng.gao}
        overrides.decide(rows["甲"], tier="KEY", until=morning.today(), reason="样板客户", **told)
        for name, gross in (("乙", "600000.00"), ("丙", "120000.00")):
            terms = {"starts_on": morning.today(), "signed_on": morning.day(-5)}
            morning.sign(rows[name], f"N-{name}", gross, **terms)
        for number in (-1, 0):
            grading.grade_all(morning.day(number), morning.noon(morning.day(number)))
    return yunheng


OWNERS = {"li": "甲", "zhou": "乙", "sun": "丙"}


def told(company, who: str, address: str = "", **where: str) -> list[tuple[str, str, str, bool]]:
    found = browser(company, who).get(address or reverse("tiers:night"), where).context["night"]
    rows = [(line["grade"], line["up"]) for line in found.lines]
    return [(grade.customer.name, grade.previous, grade.tier, up) for grade, up in rows]


def test_the_head_reads_who_went_up_and_down_in_his_scope(nights) -> None:
    assert told(nights, "chen") == [
        ("乙", "GENERAL", "KEY", True),
        ("甲", "KEY", "GENERAL", False),
    ]
    assert [name for name, *_rest in told(nights, "gao")] == ["乙", "丙", "甲"]
    assert [name for name, *_rest in told(nights, "sun")] == ["丙"]


def test_up_and_down_can_be_seen_alone_and_are_summed(nights) -> None:
    assert [name for name, *_rest in told(nights, "gao", view="up")] == ["乙", "丙"]
    assert [name for name, *_rest in told(nights, "gao", view="down")] == ["甲"]
    sums = browser(nights, "gao").get(reverse("tiers:night")).context["sums"]
    assert [(one.customers, str(one.amount)) for one in sums] == [(2, "720000.00"), (1, "0.00")]


def test_a_night_has_its_address_and_one_that_changed_nothing_says_so(nights) -> None:
    last, quiet = (reverse("tiers:night-of", args=[morning.day(number)]) for number in (0, -1))
    assert len(told(nights, "gao", last)) == 3
    assert told(nights, "gao", quiet) == []
    assert browser(nights, "gao").get(reverse("tiers:night-of", args=["gestern"])).status_code == 404


def test_another_company_reads_nothing_of_it(nights, beihe) -> None:
    assert told(beihe, "gao") == []


def test_the_api_filters_by_direction(nights) -> None:
    found = Api(nights, "chen").get(f"grades/?trigger=NIGHT&on={morning.today()}&moved=true&direction=UP")
    assert [(row["previous"], row["tier"]) for row in found.json()["results"]] == [("GENERAL", "KEY")]


def test_the_page_asks_the_same_number_of_questions_however_many_moved(nights) -> None:
    def asked(who: str) -> int:
        client = browser(nights, who)
        with statements() as sql:
            client.get(reverse("tiers:night"))
        return len(sql)

    assert asked("chen") == asked("zhao")  # two customers moved and one
    with tenant(nights.tenant.id):
        assert Customer.objects.count() == 3


def test_the_night_run_and_the_heads_home_lead_to_it(nights) -> None:
    with tenant(nights.tenant.id):
        run = NightRun.objects.create(
            business_day=morning.today(), started_at=NOW, finished_at=NOW, state=NightRun.State.DONE
        )
    chen = browser(nights, "chen")
    assert f'href="{reverse("tiers:night")}"' in chen.get("/").content.decode()
    address = reverse("tiers:night-of", args=[run.business_day])
    assert f'href="{address}"' in chen.get(reverse("nightly:run", args=[run.pk])).content.decode()
