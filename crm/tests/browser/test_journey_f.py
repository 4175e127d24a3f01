"""Journey f from the statement on: a line disputed by keyboard, upheld in part, then corrected."""

import pytest
from playwright.sync_api import expect

from crm.periods import add_months
from crm.tests import morning
from crm.tests.browser.founding import PAYING

pytestmark = pytest.mark.browser
POSTED, EXPECTED, GRANTED = "9,900.00", "11,880", "10,890"
MOST_TABS = 80


def test_a_line_is_disputed_upheld_in_part_and_corrected_in_the_open_month(reader, language, tmp_path):
    company = PAYING[language]
    li, chen, qian = (reader(f"{who}@{company}.example") for who in ("li", "chen", "qian"))
    paper = tmp_path / "agreed.pdf"
    paper.write_bytes(b"%PDF-1.7 the agreed share")
    before = _reads_her_statement(li)
    _prints_it(li)
    _disputes_a_line_by_keyboard(li, paper)
    _answers_in_part(chen)
    _finds_no_button_for_what_he_proposed(chen)
    _approves(qian)
    _finds_it_in_the_open_month(li)
    assert _reads_her_statement(li) == before


def _last_month():
    return f"{add_months(morning.today().replace(day=1), -1):%Y-%m}"


def _reads_her_statement(li) -> str:
    """Opens it from her commission and follows a line to the receipt; returns what it adds up to."""
    li.open("/commission/")
    li.page.get_by_role("link", name=_last_month()).first.click()
    expect(li.fact("To be paid", "应发")).to_contain_text(POSTED)
    line = li.row("HT-月结-1")
    expect(line).to_contain_text("R-HT-月结-1")
    return li.page.locator(".body > .help.num").inner_text()


def _prints_it(li) -> None:
    link = li.page.get_by_role("link", name="PDF")
    answer = li.page.request.get(f"{li.url}{link.get_attribute('href')}")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")


def _disputes_a_line_by_keyboard(li, paper) -> None:
    _tab_to(li, "Dispute this line", "申诉")
    li.page.keyboard.press("Enter")
    li.heading("Dispute a line", "对明细提出申诉", level=1).wait_for()
    li.page.keyboard.type(li.say("S", "分"))  # the category whose name begins so
    li.page.keyboard.press("Tab")
    li.page.keyboard.type(EXPECTED)
    li.page.keyboard.press("Tab")
    li.page.keyboard.type("邮件约定二八分成。")
    li.box("File", "文件").set_input_files(paper)  # the system's own dialogue takes keys, not the page
    _tab_to(li, "Dispute the line", "提交申诉")
    li.page.keyboard.press("Enter")
    li.words("Disputed.", "申诉已提交。").first.wait_for()
    expect(li.link("agreed.pdf", "agreed.pdf")).to_be_visible()


def _tab_to(person, english, chinese) -> None:
    """Tab until what has the focus begins so."""
    wanted = person.say(english, chinese)
    for _step in range(MOST_TABS):
        person.page.keyboard.press("Tab")
        here = person.page.evaluate("(document.activeElement.innerText || '').trim()")
        if " ".join(here.split()).startswith(wanted):
            return
    raise AssertionError(f"no way to {wanted} by keyboard")


def _answers_in_part(chen) -> None:
    chen.go("Disputed lines", "提成申诉")
    chen.row("李娜").get_by_role("link").first.click()
    chen.button("Take into review", "受理").click()
    expect(chen.fact("State", "状态").first).to_contain_text(chen.say("Under review", "核查中"))
    chen.page.get_by_role("radio", name=chen.say("Upheld in part", "部分支持")).check()
    chen.box("The line should be", "该明细应为").fill(GRANTED)
    chen.box("Reason", "原因").fill("邮件约定一成归协作人。")
    chen.button("Answer", "答复", exact=True).click()
    chen.words("Answered.", "已答复。").first.wait_for()


def _finds_no_button_for_what_he_proposed(chen) -> None:
    chen.page.get_by_role("link", name=chen.say("Adjustment of", "调整 ¥")).click()
    expect(chen.words("You proposed it: somebody else decides.", "由您提出，须由他人复核。")).to_be_visible()
    expect(chen.button("Approve and post", "批准并入账")).to_have_count(0)


def _approves(qian) -> None:
    qian.go("Adjustments", "提成调整")
    qian.row("李娜").get_by_role("link").first.click()
    qian.button("Approve and post", "批准并入账").click()
    qian.words("Approved and posted.", "已批准并入账。").first.wait_for()


def _finds_it_in_the_open_month(li) -> None:
    li.go("Disputed lines", "提成申诉")
    li.row("HT-月结-1").get_by_role("link").first.click()
    expect(li.fact("State", "状态").first).to_contain_text(li.say("Upheld in part", "部分支持"))
    now = f"{morning.today():%Y-%m}"
    expect(li.words(f"posted in {now}", f"{now} 入账")).to_be_visible()
    li.open(f"/commission/entries/?posting_period={now}&kind=ADJUSTMENT")
    expect(li.row("HT-月结-1")).to_contain_text("990.00")
