"""Files of which one row in twenty is broken: every good row comes in, every bad one is told."""

import csv
from decimal import Decimal

import pytest
from django.core.files.storage import default_storage

from crm.integrations.tests.files import bring_in, faults, table
from crm.tenancy.context import tenant
from customers.models import Contract, CreditSplit, Customer, OwnershipCredit, Receivable

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

CUSTOMERS = ["客户编号", "客户名称", "统一社会信用代码", "负责人", "登记日期", "备注"]
CONTRACTS = ["合同编号", "客户编号", "合同金额", "签订日期", "开始日期", "到期日", "分成"]
OWNERS = ["li", "周毅", "wu@yunheng.example"]


def customer(number):
    return [
        f"C{number}",
        f"甬江{number}公司",
        f"91330200MA{number:08d}",
        OWNERS[number % 3],
        "2024-01-05",
        "老客户",
    ]


def contract(number):
    return [
        f"H{number}",
        f"C{number % 40}",
        "120,000.00",
        "2025-01-01",
        "2025-01-01",
        "2025-12-31",
        "李娜 70; 周毅 30",
    ]


# What is broken: the position of the cell, what stands in it, the column and the code that must be told.
BROKEN_CUSTOMERS = [
    (4, "2024-13-05", "registered_on", "date"),
    (3, "nobody", "owner", "unknown_member"),
    (2, "91330200MA00000001", "credit_code", "duplicate_in_file"),
    (2, "1234", "credit_code", "credit_code"),
    (5, "x" * (2 << 20), "note", "cell_too_long"),
    (1, "=HYPERLINK(A1)", "name", "formula"),
    (1, "", "name", "required"),
    (1, "a\x00b", "name", "nul"),
    (1, "甬" * 201, "name", "too_long"),
    (0, "C2", "code", "duplicate_in_file"),
]
BROKEN_CONTRACTS = [
    (2, "1,2345.67", "gross", "amount"),
    (2, "12.345", "gross", "amount_places"),
    (2, "-5", "gross", "amount_range"),
    (1, "C999", "customer", "unknown_customer"),
    (3, "昨天", "signed_on", "date"),
    (5, "2024-12-31", "last_day", "term"),
    (6, "李娜 70; 周毅 20", "splits", "split_sum"),
    (6, "李娜 70; nobody 30", "splits", "unknown_member"),
    (6, "李娜 50; 李娜 50", "splits", "split_twice"),
    (0, "H2", "number", "duplicate_in_file"),
]


def broken(header, make, faults_, rows=200):
    """A file of which every twentieth row is broken, and what must be told about it."""
    lines, told = [header], []
    for number in range(rows):
        row = make(number)
        if number % 20 == 10:
            place, cell, column, code = faults_[number // 20]
            row[place] = cell
            told.append((number + 2, column, code))
        lines.append(row)
    return table(lines), told


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_every_good_customer_is_in_and_every_bad_row_is_told(here, beihe, encoding):
    text, told = broken(CUSTOMERS, customer, BROKEN_CUSTOMERS)
    run = bring_in("customers", text.encode(encoding), by=here.viewer("an"))
    assert (run.state, run.encoding, run.counts) == (
        "DONE",
        encoding,
        {"created": 190, "updated": 0, "unchanged": 0, "refused": 10},
    )
    assert faults(run) == told
    assert Customer.objects.filter(name__startswith="甬江").count() == 190
    one = Customer.objects.get(code="C1")
    assert (one.owner, one.responsible_dept, one.credit_code) == (
        here.zhou,
        here.departments["EAST"],
        "91330200MA00000001",
    )
    credit = OwnershipCredit.objects.get(customer=one)
    assert (credit.role, credit.rule, credit.member, credit.valid_to) == (
        "MANAGER",
        "IMPORT",
        here.zhou,
        None,
    )
    with tenant(beihe.tenant.id):
        assert Customer.objects.count() == 0


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_every_good_contract_is_in_and_every_bad_row_is_told(here, beihe, encoding):
    bring_in("customers", table([CUSTOMERS, *map(customer, range(40))]))
    text, told = broken(CONTRACTS, contract, BROKEN_CONTRACTS)
    run = bring_in("contracts", text.encode(encoding), by=here.viewer("an"))
    assert (run.state, run.created, run.refused) == ("DONE", 190, 10)
    assert faults(run) == told
    one = Contract.objects.get(number="H1")
    assert (one.gross, str(one.starts_on), str(one.ends_on)) == (
        Decimal("120000.00"),
        "2025-01-01",
        "2026-01-01",
    )
    assert list(one.splits.values_list("member__name", "basis_points")) == [("李娜", 7000), ("周毅", 3000)]
    assert CreditSplit.objects.count() == 380
    assert Receivable.objects.filter(contract=one).values_list("number", "amount").get() == (
        "H1/1",
        one.gross,
    )
    with tenant(beihe.tenant.id):
        assert Contract.objects.count() == 0


def test_the_same_file_twice_changes_nothing(here):
    text, _told = broken(CUSTOMERS, customer, BROKEN_CUSTOMERS)
    bring_in("customers", text)
    before = list(Customer.objects.order_by("code").values())
    again = bring_in("customers", text)
    assert (again.created, again.updated, again.unchanged, again.refused) == (0, 0, 190, 10)
    assert list(Customer.objects.order_by("code").values()) == before


def test_the_refused_rows_come_back_in_the_senders_own_columns(here):
    text, told = broken(CUSTOMERS, customer, BROKEN_CUSTOMERS)
    run = bring_in("customers", text)
    with default_storage.open(run.refused_as) as file:
        rows = list(csv.reader(file.read().decode("utf-8-sig").splitlines()))
    assert rows[0] == [*CUSTOMERS, "Row", "Reason"]
    assert [int(row[-2]) for row in rows[1:]] == [row for row, _column, _code in told]
    assert rows[6][1] == "'=HYPERLINK(A1)"
    assert rows[1][-1] == "registered on: “2024-13-05” is not a date; write 2026-11-20."


def test_a_refused_file_that_was_repaired_brings_in_the_rest(here):
    text, _told = broken(CUSTOMERS, customer, BROKEN_CUSTOMERS)
    run = bring_in("customers", text)
    with default_storage.open(run.refused_as) as file:
        rows = list(csv.reader(file.read().decode("utf-8-sig").splitlines()))
    repaired = [rows[0], *([*customer(int(row[-2]) - 2), *row[-2:]] for row in rows[1:])]
    again = bring_in("customers", table(repaired))
    assert (again.created, again.refused) == (10, 0)
    assert Customer.objects.filter(name__startswith="甬江").count() == 200


def test_a_check_tells_what_a_run_would_do_and_writes_nothing(here):
    text, told = broken(CUSTOMERS, customer, BROKEN_CUSTOMERS)
    run = bring_in("customers", text, write=False)
    assert (run.state, run.created, run.refused) == ("CHECKED", 190, 10)
    assert faults(run) == told
    assert Customer.objects.count() == 0


def test_all_or_nothing_writes_nothing_while_a_row_is_wrong(here):
    text, told = broken(CUSTOMERS, customer, BROKEN_CUSTOMERS)
    run = bring_in("customers", text, atomic=True)
    assert (run.state, run.fault, faults(run)) == ("REFUSED", "all_or_nothing", told)
    assert Customer.objects.count() == 0


def test_all_or_nothing_writes_a_good_file(here):
    run = bring_in("customers", table([CUSTOMERS, *map(customer, range(30))]), atomic=True)
    assert (run.state, run.created, Customer.objects.count()) == ("DONE", 30, 30)


def test_a_row_in_another_encoding_is_told_and_the_others_come_in(here):
    lines = [",".join(CUSTOMERS), *(",".join(customer(number)) for number in range(20))]
    content = "\n".join(lines).encode().replace("甬江7".encode(), "北禾7".encode("gbk"))
    run = bring_in("customers", content)
    assert (run.created, faults(run)) == (19, [(9, "name", "bad_bytes")])


def test_ragged_rows_and_blank_rows(here):
    rows = [",".join(customer(number)) for number in (1, 3, 5)]
    text = f'{",".join(CUSTOMERS)}\n{rows[0]}\n\n,,\nC2,短行,,li\n{rows[1]},zu,viel\nC4,"offen\n{rows[2]}\n'
    run = bring_in("customers", text)
    assert (run.created, faults(run)) == (3, [(6, "", "too_many_cells"), (7, "", "quote_not_closed")])
    assert list(Customer.objects.order_by("code").values_list("code", flat=True)) == ["C1", "C2", "C5"]


def test_what_the_database_refuses_does_not_cost_the_rows_beside_it(here):
    # A double that no rule sees: two spellings of one customer, the same contact.
    bring_in("customers", table([CUSTOMERS, *map(customer, range(3))]))
    rows = [["客户", "联系人", "电话"], ["C1", "王总", "1"], ["甬江1公司", "王总", "1"], ["C2", "赵总", "2"]]
    run = bring_in("contacts", table(rows))
    assert (run.created, run.unchanged, run.refused) == (2, 1, 0)
