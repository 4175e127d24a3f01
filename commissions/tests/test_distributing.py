"""A plan that gives the pool to the department: held until its head has distributed it, then its people's."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum

from commissions import distributing
from commissions.models import Entitlement, LedgerEntry, PlanVersion, PoolDistribution
from crm.accounts import members
from crm.events.models import Event
from crm.periods import add_workdays
from crm.refusal import Conflict, Refused
from crm.tenancy.context import tenant
from crm.tests import morning
from customers import amending
from customers.models import Contract
from customers.splits import Share

pytestmark = pytest.mark.django_db
D = Decimal
SIGNED = morning.day(-20)


@pytest.fixture
def pooled(here) -> Contract:
    """100,000.00 of 李娜, paid at once, under a plan that gives the 8 % to her department."""
    plan_gives("POOL")
    made = morning.sign(
        morning.customer(here.li, "华信"), "P-1", "100000.00", starts_on=SIGNED, signed_on=SIGNED
    )
    morning.receive(made, "100000.00", SIGNED)
    return made


def plan_gives(distribution: str) -> None:
    row = PlanVersion.objects.get()
    PlanVersion.objects.filter(pk=row.pk).update(settings={**row.settings, "distribution": distribution})


def pool(contract: Contract) -> PoolDistribution:
    return PoolDistribution.objects.get(contract=contract)


def acts(person: Any, on: date | None = None) -> dict[str, Any]:
    on = on or morning.today()
    return {"by": person, "at": morning.noon(on), "on": on}


def give(contract: Contract, by: Any, *shares: tuple[Any, int], on: date | None = None) -> None:
    parts = [Share(*share) for share in shares]
    distributing.distribute(pool(contract), shares=parts, **acts(by, on))


def faults(contract: Contract, by: Any, *shares: tuple[Any, int]) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        give(contract, by, *shares)
    return [(fault.field, fault.code) for fault in refused.value.faults]


def sums() -> dict[tuple[str, str], Decimal]:
    """What stands of the department pool by payee and kind, without zeros."""
    rows = LedgerEntry.objects.filter(component="NEW_DEV").order_by()
    found = rows.values_list("member__code", "department__code", "kind").annotate(total=Sum("amount"))
    return {(person or unit, kind): total for person, unit, kind, total in found if total}


def test_the_pool_waits_for_the_head_and_is_held_for_the_department(here, pooled) -> None:
    row = pool(pooled)
    assert (row.department.code, row.asked, row.distributed_on) == ("EAST", here.chen, None)
    assert (row.opened_on, row.due_on) == (SIGNED, add_workdays(SIGNED, 5))
    assert sums() == {("EAST", "HOLD"): D("8000.00")}
    ops = LedgerEntry.objects.filter(component="OPS_SHARE")
    assert [(row.kind, row.amount) for row in ops] == [("EARNED", D("1500.00"))]


def test_distributed_it_is_released_to_each_by_the_split(here, pooled) -> None:
    give(pooled, here.chen, (here.li, 6_000), (here.zhou, 2_500), (here.wu, 1_500))
    assert sums() == {
        ("li", "RELEASE"): D("4800.00"),
        ("zhou", "RELEASE"): D("2000.00"),
        ("wu", "RELEASE"): D("1200.00"),
    }
    whose = Entitlement.objects.filter(contract=pooled, component="NEW_DEV").order_by("-amount")
    assert [(row.member.code, row.amount) for row in whose] == [
        ("li", D("4800.00")),
        ("zhou", D("2000.00")),
        ("wu", D("1200.00")),
    ]
    told = Event.objects.get(name="commission_pool.distributed")
    assert told.data["shares"][0] == {"payee": "李娜", "basis_points": 6_000}


def test_a_later_change_of_the_total_follows_the_same_split(here, pooled) -> None:
    give(pooled, here.chen, (here.li, 3_334), (here.zhou, 3_333), (here.wu, 3_333))
    about = {"gross": D("150000.00"), "amended_on": morning.today(), "reason": "增项"}
    amending.amend(pooled, **about, **acts(here.li))
    morning.receive(pooled, "50000.00", morning.today())
    rows = LedgerEntry.objects.filter(component="NEW_DEV").exclude(kind__in=["HOLD", "FORFEIT"]).order_by()
    totals = dict(rows.values_list("member__code").annotate(total=Sum("amount")))
    assert totals == {"li": D("4000.80"), "zhou": D("3999.60"), "wu": D("3999.60")}


def test_cash_that_comes_after_the_distribution_is_earned(here) -> None:
    plan_gives("POOL")
    made = morning.sign(morning.customer(here.li, "华信"), "P-2", "100000.00", starts_on=SIGNED)
    give(made, here.chen, (here.li, 5_000), (here.zhou, 5_000), on=morning.day(-10))
    morning.receive(made, "50000.00", morning.day(-1))
    assert sums() == {("li", "EARNED"): D("2000.00"), ("zhou", "EARNED"): D("2000.00")}


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ([], [("shares", "required")]),
        ([("li", 9_999)], [("shares", "sum_not_10000")]),
        ([("li", 5_000), ("li", 5_000)], [("shares[1].payee", "duplicate_payee")]),
        ([("li", 5_000), ("sun", 5_000)], [("shares[1].payee", "other_department")]),
        ([("li", 5_000), ("chen", 5_000)], [("shares[1].payee", "own_case")]),
        ([("li", 0), ("zhou", 10_000)], [("shares[0].basis_points", "invalid_integer")]),
    ],
)
def test_a_wrong_distribution_is_refused(here, pooled, shares, expected) -> None:
    assert faults(pooled, here.chen, *((here.people[who], part) for who, part in shares)) == expected
    assert sums() == {("EAST", "HOLD"): D("8000.00")}


def test_whoever_stands_above_may_distribute_and_give_the_head_his_part(here, pooled) -> None:
    for person in (here.li, here.zhao, here.qian):
        assert faults(pooled, person, (here.zhou, 10_000)) == [("", "not_asked")]
    give(pooled, here.gao, (here.chen, 4_000), (here.li, 6_000))
    assert sums() == {("chen", "RELEASE"): D("3200.00"), ("li", "RELEASE"): D("4800.00")}


def test_it_is_distributed_once(here, pooled) -> None:
    give(pooled, here.chen, (here.li, 10_000))
    with pytest.raises(Conflict, match="distributed"):
        give(pooled, here.chen, (here.zhou, 10_000))


def test_what_nobody_distributed_in_time_goes_one_step_up_once_and_stays_held(here, pooled) -> None:
    due_on = pool(pooled).due_on
    assert distributing.escalate(due_on, morning.noon(due_on)) == 0
    late = morning.day(0)
    assert distributing.escalate(late, morning.noon(late)) == 1
    assert (pool(pooled).asked, pool(pooled).escalated_on) == (here.gao, late)
    told = Event.objects.get(name="commission_pool.escalated").data
    assert (told["from"], told["to"]) == ("陈静", "高远")
    assert distributing.escalate(late, morning.noon(late)) == 0
    assert sums() == {("EAST", "HOLD"): D("8000.00")}


def test_what_waits_for_a_head_who_leaves_is_the_next_ones(here, pooled) -> None:
    members.edit(here.chen, changes={"status": "LEFT"}, version=here.chen.version, **acts(here.an))
    assert pool(pooled).asked == here.gao


def test_under_another_plan_the_undistributed_pool_is_dropped_and_the_split_pays(here, pooled) -> None:
    plan_gives("BY_CREDIT")
    morning.accrue(pooled)
    assert not PoolDistribution.objects.exists()
    assert sums() == {("li", "EARNED"): D("8000.00")}


def test_to_accrue_again_opens_and_posts_nothing(here, pooled) -> None:
    before = LedgerEntry.objects.count(), pool(pooled).version
    morning.accrue(pooled)
    assert (LedgerEntry.objects.count(), pool(pooled).version) == before


def test_a_company_sees_nothing_of_another_ones_pools(here, beihe, pooled) -> None:
    with tenant(beihe.tenant.id):
        assert PoolDistribution.objects.count() == 0
