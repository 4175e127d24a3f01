"""Journey g, its plans: a version is written, checked, tried on what was, and approved by another person."""

import re

import pytest
from playwright.sync_api import expect

from crm.tests import morning
from crm.tests.browser.founding import COMPANIES

pytestmark = pytest.mark.browser

CODE = "重点5%"
DEAL = "HT-华信-1"  # 860,000 of a 重点客户, paid in full: 51,600.00 at 6 %


def test_a_version_from_its_copy_to_its_approval(reader, language):
    company = COMPANIES[language]
    tian, gao = (reader(f"{who}@{company}.example") for who in ("tian", "gao"))
    _copies_and_lowers_a_rate(tian)
    _checks_it(tian)
    _tries_it_on_what_was(tian)
    _submits_it(tian)
    _approves_it(gao)


def _copies_and_lowers_a_rate(tian):
    tian.go("Plans", "提成方案")
    tian.row("DEFAULT").get_by_role("link").first.click()
    tian.row("1").get_by_role("link", name="1", exact=True).click()
    tian.button("Copy to a new draft", "复制为新草稿").click()
    tian.box("Name of the version", "版本名称").fill(CODE)
    rate = tian.page.locator("[name=bands-2-dept_rate]")
    expect(rate).to_have_value("6")
    rate.fill("500")
    tian.button("Save the draft", "保存草稿").click()
    expect(rate).to_have_attribute("aria-invalid", "true")
    expect(tian.box("Name of the version", "版本名称")).to_have_value(CODE)
    rate.fill("5")
    travel = tian.page.get_by_role("checkbox", name=tian.say("Travel", "差旅"))
    expect(travel).to_be_checked()
    tian.button("Save the draft", "保存草稿").click()
    expect(tian.heading(f"version {CODE}", CODE, level=1)).to_be_visible()


def _checks_it(tian):
    tian.link("Check", "检查", exact=True).click()
    expect(tian.heading("Perverse incentives", "反向激励")).to_be_visible()
    tian.page.go_back()


def _tries_it_on_what_was(tian):
    tian.link("Replay", "回放试算").click()
    tian.page.locator("[name=since]").fill(morning.day(-300).isoformat())
    tian.page.locator("[name=until]").fill(morning.day(-110).isoformat())  # before 北仑 signed
    tian.button("Replay", "回放试算").click()
    expect(tian.fact("In the ledger", "台账实际")).to_contain_text("68,800.00")  # with 2 % of operations
    expect(tian.fact("Under this version", "按此版本")).to_contain_text("60,200.00")
    expect(tian.fact("Change", "变化")).to_contain_text("8,600.00")
    tian.link(DEAL, DEAL).first.click()
    for told in (tian.say("Simulation", "试算"), "51,600.00", "43,000.00"):
        expect(tian.page.get_by_role("main")).to_contain_text(told)


def _submits_it(tian):
    tian.go("Plans", "提成方案")
    tian.link(CODE, CODE).click()
    tian.button("Submit for approval", "提交批准").click()
    expect(tian.words("Submitted: an executive approves it.", "已提交，等待高层批准。").first).to_be_visible()
    expect(tian.page.get_by_role("button", name=re.compile("^(Approve|批准)$"))).to_have_count(0)


def _approves_it(gao):
    gao.go("Plans", "提成方案")
    gao.link(CODE, CODE).click()
    gao.page.get_by_role("button", name=re.compile("^(Approve|批准)$")).click()
    told = gao.words("Approved: it pays from its first day on.", "已批准：从首日起按此版本提成。")
    expect(told.first).to_be_visible()
    gao.go("Plans", "提成方案")
    gao.row("DEFAULT").get_by_role("link").first.click()
    expect(gao.row(CODE)).to_contain_text(gao.say("Approved", "已批准"))
