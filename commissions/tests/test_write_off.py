"""What is written off, as commission sees it (worked example 44), by the real verbs."""

from datetime import date
from decimal import Decimal

import pytest

from commissions import accrual
from commissions.models import LedgerEntry, PlanVersion
from crm.tests import morning
from crm.tests.cast import NOW, TODAY
from customers.models import Contract
from customers.receivables import writeoffs

pytestmark = pytest.mark.django_db
D = Decimal
SIGNED = date(2026, 1, 5)
LATER = date(2026, 11, 25)


def deal(company) -> Contract:
    """200,000.00 without VAT, of which 160,000.00 came on the day it was due."""
    buyer = morning.customer(company.li, "华信科技有限公司", on=SIGNED)
    signed = morning.sign(buyer, "HT-1", "200000.00", starts_on=SIGNED, due=[SIGNED])
    morning.receive(signed, "160000.00", SIGNED)
    return signed


def paid_on(basis: str) -> None:
    version = PlanVersion.objects.get()
    version.settings = version.settings | {"basis": basis}
    version.save()


def given_up(company, signed: Contract, amount: str = "40000.00"):
    item = signed.receivables.get()
    row = writeoffs.propose(item, amount=D(amount), reason="已注销", by=company.qian, at=NOW, on=TODAY)
    return writeoffs.approve(row, by=company.gao, at=NOW, on=TODAY)


def posted(company) -> list[tuple[str, str, str, str]]:
    rows = LedgerEntry.objects.filter(member=company.li).order_by("posted_at", "id")
    return [(row.source_event, row.kind, f"{row.amount:.2f}", row.posting_period) for row in rows]


def test_on_the_basis_signed_what_is_written_off_is_taken_back(here) -> None:
    paid_on("SIGNED")
    signed = deal(here)
    given_up(here, signed)
    assert posted(here) == [
        ("@signed", "EARNED", "16000.00", "2026-01"),
        ("write-off:HT-1/W1", "REVERSAL", "-3200.00", "2026-11"),
    ]


def test_on_the_basis_cash_a_write_off_changes_nothing(here) -> None:
    signed = deal(here)
    before = posted(here)
    given_up(here, signed)
    assert posted(here) == before == [("cash:R-HT-1-0105", "EARNED", "12800.00", "2026-01")]


def test_a_proposal_alone_changes_nothing(here) -> None:
    paid_on("SIGNED")
    signed = deal(here)
    item = signed.receivables.get()
    writeoffs.propose(item, amount=D("40000.00"), reason="已注销", by=here.qian, at=NOW, on=TODAY)
    accrual.accrue([signed.pk], on=TODAY, at=NOW)
    assert posted(here) == [("@signed", "EARNED", "16000.00", "2026-01")]


def test_a_correction_gives_back_what_was_taken_on_its_own_day(here) -> None:
    paid_on("SIGNED")
    row = given_up(here, deal(here))
    told = {"at": NOW, "on": LATER}
    half = writeoffs.correct(row, amount=D("20000.00"), reason="清算分配到账", by=here.qian, **told)
    writeoffs.approve(half, by=here.gao, **told)
    assert posted(here)[1:] == [
        ("write-off:HT-1/W1", "REVERSAL", "-3200.00", "2026-11"),
        ("write-off:HT-1/W2", "REVERSAL", "1600.00", "2026-11"),
    ]


def test_the_night_finds_a_write_off_that_accrual_has_not_heard_of(here) -> None:
    signed = deal(here)
    accrual.accrue([signed.pk], on=TODAY, at=NOW)
    assert signed.pk not in accrual.outstanding(TODAY)
    item = signed.receivables.get()
    writeoffs.propose(item, amount=D("1.00"), reason="尾差", by=here.qian, at=NOW, on=TODAY)
    assert signed.pk in accrual.outstanding(TODAY)
