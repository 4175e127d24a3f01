"""Journey c: the morning of a department head, from the riskiest customer to a task on his seller's page."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

HEADS = {"zh-hans": "chen@yunheng.example", "en": "chen@beihe.example"}
SELLERS = {"zh-hans": "li@yunheng.example", "en": "li@beihe.example"}
LEAVING = "甬江港务有限公司"


def test_from_why_it_is_risky_to_an_assigned_visit(reader, language):
    chen = reader(HEADS[language])
    row = chen.page.get_by_role("row").filter(has_text=LEAVING)
    _sees_the_night(chen)
    _asks_why(chen, row)
    _assigns(chen, row)
    _the_seller_has_it(reader(SELLERS[language]))


def _sees_the_night(chen):
    expect(
        chen.words(re.compile("tiers and risks of the night of"), re.compile("夜间")).first
    ).to_be_visible()


def _asks_why(chen, row):
    row.get_by_role("link", name=chen.say("Why? the risk", "为什么？")).or_(
        row.get_by_role("button", name=re.compile("Why|为什么"))
    ).first.click()
    why = chen.page.get_by_role("dialog")
    expect(why).to_contain_text(chen.say("Late payment", "付款延迟"))
    chen.page.keyboard.press("Escape")
    expect(why).to_be_hidden()


def _assigns(chen, row):
    row.get_by_role("link", name=re.compile("Assign|安排")).click()
    sheet = chen.page.get_by_role("dialog")
    sheet.get_by_label(chen.say("What to do", "事项")).fill("上门拜访")
    sheet.get_by_label(chen.say("Due", "到期"), exact=True).select_option("2")
    sheet.get_by_role("combobox", name=chen.say("To be done by", "负责人")).fill("李娜")
    chen.page.get_by_role("option").filter(has_text="李娜").first.click()
    sheet.get_by_role("button", name=chen.say("Assign", "安排")).click()
    expect(row).to_contain_text("李娜")


def _the_seller_has_it(li):
    li.open("/follow-ups/")
    task = li.page.get_by_role("row").filter(has_text="上门拜访")
    expect(task).to_contain_text(LEAVING)
