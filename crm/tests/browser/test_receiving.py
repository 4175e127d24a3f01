"""Journey f, steps 1 to 4: cash is recorded once, and one unmatched line of the bank keeps the month open."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from crm.tests import morning
from crm.tests.browser.founding import COMPANIES, OWING

pytestmark = pytest.mark.browser
CONTRACT, THIRD = "HT-北仑-1", "HT-北仑-1/3"


def test_finance_records_cash_and_matches_the_line_that_keeps_the_month_open(reader, language):
    qian = reader(f"qian@{COMPANIES[language]}.example")
    _finds_who_owes(qian)
    _records_the_receipt(qian)
    _cannot_book_it_as_something_else(qian)
    _reads_what_keeps_the_month_open(qian)
    _matches_the_line(qian)
    _reads_that_nothing_of_the_bank_is_open(qian)


def _finds_who_owes(qian):
    qian.go("Receivables", "往来账款")
    row = qian.row(OWING)
    expect(row).to_contain_text(qian.say("155,000", "15.50"))
    row.get_by_role("link", name=CONTRACT).click()


def _records_the_receipt(qian):
    qian.link("Record a receipt", "登记回款").click()
    qian.box("Receipt number", "回款编号").fill("R-155")
    expect(qian.box("Amount", "金额", exact=True)).to_have_value("155,000.00")
    expect(qian.page.locator("#releases")).to_contain_text("12,400.00")  # 8 % of it, all on time
    expect(qian.page.locator("#releases")).to_contain_text("李娜")
    qian.button("Record the receipt", "登记回款").click()
    expect(qian.row(THIRD)).to_contain_text(qian.say("settled", "已结清"))


def _cannot_book_it_as_something_else(qian):
    qian.link("Record a receipt", "登记回款").click()
    qian.box("Receipt number", "回款编号").fill("R-155")
    qian.box("Amount", "金额", exact=True).fill("1000")
    qian.button("Record the receipt", "登记回款").click()
    expect(qian.box("Receipt number", "回款编号")).to_have_attribute("aria-invalid", "true")
    expect(qian.box("Amount", "金额", exact=True)).to_have_value("1,000.00")


def _month(qian):
    last = morning.today().replace(day=1) - timedelta(1)
    qian.go("Months", "核算期间")
    qian.page.get_by_role("link", name=f"{last:%Y-%m}", exact=True).click()
    return qian.page.locator("#point-bank")


def _reads_what_keeps_the_month_open(qian):
    point = _month(qian)
    expect(point).to_contain_text(qian.say("Every bank line is matched", "银行流水均已认领"))
    point.get_by_role("link").click()
    qian.page.get_by_role("link", name="王建国").click()


def _matches_the_line(qian):
    qian.pick("Contract", "合同", CONTRACT)
    qian.button("Record the receipt", "登记回款").click()
    expect(
        qian.words("Recorded as a receipt of HT-北仑-1.", "已登记为合同 HT-北仑-1 的回款。").first
    ).to_be_visible()


def _reads_that_nothing_of_the_bank_is_open(qian):
    expect(_month(qian).get_by_role("link")).to_have_count(0)
