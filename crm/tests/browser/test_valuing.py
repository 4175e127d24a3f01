"""Customer value: a segment kept from the list's filter, a strategy, and what a page says is due."""

import re

import pytest
from playwright.sync_api import expect

from crm.tests.browser.founding import COMPANIES

pytestmark = pytest.mark.browser

MAJOR = "甬江港务有限公司"


def test_a_filter_is_kept_as_a_segment_and_shared(reader, language):
    chen = reader(f"chen@{COMPANIES[language]}.example")
    _filters_the_list(chen)
    _keeps_it(chen)
    _shares_it(chen)
    _finds_it_in_the_list_of_segments(chen)


def test_a_strategy_says_when_a_customer_is_due_until_it_ends(reader, language):
    an, chen = (reader(f"{who}@{COMPANIES[language]}.example") for who in ("an", "chen"))
    _lays_a_strategy_down(an)
    _is_due(chen, "14")
    _tightens_it(an)
    _is_due(chen, "10")
    _ends_it(an)


def test_the_page_of_value_leads_to_the_customers_of_a_segment(reader, language):
    chen = reader(f"chen@{COMPANIES[language]}.example")
    chen.go("Tiers", "客户等级")
    chen.link("Customer value", "客户价值").click()
    expect(chen.row("RFM-1", chen.say("in force", "生效中"))).to_be_visible()
    segments = chen.page.get_by_role("table", name=chen.say("Value segments", "价值分层"))
    expect(segments.get_by_role("rowheader")).to_have_count(8)


def _filters_the_list(chen):
    chen.go("Customers", "客户")
    chen.link("Filter", "筛选", exact=True).click()
    sheet = chen.page.get_by_role("dialog")
    sheet.get_by_label(chen.named("Tier", "等级")).select_option("MAJOR")
    sheet.get_by_label(chen.named("Annual amount from", "年额不低于")).fill("100000")
    sheet.get_by_role("button", name=chen.say("Show", "查看"), exact=True).click()
    expect(chen.row(MAJOR)).to_be_visible()


def _keeps_it(chen):
    chen.link("Keep as a segment", "存为分群").click()
    chen.button("Save", "保存", exact=True).click()
    name = chen.box("Name", "名称", exact=True)
    expect(name).to_have_attribute("aria-invalid", "true")
    name.fill("本部门大客户")
    chen.button("Save", "保存", exact=True).click()
    expect(chen.words("The segment is kept.", "分群已保存。").first).to_be_visible()
    expect(chen.fact("Customers now", "当前客户数")).to_contain_text("2")


def _shares_it(chen):
    expect(chen.fact("For", "适用")).to_contain_text(chen.say("me alone", "仅自己"))
    chen.link("Edit", "编辑", exact=True).click()
    chen.box("For everybody in the company", "全公司可用").check()
    chen.button("Save", "保存", exact=True).click()
    expect(chen.fact("For", "适用")).to_contain_text(chen.say("everybody", "所有人"))


def _finds_it_in_the_list_of_segments(chen):
    chen.go("Segments", "客户分群")
    chen.row("本部门大客户").get_by_role("cell").get_by_role("link").click()
    expect(chen.row(MAJOR)).to_be_visible()


def _lays_a_strategy_down(an):
    an.go("Tiers", "客户等级")
    an.link("Strategies", "服务策略").click()
    an.link("New strategy", "新建策略").first.click()
    an.box("Tier", "等级").select_option("MAJOR")
    an.box("Service level", "服务级别").fill("专人")
    an.box("Days between contacts", "联系间隔天数").fill("14")
    an.button("Save", "保存", exact=True).click()
    expect(an.words("The strategy holds from today.", "策略自今天起生效。").first).to_be_visible()


def _is_due(chen, days):
    chen.find(MAJOR)
    card = chen.heading("Service", "客户服务", exact=True).locator("..").locator("..")
    rhythm = re.compile(rf"^{days} (days|天)$")
    expect(card.get_by_role("definition").filter(has_text=rhythm)).to_be_visible()
    card.get_by_role("link").first.click()
    expect(chen.page.get_by_role("dialog")).to_contain_text("专人")
    chen.page.keyboard.press("Escape")


def _tightens_it(an):
    an.row("专人").get_by_role("link", name=an.say("Edit", "编辑")).click()
    an.box("Days between contacts", "联系间隔天数").fill("10")
    an.button("Save", "保存", exact=True).click()
    expect(an.row("专人")).to_contain_text("10")


def _ends_it(an):
    an.row("专人").get_by_role("button", name=an.say("End", "停用")).click()
    expect(an.words("The strategy has ended.", "策略已停用。").first).to_be_visible()
    expect(an.row("专人")).to_have_count(0)
