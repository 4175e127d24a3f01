"""信息通报 and 撞单: news of a colleague's customer; a claim to it, ruled by the head and once more above."""

import pytest
from playwright.sync_api import expect

from crm.tests.browser.founding import COMPANIES, PURSUED

pytestmark = pytest.mark.browser

HEARD = "听说他们要扩建二期，采购部在问维保。"


def test_news_of_a_colleagues_customer_is_found_masked_answered_and_thanked(reader, language):
    sun, zhou = (reader(f"{who}@{COMPANIES[language]}.example") for who in ("sun", "zhou"))
    _finds(sun, "News", "信息通报", "Pass on news", "通报信息")
    _passes_on(sun)
    _answers(zhou)
    _thanks(zhou)
    _reads_the_thanks(sun)


def test_a_claim_is_ruled_by_the_common_superior_and_appealed_once(reader, language):
    company = COMPANIES[language]
    li, zhou, chen, gao = (reader(f"{who}@{company}.example") for who in ("li", "zhou", "chen", "gao"))
    _finds(li, "Disputes", "撞单", "Claim a customer", "撞单申请")
    _claims(li)
    _answers_the_claim(zhou)
    _rules(chen)
    _appeals(zhou)
    _rules_for_good(gao)
    _has_won(li)


def _finds(person, english, chinese, act, in_chinese):
    """Look for the customer from a page's own act, and see only that it exists."""
    person.go(english, chinese)
    person.link(act, in_chinese, exact=True).first.click()
    person.box("Name of the company", "公司名称").fill(PURSUED)
    person.button("Search", "搜索", exact=True).click()
    expect(
        person.words("Responsible department: 华东商务部.", "已有责任部门：华东商务部。").first
    ).to_be_visible()
    expect(person.words("周毅", "周毅")).to_have_count(0)


def _passes_on(sun):
    sun.link("Pass on news", "通报信息", exact=True).click()
    sun.box("Customer, as you know it", "客户（按您所知填写）").fill(PURSUED)
    sun.box("Kind of news", "信息类别").select_option(label=sun.say("A need", "需求"))
    sun.button("Pass on", "通报", exact=True).click()
    news = sun.page.get_by_role("textbox", name=sun.say("News", "信息通报"))
    expect(news).to_have_attribute("aria-invalid", "true")
    news.fill(HEARD)
    sun.button("Pass on", "通报", exact=True).click()
    expect(sun.words("Passed on.", "已通报。").first).to_be_visible()


def _answers(zhou):
    zhou.go("News", "信息通报")
    zhou.link(PURSUED, PURSUED).click()
    expect(zhou.words(HEARD, HEARD)).to_be_visible()
    zhou.box("Useful", "有用", exact=True).check()
    zhou.box("Answer to the sender", "给通报人的回复").fill("已约采购部周四见面。")
    zhou.button("Answer", "回复", exact=True).click()
    expect(zhou.words("Answered.", "已回复。").first).to_be_visible()


def _thanks(zhou):
    zhou.box("Thanks", "致谢", exact=True).fill("多亏孙悦，赶在招标前。")
    zhou.button("Thank", "致谢", exact=True).click()
    expect(zhou.words("Thanked.", "已致谢。").first).to_be_visible()


def _reads_the_thanks(sun):
    sun.go("News", "信息通报")
    sun.link("Sent by me", "我通报的").click()
    sun.link(PURSUED, PURSUED).click()
    expect(sun.words("已约采购部周四见面。", "已约采购部周四见面。")).to_be_visible()
    expect(sun.words("多亏孙悦，赶在招标前。", "多亏孙悦，赶在招标前。")).to_be_visible()


def _claims(li):
    li.link("Claim the customer", "撞单申请", exact=True).click()
    li.box("Customer, as you know it", "客户（按您所知填写）").fill(PURSUED)
    li.box("Your claim", "申请理由").fill("去年十月起与总经理面谈三次。")
    li.button("Claim", "提交申请", exact=True).click()
    expect(li.fact("State", "状态")).to_contain_text(li.say("To be ruled", "待裁决"))
    expect(li.fact("To be ruled by", "裁决人")).to_contain_text("陈静")
    li.box("Kind of proof", "证据类别").select_option(
        label=li.say("The customer's written choice", "客户书面选择")
    )
    li.box("Evidence", "证据", exact=True).fill("总经理的邮件：愿与李娜合作。")
    li.button("Add", "添加", exact=True).click()
    expect(li.words("Evidence added.", "证据已提交。").first).to_be_visible()
    expect(li.words("周毅", "周毅")).to_have_count(0)


def _answers_the_claim(zhou):
    zhou.go("Disputes", "撞单")
    zhou.link(PURSUED, PURSUED).click()
    expect(zhou.words("总经理的邮件", "总经理的邮件")).to_be_visible()
    zhou.box("Your answer", "您的答复").fill("客户由我登记，一直在跟进。")
    zhou.button("Answer", "回复", exact=True).click()
    expect(zhou.words("Answered.", "已回复。").first).to_be_visible()


def _rules(chen):
    chen.go("Disputes", "撞单")
    chen.link(PURSUED, PURSUED).click()
    expect(chen.heading("What the records suggest", "按记录的建议")).to_be_visible()
    expect(chen.words("客户由我登记，一直在跟进。", "客户由我登记，一直在跟进。")).to_be_visible()
    chen.box("To the claimant", "归申请人", exact=True).check()
    chen.box("Reason", "原因", exact=True).fill("客户书面选择李娜。")
    chen.button("Rule", "裁决", exact=True).click()
    expect(chen.fact("State", "状态")).to_contain_text(chen.say("Ruled, may be appealed", "已裁决，可申诉"))


def _appeals(zhou):
    zhou.go("Disputes", "撞单")
    zhou.link(PURSUED, PURSUED).first.click()
    zhou.box("Your appeal", "申诉理由").fill("邮件写在我登记之后。")
    zhou.button("Appeal", "申诉", exact=True).click()
    expect(zhou.fact("State", "状态")).to_contain_text(zhou.say("Appealed", "申诉中"))


def _rules_for_good(gao):
    gao.go("Disputes", "撞单")
    gao.link(PURSUED, PURSUED).click()
    expect(gao.words("邮件写在我登记之后。", "邮件写在我登记之后。")).to_be_visible()
    gao.box("Divided", "分成", exact=True).check()
    gao.box("Share of the claimant", "申请人份额").fill("60")
    gao.box("Reason", "原因", exact=True).fill("双方都有投入。")
    gao.button("Rule", "裁决", exact=True).click()
    expect(gao.fact("State", "状态")).to_contain_text(gao.say("Final", "已生效"))


def _has_won(li):
    li.go("Disputes", "撞单")
    li.link("Ended", "已结束").click()
    li.link(PURSUED, PURSUED).first.click()
    expect(li.words("Claimant 60% · Respondent 40%", "申请人 60% · 被申请人 40%").first).to_be_visible()
