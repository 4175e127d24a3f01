"""Who manages whom: the admin tries a new table against history, sets regions, and the page says why."""

import re

import pytest
from playwright.sync_api import expect

from crm.tests import morning
from crm.tests.browser.founding import COMPANIES, HELPED, PURSUED

pytestmark = pytest.mark.browser

PAGE = ("Who manages whom", "责任判定规则")


def test_a_table_is_tried_against_history_activated_and_taken_back(reader, language):
    an = reader(f"an@{COMPANIES[language]}.example")
    _drafts_that_developers_do_not_manage(an)
    _sees_whom_it_would_have_moved(an)
    _lets_it_hold_from_tomorrow(an)
    _takes_it_back(an)


def test_two_departments_of_one_region_are_reported(reader, language):
    an = reader(f"an@{COMPANIES[language]}.example")
    _opens_departments(an)
    _gives(an, "华东商务部", "浙江")
    _gives(an, "华北商务部", "浙江")
    overlap = ("浙江 is the region of 华东商务部、华北商务部", "浙江 同属 华东商务部、华北商务部")
    expect(an.words(*overlap)).to_be_visible()
    for department in ("华东商务部", "华北商务部"):
        _gives(an, department, "")
    expect(an.words("No region is set", "尚未设置区域")).to_be_visible()


def test_the_customers_page_says_why_she_is_the_manager(reader, language):
    li = reader(f"li@{COMPANIES[language]}.example")
    li.find(HELPED)
    li.link("Why? Responsible", "为什么？负责人").click()
    why = li.page.get_by_role("dialog")
    expect(why).to_contain_text("ASSIGN-03")
    expect(why).to_contain_text("V1")


def _drafts_that_developers_do_not_manage(an):
    an.go(*PAGE)
    an.link("New version", "新版本", exact=True).click()
    an.box("Name of the version", "版本名称").fill("V2")
    an.box("Holds from", "生效日", exact=True).fill(str(morning.today()))
    row = an.page.get_by_role("group").filter(has=an.page.get_by_text("ASSIGN-03", exact=True))
    row.get_by_text("ASSIGN-03", exact=True).click()
    outcome = row.get_by_label(an.named("responsible department", "责任部门"))
    outcome.select_option(label=an.say("nobody: it waits in the public pool", "无人负责，进入公海"))
    an.button("See what it would have changed", "试算影响").click()
    holds = an.box("Holds from", "生效日", exact=True)
    expect(holds).to_have_attribute("aria-invalid", "true")
    holds.fill("+1")
    an.button("See what it would have changed", "试算影响").click()


def _sees_whom_it_would_have_moved(an):
    answer = an.heading(re.compile("would have had another department"), re.compile("会归属其他部门。"))
    expect(answer).to_be_visible()
    flow = an.row("华东商务部", an.say("the public pool", "公海"))
    flow.get_by_role("button").click()
    expect(an.row(PURSUED)).to_contain_text(an.say("the public pool", "公海"))


def _lets_it_hold_from_tomorrow(an):
    an.button("Let it hold from", "起生效").click()
    expect(an.words("V2 holds from", "V2 自").first).to_be_visible()
    expect(an.row("V2", an.say("to come", "待生效"))).to_be_visible()


def _takes_it_back(an):
    an.row("V2").get_by_role("button", name=an.say("Take back", "撤回")).click()
    expect(an.words("V2 was taken back.", "V2 已撤回。").first).to_be_visible()
    expect(an.row("V2")).to_have_count(0)


def _opens_departments(an):
    an.go(*PAGE)
    an.link("Departments", "部门设置", exact=True).click()


def _gives(an, department, region):
    an.row(department).get_by_role("link", name=an.say("Edit", "编辑")).click()
    expect(an.heading(department, department, level=1)).to_be_visible()
    an.box("Region", "区域").fill(region)
    an.button("Save", "保存", exact=True).click()
    shown = an.row(department).get_by_role("cell").first
    expect(shown).to_have_text(region or "—")
