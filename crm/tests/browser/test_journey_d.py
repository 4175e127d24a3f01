"""Journey d: a customer is claimed out of the pool, a colleague comes too late, a head deals out the rest."""

import re

import pytest
from playwright.sync_api import expect

from crm.tests.browser.founding import WAITING

pytestmark = pytest.mark.browser

COMPANIES = {"zh-hans": "yunheng", "en": "beihe"}
PHONE = {"width": 390, "height": 844}
WANTED, *OTHERS = WAITING


def test_one_claims_another_is_late_the_head_deals_out(reader, language):
    li, zhou, chen = (reader(f"{who}@{COMPANIES[language]}.example") for who in ("li", "zhou", "chen"))
    for person in (li, zhou):
        person.open("/pool/")
    _claims(li)
    _comes_too_late(zhou)
    _gives_it_back(li)
    _waits_for_his_cool_down(li)
    _deals_out(chen)
    _has_been_given(li)


def test_on_a_phone_the_preview_and_the_rules_are_reached_from_the_pool(reader, language):
    li = reader(f"li@{COMPANIES[language]}.example", has_touch=True)
    li.page.set_viewport_size(PHONE)
    for english, chinese in (("About to drop", "即将掉公海"), ("Rules", "规则")):
        li.open("/pool/")
        li.link(english, chinese, exact=True).click()
        expect(li.page).to_have_title(re.compile("About to drop|Rules of the pools|即将掉公海|公海规则"))
    expect(li.words("claims a person and day", "每人每天领取数").first).to_be_visible()


def _row(person, name):
    return person.page.get_by_role("row").filter(has_text=name)


def _claims(li):
    expect(_row(li, WANTED)).to_contain_text("138****5678")
    expect(li.words("13812345678", "13812345678")).to_have_count(0)
    li.button(f"Claim {WANTED}", f"领取 {WANTED}").click()
    expect(li.heading(WANTED, WANTED, level=1)).to_be_visible()
    expect(li.page.get_by_role("status").filter(has_text=WANTED).first).to_be_visible()


def _comes_too_late(zhou):
    zhou.button(f"Claim {WANTED}", f"领取 {WANTED}").click()
    expect(
        zhou.words("A colleague has taken this customer a moment ago.", "刚被同事领取").first
    ).to_be_visible()
    expect(_row(zhou, WANTED)).to_have_count(0)


def _gives_it_back(li):
    li.button("More", "更多", exact=True).click()
    li.link("Return to the pool", "退回公海").click()
    li.box("Reason", "原因").fill("没有预算")
    li.button("Return to the pool", "退回公海").click()
    expect(li.words("The customer is in the pool.", "客户已进入公海。").first).to_be_visible()


def _waits_for_his_cool_down(li):
    li.open("/pool/")
    expect(_row(li, WANTED)).to_contain_text(re.compile("for you from|起您可领取"))
    expect(li.button(f"Claim {WANTED}", f"领取 {WANTED}")).to_have_count(0)


def _deals_out(chen):
    chen.open("/pool/")
    for name in OTHERS:
        _row(chen, name).get_by_role("checkbox").check()
    chen.button("Deal out", "分配").click()
    chen.page.get_by_role("combobox", name=chen.say("To", "分给"), exact=True).fill("李娜")
    chen.page.get_by_role("option").filter(has_text="李娜").first.click()
    chen.button("Deal out", "分配").click()
    expect(chen.words("2 customers dealt out", "已分配 2 家客户").first).to_be_visible()


def _has_been_given(li):
    for name in OTHERS:
        li.open(f"/customers/?view=mine&search={name}")
        expect(_row(li, name)).to_be_visible()
