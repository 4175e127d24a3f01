"""A cycle of evaluation: the list is frozen, owners propose, the head confirms, an executive signs."""

import pytest
from playwright.sync_api import expect

from crm.tests.browser.founding import COMPANIES

pytestmark = pytest.mark.browser

CYCLE = "2026 下半年"
KEPT, FALLING = "华信科技有限公司", "甬江港务有限公司"


def test_a_cycle_from_the_frozen_list_to_its_signature(reader, language):
    company = COMPANIES[language]
    gao, li, zhou, chen = (reader(f"{who}@{company}.example") for who in ("gao", "li", "zhou", "chen"))
    _freezes(gao)
    _keeps_with_a_next_step(li)
    _proposes_a_lower_tier(zhou)
    _confirms_one_and_not_the_other(chen)
    _signs(gao)
    _has_the_next_step(li)


def _opens(person):
    person.go("Tiers", "客户等级")
    tabs = person.page.get_by_role("navigation", name=person.say("Tiers", "客户等级"))
    tabs.get_by_role("link", name=person.say("Evaluation", "定期评价"), exact=True).click()


def _opens_line(person, name):
    _opens(person)
    person.link(CYCLE, CYCLE).click()
    person.link(name, name).click()


def _freezes(gao):
    _opens(gao)
    gao.link("New cycle", "新建评价").first.click()
    gao.box("Name of the cycle", "评价名称").fill(CYCLE)
    gao.box("To be judged by", "评价截止日").fill("+30")
    until = gao.box("Results hold until, this day excluded", "结果有效至（不含当日）")
    until.fill("+10")
    gao.button("Freeze the list", "生成名单").click()
    expect(until).to_have_attribute("aria-invalid", "true")
    until.fill("+180")
    gao.button("Freeze the list", "生成名单").click()
    expect(gao.words("The list is frozen.", "名单已生成。").first).to_be_visible()
    for name in (KEPT, FALLING):
        expect(gao.row(name)).to_be_visible()


def _keeps_with_a_next_step(li):
    _opens_line(li, KEPT)
    li.box("Keep", "维持", exact=True).check()
    li.box("Next step", "下一步").fill("谈二期扩容")
    li.box("By", "日期", exact=True).fill("+30")
    li.button("Propose it", "提交提议").click()
    expect(li.words("Proposed.", "已提议。").first).to_be_visible()


def _proposes_a_lower_tier(zhou):
    _opens_line(zhou, FALLING)
    zhou.box("Down", "降级", exact=True).check()
    zhou.box("Tier, if it changes", "等级（如变动）").select_option("GENERAL")
    zhou.button("Propose it", "提交提议").click()
    reason = zhou.box("Reason", "原因", exact=True)
    expect(reason).to_have_attribute("aria-invalid", "true")
    reason.fill("明年预算减半。")
    zhou.button("Propose it", "提交提议").click()
    expect(zhou.words("Proposed.", "已提议。").first).to_be_visible()


def _confirms_one_and_not_the_other(chen):
    _opens_line(chen, KEPT)
    chen.button("Confirm", "确认", exact=True).click()
    expect(chen.row(KEPT)).to_contain_text(chen.say("agreed", "同意"))
    chen.link(FALLING, FALLING).click()
    expect(chen.words("明年预算减半。", "明年预算减半。")).to_be_visible()
    chen.box("Answer", "答复", exact=True).select_option("no")
    chen.button("Confirm", "确认", exact=True).click()
    reason = chen.box("Reason", "原因", exact=True)
    expect(reason).to_have_attribute("aria-invalid", "true")
    reason.fill("先续约再说。")
    chen.button("Confirm", "确认", exact=True).click()
    expect(chen.row(FALLING)).to_contain_text(chen.say("not agreed", "不同意"))


def _signs(gao):
    _opens(gao)
    gao.link(CYCLE, CYCLE).click()
    gao.box("Customers not confirmed keep their tier", "未确认的客户维持现等级").check()
    gao.button("Sign the cycle", "签发本期评价").click()
    expect(gao.words("Signed: what was agreed holds.", "已签发：同意的变动即日生效。").first).to_be_visible()
    expect(gao.words("Signed by 高远", "高远").first).to_be_visible()


def _has_the_next_step(li):
    li.find(KEPT)
    expect(li.words("谈二期扩容", "谈二期扩容").first).to_be_visible()
