"""Journey b: a salesperson finds a customer by its initials, logs a visit and signs an add-on."""

import re

import pytest
from playwright.sync_api import expect

from crm.periods import add_months, last_day
from crm.tests import morning
from crm.tests.browser.founding import DUE

pytestmark = pytest.mark.browser

SELLERS = {"zh-hans": "li@yunheng.example", "en": "li@beihe.example"}
NOTE = "拜访采购部，谈扩容。"


def test_from_initials_to_a_signed_contract(reader, language):
    li = reader(SELLERS[language])
    _sees_what_is_due(li)
    _finds_huaxin_by_its_initials(li)
    _logs_a_visit_by_the_keyboard(li)
    _fills_the_contract_in(li)
    _is_told_that_a_tenth_is_missing(li)
    _sees_what_signing_will_bring(li)
    _signs_and_sees_the_tier(li)
    _sees_her_commission(li)


def _sees_what_is_due(li):
    expect(li.tile("Due by today", "今天该做")).to_have_text(re.compile(rf"^{DUE}\b"))


def _finds_huaxin_by_its_initials(li):
    li.page.keyboard.press("Control+k")
    li.page.keyboard.type("hx")
    first = li.page.get_by_role("option").first
    expect(first).to_contain_text("华信科技有限公司")
    li.page.keyboard.press("Enter")
    expect(li.page.get_by_role("heading", level=1)).to_have_text("华信科技有限公司")


def _logs_a_visit_by_the_keyboard(li):
    li.page.locator("body").press("c")
    li.page.keyboard.type(NOTE)
    li.page.get_by_text(li.say("Visit", "拜访"), exact=True).first.click()
    li.box("Next contact on", "下次跟进日期").fill("+4")
    li.box("Note", "记录", exact=True).press("Control+Enter")
    newest = li.page.get_by_role("listitem").filter(has_text=NOTE).first
    expect(newest).to_contain_text(li.say("Visit", "拜访"))
    expect(li.page.get_by_text(li.say("today", "今天"), exact=True).first).to_be_visible()
    expect(li.words("Next step", "下一步").first).to_be_visible()


def _fills_the_contract_in(li):
    today = morning.today()
    li.link("New contract", "新建合同").first.click()
    li.box("Contract number", "合同编号").fill(f"HT-{li.language}-2")
    li.box("Signed on", "签订日期", exact=True).fill(str(today))
    li.box("Starts on", "开始日期", exact=True).fill(str(today))
    li.box("Last day", "最后一天", exact=True).fill(str(last_day(add_months(today, 12))))
    li.box("Amount incl. VAT", "含税金额").fill("21.2万")
    li.box("VAT rate", "增值税率").fill("6")
    li.page.locator("[name=expenses-0-amount]").fill("10000")


def _share(li, row: int, name: str, percent: str):
    li.page.get_by_role("combobox", name=li.say("Payee", "收款人")).nth(row).fill(name)
    li.page.get_by_role("option").filter(has_text=name).first.click()
    li.box("Share", "分成", exact=True).nth(row).fill(percent)
    li.page.keyboard.press("Tab")


def _is_told_that_a_tenth_is_missing(li):
    _share(li, 0, "李娜", "70")
    _share(li, 1, "周毅", "20")
    li.button("Sign the contract", "签订合同").click()
    expect(li.words("10% missing", "还差 10%").first).to_be_visible()
    expect(li.box("Amount incl. VAT", "含税金额")).to_have_value(re.compile("212,000|21.2万"))
    expect(li.box("Share", "分成", exact=True).nth(0)).to_have_value("70")


def _sees_what_signing_will_bring(li):
    li.box("Share", "分成", exact=True).nth(1).fill("30")
    li.page.keyboard.press("Tab")
    panel = li.page.get_by_role("complementary", name=li.say("After signing", "签约后"))
    for words in ("1,072,000.00", "9,500.00", "6,650.00", "2,850.00"):
        expect(panel).to_contain_text(words)
    expect(panel).to_contain_text(li.say("Company", "公司级"))
    panel.get_by_text("6,650.00").first.click()
    expect(panel).to_contain_text("70")


def _signs_and_sees_the_tier(li):
    li.button("Sign the contract", "签订合同").click()
    expect(li.page.get_by_role("heading", level=1)).to_have_text("华信科技有限公司")
    expect(li.page.get_by_role("banner").or_(li.page.locator("header.head")).first).to_be_visible()
    expect(li.words("Company account", "公司级客户").first).to_be_visible()


def _sees_her_commission(li):
    li.open("/commission/")
    row = li.page.get_by_role("row").filter(has_text=f"HT-{li.language}-2")
    expect(row).to_contain_text("6,650.00")
    expect(row.get_by_role("cell").nth(1)).to_contain_text("0.00")
