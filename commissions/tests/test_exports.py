"""A month as a file: for payroll, and as the cost of obtaining contracts."""

import csv
import io
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from commissions import costs
from commissions.models import Period, Plan, PlanAssignment, PlanVersion
from commissions.tests import months
from commissions.tests.months import bring as bring_month
from commissions.tests.months import earned
from commissions.tests.test_close_pages import bring, last_months_book
from crm.accounts.models import Member
from crm.events.models import Event
from crm.tenancy.context import tenant
from crm.tests.callers import Api, browser, codes
from crm.tests.cast import PEOPLE

pytestmark = pytest.mark.django_db
JAN, AFTER = date(2025, 1, 1), date(2025, 2, 8)


@pytest.fixture
def book(yunheng) -> SimpleNamespace:
    return last_months_book(yunheng)


def file(book, person: str, name: str, kind: str, **words: str):
    url = reverse(f"commissions:{name}-file", args=[book.period.pk, kind])
    return browser(book.company, person, "zh-hans").get(url, words)


def text(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def sheet(answer) -> list[list]:
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()


def test_payroll_has_a_line_for_each_payee_and_the_total_in_capitals(book) -> None:
    bring(book, 4)
    head, *rows = text(file(book, "qian", "payroll", "csv"))
    month = book.period.month
    assert head == ["月份", "工号", "收款人", "部门", "税前金额", "币种"]
    assert sorted(rows[:3]) == [
        [month, "OPS", "运维部", "运维部", "990.00", "CNY"],
        [month, "li", "李娜", "华东商务部", "6930.00", "CNY"],
        [month, "zhou", "周毅", "华东商务部", "2970.00", "CNY"],
    ]
    assert rows[3:] == [
        [month, "合计", "", "", "10890.00", "CNY"],
        [month, "合计（大写）", "人民币壹万零捌佰玖拾元整", "", "", ""],
    ]
    in_sheet = sheet(file(book, "tian", "payroll", "xlsx"))
    assert [row[:4] for row in in_sheet] == [row[:4] for row in [head, *rows]]
    assert [row[4] for row in in_sheet[1:5]] == [float(row[4]) for row in rows[:4]]


def test_payroll_is_told_only_of_an_approved_month_and_who_took_it_is_recorded(book) -> None:
    bring(book, 3)
    assert file(book, "qian", "payroll", "csv").status_code == 409
    refused = Api(book.company, "qian").get(f"periods/{book.period.pk}/payroll/")
    assert (refused.status_code, codes(refused)) == (409, [("", "not_approved")])
    bring_last = browser(book.company, "gao")
    bring_last.post(reverse("commissions:period-approval", args=[book.period.pk]))
    found = Api(book.company, "qian").get(f"periods/{book.period.pk}/payroll/").json()
    assert (found["total"], found["total_in_capitals"]) == ("10890.00", "人民币壹万零捌佰玖拾元整")
    assert {(line["code"], line["gross"]) for line in found["lines"]} == {
        ("li", "6930.00"),
        ("zhou", "2970.00"),
        ("OPS", "990.00"),
    }
    with tenant(book.company.tenant.id):
        told = Event.objects.get(name="payout.exported")
    assert (told.actor_name, told.data["rows"]) == ("钱敏", 3)
    assert "10890" not in str(told.data)


def test_files_of_pay_are_for_finance_and_the_commission_admin(book, beihe) -> None:
    bring(book, 4)
    for name in ("payroll", "costs"):
        readers = {code for code, *_ in PEOPLE if file(book, code, name, "csv").status_code == 200}
        by_api = {
            code
            for code, *_ in PEOPLE
            if Api(book.company, code).get(f"periods/{book.period.pk}/{name}/").status_code == 200
        }
        assert readers == by_api == {"qian", "tian"}
        assert Api(beihe, "qian").get(f"periods/{book.period.pk}/{name}/").status_code == 404


def test_no_name_becomes_a_formula(book) -> None:
    with tenant(book.company.tenant.id):
        Member.objects.filter(code="li").update(name="=HYPERLINK(A1)")
    bring(book, 4)
    rows = text(file(book, "qian", "payroll", "csv"))
    assert "'=HYPERLINK(A1)" in {row[2] for row in rows}
    assert "'=HYPERLINK(A1)" in {row[2] for row in sheet(file(book, "qian", "payroll", "xlsx"))}


def test_a_cost_is_amortised_in_equal_parts_over_the_term(here) -> None:
    earned(here, "A", "40000.00", JAN)
    bring_month(here, "2025-01", AFTER, to="approve")
    found = {row.component: row for row in costs.costs(Period.objects.get(month="2025-01"))}
    new = found["NEW_DEV"]
    assert (new.cost, new.term, new.months) == (Decimal("4000.00"), 12, 12)
    assert (new.amortised, new.carrying) == (Decimal("333.33"), Decimal("3666.67"))
    assert (new.commensurate, new.may_be_expensed) == (False, True)
    assert (found["OPS_SHARE"].cost, found["OPS_SHARE"].commensurate) == (Decimal("400.00"), True)


def test_what_renewals_do_not_match_is_amortised_over_the_months_of_benefit(here) -> None:
    earned(here, "A", "40000.00", JAN)
    months.bring(here, "2025-01", AFTER, to="approve")
    row = Period.objects.get(month="2025-01")
    found = {cost.component: cost for cost in costs.costs(row, benefit_months=36)}
    assert (found["NEW_DEV"].months, found["OPS_SHARE"].months) == (36, 12)
    assert found["NEW_DEV"].amortised == Decimal("111.11")
    assert not found["NEW_DEV"].may_be_expensed


def test_what_renewals_match_is_told_by_the_plan_that_pays_the_contract(here) -> None:
    plan = Plan.objects.create(code="FULL", name="同率方案")
    whole = {"currency": "CNY", "renewal_factors": [{"from": "0", "to": None, "factor": "1"}]}
    PlanVersion.objects.create(plan=plan, code="1", valid_from=JAN, settings=whole, state="APPROVED")
    PlanAssignment.objects.create(plan=plan, department=here.departments["NORTH"], valid_from=JAN)
    earned(here, "A", "12000.00", JAN)
    earned(here, "B", "12000.00", JAN, shares=(("sun", 10_000),))
    bring_month(here, "2025-01", AFTER, to="approve")
    rows = costs.costs(Period.objects.get(month="2025-01"), 36)
    found = {row.contract: row.commensurate for row in rows if row.component == "NEW_DEV"}
    assert found == {"A": False, "B": True}


def test_the_months_of_benefit_are_a_number_of_months(book) -> None:
    for words in ("0", "241", "-1", "x", "1.5"):
        assert file(book, "qian", "costs", "csv", benefit_months=words).status_code == 400
        answer = Api(book.company, "qian").get(f"periods/{book.period.pk}/costs/", {"benefit_months": words})
        assert (answer.status_code, codes(answer)) == (400, [("benefit_months", "out_of_range")])
    rows = text(file(book, "qian", "costs", "csv", benefit_months="24"))
    assert {(row[0], row[2], row[6]) for row in rows[1:]} == {
        ("A", "新签提成", "24.00"),
        ("A", "运维提成", "12.00"),
    }
