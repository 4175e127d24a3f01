"""What is not settled yet about who is responsible stands on the customer's page, for whoever may know it."""

import re
from typing import Any

import pytest

from crm.accounts import members
from crm.accounts.models import Member
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import browser
from crm.tests.cast import Company
from customers import interactions
from customers.disputes import cases
from customers.models import Customer, Extension, Handover, OwnershipDispute, Registration
from customers.pools import extending
from customers.registrations import registering

pytestmark = pytest.mark.django_db
LINE = re.compile(r'<li><a href="([^"]+)">([^<]+)</a> <span class="tag tag-line">([^<]+)</span>')


def now(days: int = 0) -> dict[str, Any]:
    return {"at": morning.noon(morning.day(days)), "on": morning.day(days)}


def lines(company: Company, person: str, found: Customer, tab: str = "") -> list[tuple[str, ...]]:
    shown = browser(company, person).get(f"/customers/{found.pk}/{tab}").content.decode()
    return LINE.findall(shown.partition('<ul class="pending">')[2].partition("</ul>")[0])


def contested(company: Company) -> tuple[Customer, OwnershipDispute]:
    """A customer of 李娜 that 赵鹏 of 华北商务部 claims."""
    with tenant(company.tenant.id):
        one = morning.customer(company.li, "争议客户有限公司")
        about = {"called": "争议客户", "statement": "我在跟"}
        return one, cases.open_dispute(one, claimant=company.zhao, **about, **now())


def test_an_open_dispute_stands_there_until_it_is_final(yunheng: Company, beihe: Company) -> None:
    contested(beihe)
    one, dispute = contested(yunheng)
    line = (f"/disputes/{dispute.pk}/", "Claimed by 华北商务部", "To be ruled")
    for person in ("li", "chen", "shen"):
        assert lines(yunheng, person, one) == lines(yunheng, person, one, "ownership/") == [line]
    assert lines(yunheng, "he", one) == []  # service knows the customer, and nothing of disputes
    assert browser(yunheng, "he").get(line[0]).status_code == 403
    with tenant(yunheng.tenant.id):
        OwnershipDispute.objects.update(state="RULED", appeal_until=morning.day(5))
    assert [state for *_where, state in lines(yunheng, "li", one)] == ["Ruled, may be appealed"]
    with tenant(yunheng.tenant.id):
        OwnershipDispute.objects.update(state="FINAL", closed_on=morning.today())
    assert lines(yunheng, "li", one) == []


def test_a_late_ruling_is_called_late(yunheng: Company) -> None:
    one, _dispute = contested(yunheng)
    with tenant(yunheng.tenant.id):
        OwnershipDispute.objects.update(due_on=morning.day(-1))
    shown = browser(yunheng, "li").get(f"/customers/{one.pk}/").content.decode()
    assert "late" in shown.partition('<ul class="pending">')[2].partition("</ul>")[0]


def test_a_registration_stands_there_until_the_customer_is_reached(yunheng: Company) -> None:
    with tenant(yunheng.tenant.id):
        about = registering.Company("甬江机械有限公司", need="维保", no_code_reason="新设")
        row = registering.register(about, registering.Person("王经理"), by=yunheng.li, **now())
        one = Customer.objects.get()
    assert lines(yunheng, "chen", one) == [
        (f"/registrations/{row.pk}/", "Registered by 李娜", "To be reached")
    ]
    with tenant(yunheng.tenant.id):
        told = {"kind": "CALL", "note": "约见", "happened_on": morning.today()}
        interactions.log(one, **told, by=yunheng.li, **now())
        assert Registration.objects.get().state == "EFFECTIVE"
    assert lines(yunheng, "chen", one) == []


def test_a_request_for_more_days_stands_there_until_it_is_decided(yunheng: Company) -> None:
    with tenant(yunheng.tenant.id):
        one = morning.customer(yunheng.li, "等预算有限公司", on=morning.today())
        asked = extending.ask(one, reason="等预算", by=yunheng.li, **now())
    line = (f"/pool/extensions/{asked.pk}/", f"李娜 asks for {asked.days} more days", "Asked for")
    assert lines(yunheng, "li", one) == lines(yunheng, "chen", one) == [line]
    with tenant(yunheng.tenant.id):
        extending.grant(Extension.objects.get(), by=yunheng.chen, **now())
    assert lines(yunheng, "li", one) == []


def test_that_its_owner_leaves_is_told_to_whoever_hands_over(yunheng: Company) -> None:
    with tenant(yunheng.tenant.id):
        one = morning.customer(yunheng.li, "离职客户有限公司")
        row = Member.objects.get(pk=yunheng.li.pk)
        members.edit(row, changes={"status": "LEAVING"}, version=row.version, by=yunheng.an, **now())
        made = Handover.objects.get()
    assert lines(yunheng, "chen", one) == [(f"/handovers/{made.pk}/", "李娜 hands over", "To be handed over")]
    assert lines(yunheng, "shen", one) == []  # who hands nothing over has no page of it


def test_where_all_is_settled_there_is_no_card(yunheng: Company) -> None:
    with tenant(yunheng.tenant.id):
        one = morning.customer(yunheng.li, "无事客户有限公司")
    assert 'id="pending"' not in browser(yunheng, "chen").get(f"/customers/{one.pk}/").content.decode()
