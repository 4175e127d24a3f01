"""Two payees' whole statements of a quarter, worked out by hand and reached by the verbs alone.

The plan: caps of 12,000.00 a month carried on, 3,000.00 guaranteed and recovered, 200.00 paid at the least.
"""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from commissions import statements
from commissions.models import LedgerEntry, Statement
from commissions.tests import months
from commissions.tests.months import bring, earned, figures, refund, statement
from crm.tests import morning
from customers import cash

pytestmark = pytest.mark.django_db
CLOSED = {"2025-01": date(2025, 2, 10), "2025-02": date(2025, 3, 10), "2025-03": date(2025, 4, 10)}


@pytest.fixture
def quarter(here) -> SimpleNamespace:
    """李娜 sells much and takes something back, 周毅 little; each month is closed before the next begins."""
    months.settings(
        caps=[{"scope": "PAYEE_PERIOD", "amount": "12000.00", "excess": "CARRY"}],
        floor={"amount": "3000.00", "recoverable": True},
        min_payout="200.00",
    )
    big = months.contract(here, "A", "600000.00", date(2025, 1, 6), shares=(("li", 7_000), ("zhou", 3_000)))
    morning.receive(big, "300000.00", date(2025, 1, 20), "R-1")  # 36,000.00 in all: half of 70 and 30 %
    bring(here, "2025-01", CLOSED["2025-01"])
    morning.receive(big, "150000.00", date(2025, 2, 20), "R-2")  # 45 days late: × 0.8, the rest is lost
    small = earned(here, "B", "9000.00", date(2025, 2, 3), shares=(("zhou", 10_000),))
    bring(here, "2025-02", CLOSED["2025-02"])
    refund(here, big, "B-1", "60000.00", date(2025, 2, 27), entered=date(2025, 3, 20))
    cash.book_expense(
        big,
        number="E-1",
        category="TRAVEL",
        amount=Decimal("10000.00"),
        incurred_on=date(2025, 3, 25),
        by=here.people["chen"],
        at=morning.noon(date(2025, 3, 25)),
        on=date(2025, 3, 25),
    )
    bring(here, "2025-03", CLOSED["2025-03"])
    return SimpleNamespace(company=here, big=big, small=small)


def test_the_one_who_sells_much(quarter) -> None:
    """January 25,200 × 50 % = 12,600.00, of which 12,000.00 is paid. February 25,200 × 25 % = 6,300.00, of
    which a fifth is lost. In February's last days 60,000.00 is refunded, entered in March: 10 % of the year,
    2,520.00 at the 0.8 at which it was paid. An expense of 10,000.00 takes 6 % × 70 % = 420.00 off the year:
    of what 300,000.00 and 90,000.00 released, 210.00 and 63.00 × 0.8 = 50.40.
    """
    company = quarter.company
    assert figures(statement(company, "2025-01")) == (
        *("0.00", {"EARNED": "12600.00"}),
        *("12000.00", "600.00"),
    )
    february = statement(company, "2025-02")
    assert figures(february) == ("600.00", {"EARNED": "5040.00"}, "5640.00", "0.00")
    assert february.forfeited == Decimal("1260.00")
    march = statement(company, "2025-03")
    assert figures(march) == (
        *("0.00", {"CLAWBACK": "-2016.00", "ADJUSTMENT": "-260.40", "FLOOR": "3000.00"}),
        *("3000.00", "-2276.40"),
    )
    assert march.draw_due == Decimal("3000.00")


def test_the_one_who_sells_little(quarter) -> None:
    """January 10,800 × 50 % = 5,400.00. February 2,700.00 less a fifth, and 900.00 of his own: 3,060.00, more
    than the guarantee. March takes back of his 30 % what it takes back of the 70 % of 李娜.
    """
    company = quarter.company
    assert figures(statement(company, "2025-01", "zhou")) == (
        "0.00",
        {"EARNED": "5400.00"},
        "5400.00",
        "0.00",
    )
    assert figures(statement(company, "2025-02", "zhou")) == (
        "0.00",
        {"EARNED": "3060.00"},
        "3060.00",
        "0.00",
    )
    march = statement(company, "2025-03", "zhou")
    assert figures(march) == (
        *("0.00", {"CLAWBACK": "-864.00", "ADJUSTMENT": "-111.60", "FLOOR": "3000.00"}),
        *("3000.00", "-975.60"),
    )


def test_the_lines_and_the_rows_of_the_ledger_come_to_the_statement(quarter) -> None:
    for row in Statement.objects.select_related("period", "member", "department"):
        groups = statements.groups(row)
        assert sum((group.sum for group in groups if group.is_paid), Decimal(0)) == row.posted
        assert {group.kind: str(group.sum) for group in groups if group.is_paid} == row.by_kind
        payee = {"member": row.member_id, "department": row.department_id}
        rows = LedgerEntry.objects.filter(**payee, posting_period=row.period.month)
        paid = rows.exclude(kind__in=("HOLD", "FORFEIT"))
        assert sum((each.amount for each in paid), Decimal(0)) == row.payable
        assert sum((each.amount for each in rows.filter(kind="FORFEIT")), Decimal(0)) == row.forfeited
    li = statement(quarter.company, "2025-03")
    assert statements.year(li, CLOSED["2025-03"]).paid == Decimal("20640.00")
