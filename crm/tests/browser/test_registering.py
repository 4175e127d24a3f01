"""报备 and 查重: registered, found masked by a colleague, and the first follow-up makes the developer."""

import re

import pytest
from playwright.sync_api import expect

from crm.tests.browser.founding import COMPANIES

pytestmark = pytest.mark.browser

COMPANY = "宁波北仑锻造有限公司"
OTHERWISE = "寧波北仑锻造（有限公司）"  # the same company, as a colleague may write it


def test_who_registers_first_and_reaches_the_company_is_its_developer(reader, language):
    li, sun = (reader(f"{who}@{COMPANIES[language]}.example") for who in ("li", "sun"))
    _registers(li)
    _a_colleague_finds_it_masked(sun)
    _and_cannot_register_it(sun)
    _reaches_the_company(li)
    _is_the_developer(li)


def _registers(li):
    li.go("Registrations", "报备")
    li.link("Register a company", "报备客户").first.click()
    li.box("Legal name", "公司全称").fill(COMPANY)
    li.box("Contact person", "联系人", exact=True).fill("王经理")
    li.box("Need", "需求").fill("锻压线年度维保")
    li.button("Register", "报备", exact=True).click()
    wrong = li.box("Why there is no credit code", "无统一社会信用代码的原因")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(li.box("Need", "需求")).to_have_value("锻压线年度维保")
    wrong.fill("工商登记办理中")
    li.button("Register", "报备", exact=True).click()
    expect(li.heading(COMPANY, COMPANY, level=1)).to_be_visible()
    expect(li.fact("State", "状态")).to_contain_text(li.say("To be reached", "待首次跟进"))


def _a_colleague_finds_it_masked(sun):
    sun.go("Duplicate check", "报备前查重")
    sun.box("Name of the company", "公司名称").fill(OTHERWISE)
    sun.button("Search", "搜索", exact=True).click()
    expect(sun.words("The same name is known already.", "同名客户已存在。").first).to_be_visible()
    expect(
        sun.words("Responsible department: 华东商务部.", "已有责任部门：华东商务部。").first
    ).to_be_visible()
    expect(sun.words(re.compile("Protected until "), re.compile("保护期至|保护至")).first).to_be_visible()
    for english, chinese in (("Pass on news", "通报信息"), ("Claim the customer", "撞单申请")):
        expect(sun.link(english, chinese, exact=True)).to_be_visible()
    for never in ("李娜", "王经理"):
        expect(sun.words(never, never)).to_have_count(0)


def _and_cannot_register_it(sun):
    sun.go("Registrations", "报备")
    sun.link("Register a company", "报备客户").first.click()
    sun.box("Legal name", "公司全称").fill(OTHERWISE)
    sun.page.keyboard.press("Tab")
    expect(sun.link("Claim the customer", "撞单申请", exact=True)).to_be_visible()
    sun.box("Why there is no credit code", "无统一社会信用代码的原因").fill("筹建中")
    sun.box("Contact person", "联系人", exact=True).fill("赵总")
    sun.box("Need", "需求").fill("锻压线大修")
    sun.button("Register", "报备", exact=True).click()
    expect(sun.box("Legal name", "公司全称")).to_have_attribute("aria-invalid", "true")
    expect(sun.box("Need", "需求")).to_have_value("锻压线大修")


def _reaches_the_company(li):
    li.link("Log activity", "记跟进").click()
    li.box("Note", "记录", exact=True).fill("见了王经理，看了两台锻压机。")
    li.page.get_by_text(li.say("Visit", "拜访"), exact=True).first.click()
    li.button("Save", "保存", exact=True).click()
    expect(li.words("Registration took effect", "报备生效").first).to_be_visible()


def _is_the_developer(li):
    li.link("Ownership", "归属", exact=True).first.click()
    developer = li.row("李娜", li.say("Developer", "开发"))
    expect(developer).to_contain_text("100%")
    expect(li.row("李娜", li.say("In effect", "已生效"))).to_be_visible()
