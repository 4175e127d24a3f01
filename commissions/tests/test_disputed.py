"""While it is open whose a customer is, nothing of its new contracts is paid; the ruling releases it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum

from commissions.models import LedgerEntry
from crm.accounts import members
from crm.tests import morning
from crm.tests.cast import NOW, TODAY
from customers import registry
from customers.disputes import cases, rulings
from customers.models import Contract, Customer, OwnershipDispute

pytestmark = pytest.mark.django_db
CLAIMED = TODAY - timedelta(10)
ALL = Decimal("8000.00")  # 100,000.00 × 8 %


def claimed(here, on: date = CLAIMED) -> OwnershipDispute:
    old = on - timedelta(60)
    one = registry.register(name="华信", developer=here.li, by=here.li, at=morning.noon(old), on=old)
    about = {"statement": "我在跟", "called": "华信", "claimant": here.sun}
    return cases.open_dispute(one, **about, at=morning.noon(on), on=on)


def signed(one: Customer, on: date, number: str = "D-1") -> Contract:
    """A contract that is paid at once."""
    contract = morning.sign(one, number, "100000.00", starts_on=on, signed_on=on, due=[on])
    morning.receive(contract, "100000.00", on)
    return contract


def ruled(row: OwnershipDispute, outcome: str, on: date = TODAY) -> None:
    row.refresh_from_db()
    rulings.rule(row, outcome=outcome, reason="依证据", by=row.judge, at=NOW, on=on)


def sums(here) -> dict[tuple[str, str], Decimal]:
    """What stands in the ledger by person and kind, without zeros."""
    rows = LedgerEntry.objects.filter(member__isnull=False).order_by()
    found = rows.values_list("member__code", "kind").annotate(total=Sum("amount"))
    return {(code, kind): total for code, kind, total in found if total}


def test_what_is_signed_and_paid_meanwhile_is_held_whole(here) -> None:
    row = claimed(here)
    signed(row.customer, CLAIMED + timedelta(2))
    assert sums(here) == {("li", "HOLD"): ALL}


def test_what_was_signed_before_and_what_others_sign_is_paid(here) -> None:
    row = claimed(here)
    signed(row.customer, CLAIMED - timedelta(1), "D-0")
    other = morning.customer(here.zhou, "甬江", on=CLAIMED)
    signed(other, CLAIMED + timedelta(2))
    assert sums(here) == {("li", "EARNED"): ALL, ("zhou", "EARNED"): ALL}


def test_a_contract_dated_back_before_the_claim_is_held_too(here) -> None:
    row = claimed(here)
    backdated = CLAIMED - timedelta(5)
    entered = CLAIMED + timedelta(1)
    contract = morning.sign(row.customer, "D-2", "100000.00", starts_on=backdated, signed_on=backdated)
    Contract.objects.filter(pk=contract.pk).update(entered_on=entered)
    morning.receive(contract, "100000.00", entered)
    assert sums(here) == {("li", "HOLD"): ALL}


def test_a_ruling_for_who_signed_releases_all(here) -> None:
    row = claimed(here)
    signed(row.customer, CLAIMED + timedelta(2))
    ruled(row, "RESPONDENT")
    assert sums(here) == {("li", "RELEASE"): ALL}
    assert {e.effective_date for e in LedgerEntry.objects.filter(kind="RELEASE")} == {TODAY}


def test_a_ruling_for_the_claimant_gives_him_the_deal(here) -> None:
    row = claimed(here)
    contract = signed(row.customer, CLAIMED + timedelta(2))
    ruled(row, "CLAIMANT")
    assert [(each.member, each.basis_points) for each in contract.splits.all()] == [(here.sun, 10_000)]
    assert sums(here) == {("sun", "RELEASE"): ALL}


def test_a_division_pays_both_and_leaves_a_third_his_share(here) -> None:
    row = claimed(here)
    on = CLAIMED + timedelta(2)
    shares = [(here.li, 8_000), (here.zhou, 2_000)]
    contract = morning.sign(row.customer, "D-3", "100000.00", starts_on=on, due=[on], shares=shares)
    morning.receive(contract, "100000.00", on)
    ruled(row, "SPLIT")
    third, half = Decimal("1600.00"), Decimal("3200.00")
    assert sums(here) == {("zhou", "RELEASE"): third, ("li", "RELEASE"): half, ("sun", "RELEASE"): half}


def test_a_deal_of_the_whole_department_is_the_respondents_side(here) -> None:
    row = claimed(here)
    on = CLAIMED + timedelta(2)
    contract = morning.sign(
        row.customer, "D-4", "100000.00", starts_on=on, shares=[(here.departments["EAST"], 10_000)]
    )
    ruled(row, "SPLIT")
    assert [(str(each.member or each.department), each.basis_points) for each in contract.splits.all()] == [
        ("华东商务部", 5_000),
        ("孙悦", 5_000),
    ]


def test_an_appeal_holds_again_what_the_ruling_released_and_the_final_one_settles_it(here) -> None:
    who = {"code": "lin", "name": "林总", "department": here.departments["HQ"], "roles": ["EXECUTIVE"]}
    members.add(**who, email="lin@yunheng.example", at=NOW, on=TODAY)
    row = claimed(here)
    signed(row.customer, CLAIMED + timedelta(2))
    ruled(row, "CLAIMANT", TODAY)
    assert sums(here) == {("sun", "RELEASE"): ALL}
    row.refresh_from_db()
    rulings.appeal(row, appeal="有合同", by=here.li, at=NOW, on=TODAY + timedelta(3))
    assert sums(here) == {("sun", "RELEASE"): ALL, ("sun", "ADJUSTMENT"): -ALL, ("sun", "HOLD"): ALL}
    ruled(row, "RESPONDENT", TODAY + timedelta(4))
    payable = LedgerEntry.objects.exclude(kind="HOLD").filter(member__isnull=False).order_by()
    totals = dict(payable.values_list("member__code").annotate(total=Sum("amount")).exclude(total=0))
    assert totals == {"li": ALL}
    held = LedgerEntry.objects.filter(kind="HOLD").aggregate(total=Sum("amount"))["total"]
    assert held == 0


def test_a_withdrawn_claim_releases_what_it_held(here) -> None:
    row = claimed(here)
    signed(row.customer, CLAIMED + timedelta(2))
    cases.withdraw(row, by=here.sun, at=NOW, on=TODAY)
    assert sums(here) == {("li", "RELEASE"): ALL}


def test_what_is_signed_after_the_end_is_paid(here) -> None:
    row = claimed(here)
    ruled(row, "RESPONDENT", TODAY - timedelta(5))
    signed(row.customer, TODAY - timedelta(3))
    assert sums(here) == {("li", "EARNED"): ALL}


def test_the_second_accrual_posts_nothing(here) -> None:
    row = claimed(here)
    contract = signed(row.customer, CLAIMED + timedelta(2))
    ruled(row, "SPLIT")
    before = LedgerEntry.objects.count()
    morning.accrue(contract)
    assert LedgerEntry.objects.count() == before
