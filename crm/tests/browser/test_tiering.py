"""Tiers: new rules with what they change, a tier proposed and approved by another, who moved since."""

import pytest
from playwright.sync_api import expect

from crm.tests import morning
from crm.tests.browser.founding import COMPANIES, HELPED

pytestmark = pytest.mark.browser

UPGRADED = "甬江港务有限公司"  # 120,000 a year


def test_new_rules_show_what_they_change_hold_and_are_taken_back(reader, language):
    an = reader(f"an@{COMPANIES[language]}.example")
    _drafts_a_lower_key_tier(an)
    _sees_who_moves(an)
    _lets_it_hold_from_tomorrow(an)
    _takes_it_back(an)


def test_a_tier_is_proposed_by_the_head_and_approved_by_another(reader, language):
    chen, gao, li = (reader(f"{who}@{COMPANIES[language]}.example") for who in ("chen", "gao", "li"))
    _proposes(chen)
    _approves(gao)
    _reads_the_history(li)


def test_who_moved_between_two_days_is_a_picture_that_is_a_table(reader, language):
    chen = reader(f"chen@{COMPANIES[language]}.example")
    _opens(chen, "Movement", "变动")
    _compares(chen)
    _opens_the_customers_behind(chen)


def test_the_head_reads_what_the_night_changed(reader, language):
    chen = reader(f"chen@{COMPANIES[language]}.example")
    _opens(chen, "Night's changes", "夜间变更")
    expect(chen.heading("Tier changes of the night of", "夜间等级变动", level=1)).to_be_visible()


def _opens(person, english, chinese):
    person.go("Tiers", "客户等级")
    tabs = person.page.get_by_role("navigation", name=person.say("Tiers", "客户等级"))
    tabs.get_by_role("link", name=person.say(english, chinese), exact=True).click()


def _drafts_a_lower_key_tier(an):
    an.go("Tiers", "客户等级")
    an.link("New version", "新版本", exact=True).click()
    an.box("Name of the version", "版本名称").fill("V2")
    an.box("Holds from", "生效日", exact=True).fill("+1")
    key = an.page.get_by_role("group", name=an.say("Band 2", "区间 2"))
    lower = key.get_by_label(an.say("from", "下限（含）"))
    lower.fill("很多")
    an.button("See what would change", "查看会改变什么").click()
    expect(lower).to_have_attribute("aria-invalid", "true")
    lower.fill("11万")
    an.button("See what would change", "查看会改变什么").click()


def _sees_who_moves(an):
    expect(an.fact("Customers that change tier", "等级变动的客户")).to_contain_text("2")
    row = an.row(UPGRADED, an.say("Major", "大客户"))
    expect(row).to_contain_text(an.say("Key", "重点"))
    expect(row).to_contain_text(an.say("the new rules", "新办法"))


def _lets_it_hold_from_tomorrow(an):
    an.button("Let it hold from", "起生效").click()
    expect(an.words("V2 holds from", "V2 自").first).to_be_visible()
    expect(an.row("V2", an.say("to come", "待生效"))).to_be_visible()


def _takes_it_back(an):
    an.row("V2").get_by_role("button", name=an.say("Take back", "撤回")).click()
    expect(an.words("V2 was taken back.", "V2 已撤回。").first).to_be_visible()
    expect(an.row("V2")).to_have_count(0)


def _proposes(chen):
    chen.find(HELPED)
    chen.button("More", "更多", exact=True).click()
    chen.link("Tier by decision", "指定等级").click()
    chen.box("Tier", "等级", exact=True).select_option(label=chen.say("Key account", "重点客户"))
    chen.box("Until, this day excluded", "截止日（不含当日）").fill("+90")
    chen.button("Propose it", "提交提议").click()
    reason = chen.box("Reason", "原因", exact=True)
    expect(reason).to_have_attribute("aria-invalid", "true")
    reason.fill("战略客户，明年整厂改造。")
    chen.button("Propose it", "提交提议").click()
    expect(chen.words("Proposed: an executive decides.", "已提交，由高层审批。").first).to_be_visible()


def _approves(gao):
    _opens(gao, "Proposals", "等级提议")
    gao.link(HELPED, HELPED).click()
    expect(gao.words("战略客户，明年整厂改造。", "战略客户，明年整厂改造。")).to_be_visible()
    gao.button("Approve", "批准", exact=True).click()
    expect(
        gao.words("Approved: the tier holds from today.", "已批准：等级自今日起生效。").first
    ).to_be_visible()


def _reads_the_history(li):
    li.find(HELPED)
    expect(li.words("Key account", "重点客户").first).to_be_visible()
    li.link("Why? the tier", "为什么？客户等级").click()
    li.page.get_by_role("dialog").get_by_role("link", name=li.say("History", "历史")).click()
    row = li.row(li.say("Key", "重点"), "战略客户，明年整厂改造。")
    expect(row).to_contain_text(li.say("decision", "指定"))


def _compares(chen):
    chen.box("From", "起", exact=True).fill(str(morning.day(-200)))
    chen.box("To", "止", exact=True).fill(str(morning.today()))
    chen.button("Compare", "对比").click()


def _opens_the_customers_behind(chen):
    picture = chen.page.get_by_role(
        "table", name=chen.say("Who moved between the tiers?", "哪些客户换了等级？")
    )
    expect(picture).to_be_visible()
