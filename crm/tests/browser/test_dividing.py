"""Signing with a split across two departments: both heads confirm, the second one by the keyboard alone."""

import pytest
from playwright.sync_api import expect

from crm.periods import add_months, last_day
from crm.tests import morning
from crm.tests.browser.founding import COMPANIES, HELPED

pytestmark = pytest.mark.browser


def test_a_split_across_departments_is_confirmed_by_both_heads(reader, language):
    company = COMPANIES[language]
    li, chen, zhao = (reader(f"{who}@{company}.example") for who in ("li", "chen", "zhao"))
    number = f"HT-{language}-分"
    _signs(li, number)
    _confirms_by_the_mouse(chen, number)
    _confirms_by_the_keyboard(zhao, number)
    _reads_that_nobody_is_awaited(li, number)


def _signs(li, number):
    today = morning.today()
    li.go("Customers", "客户")
    li.link(HELPED, HELPED).first.click()
    li.link("New contract", "新建合同").first.click()
    li.box("Contract number", "合同编号").fill(number)
    li.box("Last day", "最后一天", exact=True).fill(str(last_day(add_months(today, 12))))
    li.box("Amount incl. VAT", "含税金额").fill("10万")
    _share(li, 0, "李娜", "70")
    _share(li, 1, "孙悦", "30")
    expect(li.page.locator("#awaited")).to_contain_text("陈静")
    expect(li.page.locator("#awaited")).to_contain_text("赵鹏")
    li.button("Sign the contract", "签订合同").click()
    expect(li.page.get_by_role("heading", level=1)).to_have_text(HELPED)
    expect(li.words("陈静", "陈静").first).to_be_visible()


def _share(li, row: int, name: str, percent: str):
    box = li.page.get_by_role("combobox", name=li.say("Payee", "收款人")).nth(row)
    box.fill(name)
    li.page.get_by_role("option").filter(has_text=name).first.click()
    li.box("Share", "分成", exact=True).nth(row).fill(percent)
    li.page.keyboard.press("Tab")


def _confirms_by_the_mouse(chen, number):
    chen.go("Splits", "分成确认")
    chen.link(number, number).first.click()
    expect(chen.words("孙悦", "孙悦").first).to_be_visible()
    chen.button("Confirm the split", "确认分成").click()
    expect(chen.words("Confirmed.", "已确认。").first).to_be_visible()


def _confirms_by_the_keyboard(zhao, number):
    zhao.go("Splits", "分成确认")
    _tab_to(zhao, number)
    zhao.page.keyboard.press("Enter")
    expect(zhao.page.get_by_role("heading", level=1)).to_contain_text(number)
    _tab_to(zhao, zhao.say("Confirm the split", "确认分成"))
    zhao.page.keyboard.press("Enter")
    expect(zhao.words("Confirmed.", "已确认。").first).to_be_visible()


def _tab_to(person, words):
    """Press Tab until the link or button that reads so is focused."""
    expect(person.page.get_by_text(words).first).to_be_visible()
    for _ in range(80):
        person.page.keyboard.press("Tab")
        if words in person.page.evaluate("document.activeElement.closest('a, button')?.textContent ?? ''"):
            return
    raise AssertionError(words)


def _reads_that_nobody_is_awaited(li, number):
    li.open("/splits/?view=all")
    li.link(number, number).first.click()
    expect(li.words("Confirmed", "已确认").first).to_be_visible()
    expect(li.words("To be confirmed", "待确认")).to_have_count(0)
