"""The history of a tier: every judgement with its reason and version, for who sees the customer."""

import pytest

from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser
from customers.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def grown(yunheng) -> Customer:
    """A customer of 李娜 that became a key account and then, with an add-on, a company account."""
    with tenant(yunheng.tenant.id):
        row = morning.customer(yunheng.li, "华信科技有限公司")
        morning.sign(row, "HT-1", "860000.00", starts_on=morning.day(-60))
        morning.sign(row, "HT-2", "212000.00", starts_on=morning.day(-10))
    return row


def test_every_judgement_stands_with_occasion_amount_and_version(yunheng, grown) -> None:
    lines = browser(yunheng, "li").get(f"/customers/{grown.pk}/tiers/").context["history"].lines
    told = [
        (line["before"] and line["before"][0], line["grade"].tier, str(line["grade"].annual_amount))
        for line in lines
    ]
    assert told == [
        ("KEY", "COMPANY", "1072000.00"),
        ("GENERAL", "KEY", "860000.00"),
        (None, "GENERAL", "0.00"),
    ]
    assert [line["grade"].trigger for line in lines] == ["SIGNATURE", "SIGNATURE", "REGISTRATION"]
    assert {line["grade"].policy.code for line in lines} == {"V1"}


def test_changes_of_the_tier_can_be_seen_alone_on_the_page_and_by_the_api(yunheng, grown) -> None:
    found = browser(yunheng, "li").get(f"/customers/{grown.pk}/tiers/?view=moves").context["history"]
    assert [line["grade"].tier for line in found.lines] == ["COMPANY", "KEY"]
    rows = Api(yunheng, "li").get(f"grades/?customer={grown.pk}&moved=true").json()["results"]
    assert [row["tier"] for row in rows] == ["COMPANY", "KEY"]


def test_why_leads_to_the_history(yunheng, grown) -> None:
    why = browser(yunheng, "li").get(f"/customers/{grown.pk}/tier/why/").content.decode()
    assert f"/customers/{grown.pk}/tiers/" in why


def test_who_sees_no_amounts_reads_the_tiers_without_them(yunheng, grown) -> None:
    page = browser(yunheng, "he").get(f"/customers/{grown.pk}/tiers/").content.decode()
    assert "1,072,000" not in page and "860,000" not in page
    assert browser(yunheng, "sun").get(f"/customers/{grown.pk}/tiers/").status_code == 404
