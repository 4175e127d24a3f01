"""Customers among colleagues: who helps, more days, a transfer, a whole book in three steps and back."""

import re

import pytest
from playwright.sync_api import expect

from crm.tests.browser.founding import COMPANIES, HANDED, HELPED, MOVED

pytestmark = pytest.mark.browser


def test_a_helper_writes_one_who_reads_only_does_not_and_neither_decides(reader, language):
    li, zhou, sun = (reader(f"{who}@{COMPANIES[language]}.example") for who in ("li", "zhou", "sun"))
    _lets_help(li, "周毅", "Reads and writes", "可读写")
    _lets_help(li, "孙悦", "Reads", "只读")
    _writes(zhou)
    _reads_only(sun)
    _sees_what_was_written(li)
    _lets_help_no_longer(li)
    _is_kept_out(sun)


def test_more_days_are_asked_for_and_granted_once(reader, language):
    li, chen = (reader(f"{who}@{COMPANIES[language]}.example") for who in ("li", "chen"))
    _asks_for_more_days(li)
    _grants_them(chen)
    _has_them_and_asks_no_more(li)


def test_a_customer_is_transferred_with_a_reason(reader, language):
    li, chen = (reader(f"{who}@{COMPANIES[language]}.example") for who in ("li", "chen"))
    _transfers(chen)
    _is_gone_from_the_list(li)


def test_a_book_is_handed_over_in_three_steps_and_taken_back(reader, language):
    zhao = reader(f"zhao@{COMPANIES[language]}.example")
    _chooses_whose(zhao)
    _chooses_who_takes_turns(zhao)
    _sees_what_moves_and_keeps_one_back(zhao)
    _takes_it_back(zhao)


def _more(person, english, chinese):
    person.button("More", "更多", exact=True).click()
    person.link(english, chinese, exact=True).click()


def _lets_help(li, name, english, chinese):
    li.find(HELPED)
    li.link("Ownership", "归属", exact=True).first.click()
    li.link("Add a collaborator", "添加协作人").click()
    li.pick("Collaborator", "协作人", name)
    li.box(english, chinese, exact=True).check()
    li.button("Add", "添加", exact=True).click()
    expect(li.words(f"{name} helps now.", f"{name}已加入协作。").first).to_be_visible()


def _writes(zhou):
    zhou.find(HELPED)
    zhou.box("Note", "记录", exact=True).fill("陪同验收，客户满意。")
    zhou.button("Save", "保存", exact=True).click()
    expect(zhou.page.get_by_role("listitem").filter(has_text="陪同验收，客户满意。").first).to_be_visible()
    zhou.button("More", "更多", exact=True).click()
    expect(zhou.link("New follow-up", "新建跟进任务")).to_be_visible()
    expect(zhou.link("Return to the pool", "退回公海")).to_have_count(0)


def _reads_only(sun):
    sun.find(HELPED)
    expect(sun.words("陪同验收，客户满意。", "陪同验收，客户满意。").first).to_be_visible()
    expect(sun.box("Note", "记录", exact=True)).to_have_count(0)
    expect(sun.link("New contract", "新建合同")).to_have_count(0)


def _sees_what_was_written(li):
    li.find(HELPED)
    entry = li.page.get_by_role("listitem").filter(has_text="陪同验收，客户满意。").first
    expect(entry).to_contain_text("周毅")


def _lets_help_no_longer(li):
    li.link("Ownership", "归属", exact=True).first.click()
    li.button("Remove 孙悦", "移除 孙悦").click()
    expect(li.words("孙悦 helps no longer.", "孙悦已不再协作。").first).to_be_visible()
    expect(li.button("Remove 周毅", "移除 周毅")).to_be_visible()


def _is_kept_out(sun):
    sun.open(f"/customers/?search={HELPED}")
    expect(sun.words("No customer matches what is asked for here.", "没有符合条件的客户。")).to_be_visible()


def _asks_for_more_days(li):
    li.find(MOVED)
    _more(li, "Ask for more days", "申请延期")
    li.box("Reason", "原因", exact=True).fill("客户下月开标。")
    li.button("Ask for more days", "申请延期").click()
    expect(li.words("Asked. You will find the answer", "已提交").first).to_be_visible()


def _grants_them(chen):
    chen.go("Public pool", "公海")
    chen.link("About to drop", "即将掉公海", exact=True).click()
    chen.link("Asked for more days", "延期申请", exact=True).click()
    chen.link(MOVED, MOVED).click()
    expect(chen.words("客户下月开标。", "客户下月开标。")).to_be_visible()
    expect(chen.fact("Drops on", "掉公海日期")).to_contain_text("→")
    chen.button(re.compile(r"Grant \d+ days"), re.compile(r"同意延期 \d+ 天")).click()
    expect(chen.words("Granted.", "已批准。").first).to_be_visible()


def _has_them_and_asks_no_more(li):
    li.find(MOVED)
    _more(li, "Ask for more days", "申请延期")
    li.box("Reason", "原因", exact=True).fill("还要再等。")
    li.button("Ask for more days", "申请延期").click()
    expect(
        li.words(
            "More days are granted once, and you have asked already.", "只能延期一次，您已经申请过了。"
        ).first
    ).to_be_visible()


def _transfers(chen):
    chen.find(MOVED)
    _more(chen, "Transfer", "转交")
    chen.button("Transfer", "转交", exact=True).click()
    expect(chen.box("Reason", "原因", exact=True)).to_have_attribute("aria-invalid", "true")
    chen.pick("New responsible person", "新负责人", "周毅")
    chen.box("Reason", "原因", exact=True).fill("李娜转做大客户。")
    chen.button("Transfer", "转交", exact=True).click()
    expect(chen.heading(MOVED, MOVED, level=1)).to_be_visible()
    expect(chen.fact("Responsible", "负责人")).to_contain_text("周毅")


def _is_gone_from_the_list(li):
    li.open(f"/customers/?search={MOVED}")
    expect(li.words("No customer matches what is asked for here.", "没有符合条件的客户。")).to_be_visible()


def _chooses_whose(zhao):
    zhao.go("Handovers", "交接")
    zhao.link("Hand customers over", "交接客户").first.click()
    zhao.pick("Of a person", "某人的客户", "孙悦")
    zhao.button("Next", "下一步", exact=True).click()
    expect(zhao.heading("Hand over the customers of 孙悦", "交接孙悦的客户", level=1)).to_be_visible()


def _chooses_who_takes_turns(zhao):
    zhao.page.get_by_role("checkbox", name=re.compile("赵鹏")).check()
    zhao.pick("And to", "再分给", "吴迪")
    zhao.button("What will move", "交接内容").click()


def _sees_what_moves_and_keeps_one_back(zhao):
    takers = [zhao.box(f"Who gets {name}", f"{name}的接手人") for name in HANDED]
    for taker in takers:
        expect(taker).to_be_visible()
    takers[0].select_option(label="吴迪")
    takers[1].select_option(label="赵鹏")
    takers[2].select_option(label=zhao.say("stays", "不变"))
    zhao.button("Count again", "重新计算").click()
    button = zhao.button("Hand over 2 customers", "交接 2 个客户")
    expect(button).to_be_visible()
    button.click()
    expect(zhao.fact("State", "状态")).to_contain_text(zhao.say("Handed over", "已交接"))
    expect(zhao.row(HANDED[0])).to_contain_text("吴迪")
    expect(zhao.row(HANDED[1])).to_contain_text("赵鹏")
    expect(zhao.row(HANDED[2])).to_have_count(0)


def _takes_it_back(zhao):
    zhao.button("Take back", "撤回交接").click()
    expect(zhao.words("2 customers went back", "2 个客户已退回").first).to_be_visible()
    expect(zhao.fact("State", "状态")).to_contain_text(zhao.say("Taken back", "已撤回"))
    expect(zhao.row(HANDED[0])).to_contain_text(zhao.say("went back", "已退回"))
