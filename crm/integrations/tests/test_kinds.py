"""What each kind of file leaves behind: contract years, cash that settles, follow-ups that count."""

from datetime import date
from decimal import Decimal

import pytest

from crm.integrations.tests.files import bring_in, faults, table
from customers import contracts
from customers.models import (
    CashApplication,
    Contact,
    Contract,
    ContractExpense,
    ContractYear,
    Customer,
    Interaction,
    Payment,
    Receivable,
    Usage,
)

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

TERMS = [
    "合同编号",
    "客户",
    "合同金额",
    "税率",
    "签订日期",
    "开始日期",
    "到期日",
    "分成",
    "原合同",
    "分年金额",
]
YEAR = ["2025-01-01", "2025-01-01", "2025-12-31"]
PAID = ["收款单号", "合同号", "金额", "回款日期", "类型"]


@pytest.fixture
def two(here):
    """Two customers of 李娜 and 周毅, known by code, credit code and name."""
    rows = [["A", "甲公司", "91330200MA00000001", "li"], ["B", "乙公司", "91330200MA00000002", "zhou"]]
    bring_in("customers", table([["客户编号", "客户名称", "信用代码", "负责人"], *rows]))
    return here


def sign(*rows):
    return bring_in("contracts", table([TERMS, *([*row, *[""] * (len(TERMS) - len(row))] for row in rows)]))


def plan(number):
    rows = Receivable.objects.filter(contract__number=number).order_by("due_on")
    return [(row.number, str(row.due_on), str(row.amount), str(row.applied)) for row in rows]


def test_an_imported_contract_is_what_a_signed_one_is(two):
    sign(["H1", "甲公司", "100000", "6%", "2025-01-05", "2025-01-15", "2027-10-14"])
    made = Contract.objects.get(number="H1")
    terms = contracts.Terms(
        number="S1",
        gross=Decimal("100000.00"),
        vat_rate=Decimal("0.06"),
        signed_on=date(2025, 1, 5),
        starts_on=date(2025, 1, 15),
        ends_on=date(2027, 10, 15),
    )
    signed = contracts.sign(made.customer, terms=terms, by=None, at=made.created_at, on=date(2026, 11, 20))
    plain = (
        "gross",
        "vat_rate",
        "currency",
        "book_rate",
        "signed_on",
        "starts_on",
        "ends_on",
        "line",
        "product_kind",
    )
    plain += ("responsible_dept_id", "signed_by_id", "has_schedule", "entered_on")
    assert {n: getattr(made, n) for n in plain} == {n: getattr(signed, n) for n in plain}
    years = ("number", "starts_on", "ends_on", "gross", "annual_amount", "counts_from", "counts_until")
    assert list(made.years.values_list(*years)) == list(signed.years.values_list(*years))
    parts = ("member", "department", "basis_points", "position")
    assert list(made.splits.values_list(*parts)) == list(signed.splits.values_list(*parts))
    owed = [(number.replace("S1", "H1"), *rest) for number, *rest in plan("S1")]
    assert plan("H1") == owed


def test_the_end_of_a_contract_is_told_as_last_day_as_day_after_or_in_months(two):
    for number, (name, cell) in enumerate(
        [("到期日", "2025-12-31"), ("ends_on", "2026-01-01"), ("合同期限", "12")]
    ):
        header = ["合同编号", "客户", "金额", "开始日期", name]
        run = bring_in("contracts", table([header, [f"H{number}", "A", "1", "2025-01-01", cell]]))
        assert (run.created, Contract.objects.get(number=f"H{number}").ends_on) == (1, date(2026, 1, 1))


def test_customers_are_named_by_code_credit_code_or_name(two):
    run = sign(
        ["H1", "A", "1", "", *YEAR],
        ["H2", "91330200MA00000002", "1", "", *YEAR],
        ["H3", "乙公司", "1", "", *YEAR],
    )
    assert (run.created, dict(Contract.objects.values_list("number", "customer__code"))) == (
        3,
        {"H1": "A", "H2": "B", "H3": "B"},
    )


def test_amounts_per_year_must_fit_the_contract(two):
    term = ["2025-01-01", "2025-01-01", "2026-12-31", "", ""]
    run = sign(
        ["H1", "A", "300", "", *term, "100; 200"],
        ["H2", "A", "300", "", *term, "100; 100"],
        ["H3", "A", "300", "", *term, "100; 100; 100"],
    )
    assert faults(run) == [(3, "schedule", "schedule_sum"), (4, "schedule", "schedule_years")]
    assert list(ContractYear.objects.order_by("number").values_list("gross", flat=True)) == [100, 200]


PLANNED = ["合同编号", "客户", "合同金额", "开始日期", "到期日", "付款计划"]


def planned(*rows: tuple[str, ...]):
    return bring_in("contracts", table([PLANNED, *rows]))


def instalments_of(number: str) -> list[tuple]:
    rows = Receivable.objects.filter(contract__number=number).order_by("number")
    return list(rows.values_list("number", "due_on", "amount", "contract_year", "milestone"))


def test_a_file_of_contracts_tells_their_instalments(two):
    run = planned(
        ("H1", "A", "120", "2025-01-01", "2025-12-31", "2025-01-15 50 预付款; 2025年7月1日 70 验收"),
        ("H2", "A", "100", "2025-01-01", "2026-12-31", "按半年"),
        ("H3", "B", "100", "2025-01-01", "2025-12-31", ""),
    )
    assert (run.created, faults(run)) == (3, [])
    assert instalments_of("H1") == [
        ("H1/1", date(2025, 1, 15), Decimal("50.00"), 1, "预付款"),
        ("H1/2", date(2025, 7, 1), Decimal("70.00"), 1, "验收"),
    ]
    assert [row[1:4] for row in instalments_of("H2")] == [
        (date(2025, 1, 1), Decimal("25.00"), 1),
        (date(2025, 7, 1), Decimal("25.00"), 1),
        (date(2026, 1, 1), Decimal("25.00"), 2),
        (date(2026, 7, 1), Decimal("25.00"), 2),
    ]
    assert [row[1:4] for row in instalments_of("H3")] == [(date(2025, 1, 1), Decimal("100.00"), 1)]


def test_a_plan_that_does_not_sum_or_does_not_read_is_refused(two):
    term = ("2025-01-01", "2025-12-31")
    run = planned(
        ("H1", "A", "120", *term, "2025-01-15 50; 2025-07-01 60"),
        ("H2", "A", "120", *term, "分三次"),
        ("H3", "A", "120", *term, "2025-13-01 120"),
    )
    assert faults(run) == [(2, "plan", "plan_sum"), (3, "plan", "plan"), (4, "plan", "date")]


def test_the_same_plan_again_changes_nothing_and_another_one_is_refused(two):
    row = ("H1", "A", "120", "2025-01-01", "2025-12-31")
    planned((*row, "2025-01-15 50; 2025-07-01 70"))
    again = planned(
        (*row, "2025-01-15 50; 2025-07-01 70"),
    )
    assert (again.updated, faults(again)) == (0, [])
    assert faults(planned((*row, "2025-01-15 60; 2025-07-01 60"))) == [(2, "plan", "plan_kept")]


def test_a_renewal_names_a_contract_of_the_same_customer(two):
    run = sign(
        ["H2", "A", "1", "", "2026-01-01", "2026-01-01", "2026-12-31", "", "H1"],
        ["H1", "A", "1", "", *YEAR],
        ["H3", "B", "1", "", *YEAR, "", "H1"],
        ["H4", "A", "1", "", *YEAR, "", "H9"],
    )
    assert faults(run) == [(4, "renewal_of", "renews_other"), (5, "renewal_of", "unknown_contract")]
    assert Contract.objects.get(number="H2").renewal_of.number == "H1"


def test_other_terms_change_years_and_plan_until_cash_has_come(two):
    sign(["H1", "A", "120", "", *YEAR])
    assert sign(["H1", "A", "240", "", *YEAR]).updated == 1
    assert (list(ContractYear.objects.values_list("gross", flat=True)), plan("H1")) == (
        [240],
        [("H1/1", "2025-01-01", "240.00", "0.00")],
    )
    bring_in("payments", table([PAID, ["P1", "H1", "100", "2025-02-01", ""]]))
    run = sign(["H1", "A", "300", "", *YEAR])
    assert (faults(run), Contract.objects.get().gross) == ([(2, "gross", "has_cash")], 240)
    assert sign(["H1", "A", "240", "", *YEAR, "李娜 60; 周毅 40"]).updated == 1
    assert list(Contract.objects.get().splits.values_list("basis_points", flat=True)) == [6000, 4000]


def test_a_contract_is_not_moved_to_another_customer_and_not_signed_ahead(two):
    sign(["H1", "A", "1", "", *YEAR])
    run = sign(["H1", "B", "1", "", *YEAR], ["H2", "A", "1", "", "2027-01-01", "2027-01-01", "2027-12-31"])
    assert faults(run) == [(2, "customer", "other_customer"), (3, "signed_on", "in_future")]


def test_a_foreign_currency_needs_its_rate(two):
    header = [*TERMS[:7], "币种", "汇率"]
    rows = [["H1", "A", "100", "", *YEAR, "USD", ""], ["H2", "A", "100", "", *YEAR, "usd", "7.1"]]
    run = bring_in("contracts", table([header, *rows]))
    assert faults(run) == [(2, "book_rate", "book_rate")]
    assert list(ContractYear.objects.values_list("gross", "annual_amount")) == [(100, 710)]


@pytest.mark.parametrize(
    ("told", "points"),
    [
        ("李娜 70; 周毅 30", [("李娜", 7000), ("周毅", 3000)]),
        ("li:7000;zhou:3000", [("李娜", 7000), ("周毅", 3000)]),
        ("李娜70%、周毅30%", [("李娜", 7000), ("周毅", 3000)]),
        ("li 0.5; zhou@yunheng.example 0.5", [("李娜", 5000), ("周毅", 5000)]),
        ("华东商务部 66.67，li 33.33", [("华东商务部", 6667), ("李娜", 3333)]),
        ('[{"payee": "li", "basis_points": 10000}]', [("李娜", 10000)]),
    ],
)
def test_a_split_is_read_as_people_write_it(two, told, points):
    sign(["H1", "A", "1", "", *YEAR, told])
    found = Contract.objects.get().splits.order_by("position")
    assert [((s.member or s.department).name, s.basis_points) for s in found] == points


def test_receipts_settle_the_oldest_instalment_and_refunds_never_exceed_them(two):
    sign(["H1", "A", "200", "", "2025-01-01", "2025-01-01", "2026-12-31"])
    rows = [
        ["P1", "H1", "150", "2025-02-01", ""],
        ["P2", "H1", "200", "2025-03-01", "退款"],
        ["P3", "H1", "20", "2025-03-01", "退款"],
        ["P4", "H1", "0", "2025-03-01", ""],
        ["P5", "H1", "5", "2024-01-01", ""],
        ["P6", "H1", "5", "2027-01-01", ""],
        ["P7", "H9", "5", "2025-01-01", ""],
    ]
    run = bring_in("payments", table([PAID, *rows]))
    assert faults(run) == [
        (3, "amount", "refund_exceeds_cash"),
        (5, "amount", "amount_range"),
        (6, "received_on", "before_signing"),
        (7, "received_on", "in_future"),
        (8, "contract", "unknown_contract"),
    ]
    assert [(row[0], row[3]) for row in plan("H1")] == [("H1/1", "100.00"), ("H1/2", "30.00")]
    standing = Customer.objects.get(code="A").standing
    assert (standing.open_amount, standing.overdue_amount) == (70, 70)


def test_a_posted_receipt_or_expense_is_never_changed_by_a_file(two):
    sign(["H1", "A", "200", "", *YEAR])
    spent = ["凭证号", "合同号", "类别", "金额", "日期"]
    for amount, count in (("50", 0), ("50", 0), ("51", 1)):
        run = bring_in("payments", table([PAID, ["P1", "H1", amount, "2025-02-01", ""]]))
        assert [code for _row, _column, code in faults(run)] == ["posted"] * count
        run = bring_in("expenses", table([spent, ["E1", "H1", "招待费", amount, "2025-02-01"]]))
        assert [code for _row, _column, code in faults(run)] == ["posted"] * count
    assert (Payment.objects.get().amount, ContractExpense.objects.get().amount) == (50, 50)


def test_an_expense_belongs_to_the_contract_year_of_its_day(two):
    sign(["H1", "A", "200", "", "2025-01-01", "2025-01-01", "2026-12-31"])
    header = ["凭证号", "合同号", "类别", "金额", "日期", "合同年度"]
    rows = [
        ["E1", "H1", "差旅", "1", "2025-06-01", ""],
        ["E2", "H1", "TRAVEL", "1", "2026-06-01", ""],
        ["E3", "H1", "外包", "1", "2025-06-01", "3"],
        ["E4", "H1", "吃饭", "1", "2025-06-01", ""],
    ]
    run = bring_in("expenses", table([header, *rows]))
    assert faults(run) == [(4, "contract_year", "contract_year"), (5, "category", "choice")]
    assert dict(ContractExpense.objects.values_list("number", "contract_year")) == {"E1": 1, "E2": 2}


def test_imported_instalments_replace_the_contracts_own_and_keep_the_year_planned(two):
    sign(["H1", "A", "100", "", *YEAR])
    bring_in("payments", table([PAID, ["P1", "H1", "30", "2025-02-01", ""]]))
    header = ["应收编号", "合同号", "应收日期", "应收金额"]
    rows = [
        ["R1", "H1", "2025-04-01", "40"],
        ["R2", "H1", "2025-06-01", "80"],
        ["R3", "H1", "2025-07-01", "60"],
    ]
    run = bring_in("receivables", table([header, *rows]))
    assert faults(run) == [(3, "amount", "plan_exceeded"), (4, "amount", "plan_exceeded")]
    assert plan("H1") == [("H1/1", "2025-01-01", "60.00", "30.00"), ("R1", "2025-04-01", "40.00", "0.00")]
    bring_in("receivables", table([header, ["R4", "H1", "2025-05-01", "60"]]))
    assert plan("H1") == [("R1", "2025-04-01", "40.00", "30.00"), ("R4", "2025-05-01", "60.00", "0.00")]
    assert sum(CashApplication.objects.values_list("amount", flat=True)) == 30


def test_follow_ups_count_as_last_contact_and_come_only_once(two):
    header = ["客户", "时间", "方式", "内容", "跟进人", "有效"]
    rows = [
        ["A", "2026-11-01 10:30", "拜访", "谈续签", "李娜", "是"],
        ["A", "2026-11-05", "电话", "未接", "李娜", "否"],
        ["A", "2026-11-01 10:30", "拜访", "谈续签", "李娜", "是"],
        ["B", "2026-12-01", "电话", "", "", ""],
        ["B", "不知道", "电话", "", "", ""],
    ]
    text = table([header, *rows])
    run = bring_in("interactions", text)
    assert faults(run) == [(4, "", "same_row"), (5, "at", "in_future"), (6, "at", "moment")]
    assert bring_in("interactions", text).unchanged == 2
    found = Interaction.objects.order_by("at")
    assert [(i.kind, str(i.on), i.at.hour, i.is_effective) for i in found] == [
        ("VISIT", "2026-11-01", 2, True),
        ("CALL", "2026-11-05", 4, False),
    ]
    assert Customer.objects.get(code="A").standing.last_contact_on == date(2026, 11, 1)


def test_usage_is_one_value_for_a_customer_a_day_and_a_measure(two):
    header = ["客户", "日期", "指标", "数值"]
    bring_in("usage", table([header, ["A", "2026-11-01", "logins", "30"]]))
    run = bring_in(
        "usage",
        table([header, ["甲公司", "2026-11-01", "logins", "31.5"], ["A", "2026-11-02", "logins", "1"]]),
    )
    assert (run.created, run.updated) == (1, 1)
    assert list(Usage.objects.order_by("day").values_list("value", flat=True)) == [Decimal("31.50"), 1]


def test_a_contact_is_the_person_of_one_name_and_phone(two):
    header = ["客户", "联系人", "电话", "职务"]
    first = [["A", "王总", "", "总经理"], ["A", "李总", "1", ""], ["A", "李总", "2", ""]]
    assert bring_in("contacts", table([header, *first])).created == 3
    second = [["A", "王总", "13800138000", ""], ["A", "李总", "2", "财务"], ["A", "李总", "3", ""]]
    run = bring_in("contacts", table([header, *second]))
    assert (run.created, run.updated) == (1, 2)
    people = Contact.objects.order_by("name", "phone").values_list("name", "phone", "title")
    assert set(people) == {
        ("王总", "13800138000", "总经理"),
        ("李总", "1", ""),
        ("李总", "2", "财务"),
        ("李总", "3", ""),
    }


def test_a_customer_may_bring_its_main_contact_along(here):
    header = ["客户编号", "客户名称", "联系人", "电话"]
    bring_in("customers", table([header, ["A", "甲公司", "王总", "13800138000"], ["B", "乙公司", "", ""]]))
    assert list(Contact.objects.values_list("customer__code", "name", "phone", "is_primary")) == [
        ("A", "王总", "13800138000", True)
    ]
