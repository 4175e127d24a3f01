"""The public sea 公海: who may take a customer out of it, how it comes back, and that no day is nobody's."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.accounts.access import reach
from crm.events.models import Event
from crm.refusal import Refused
from crm.tests.cast import NOW, TODAY
from customers import interactions, ownership
from customers.contracts import Share
from customers.models import Claim, Customer, CustomerPool, OwnershipCredit, PoolPolicy
from customers.pools import clocks, sea
from customers.pools import rules as poolrules
from customers.tests.deals import acts, customer, refusal, sign, terms
from lifecycle.models import FollowUp

pytestmark = pytest.mark.django_db


def on(day: date, by: Any = None) -> dict[str, Any]:
    return {"by": by, "at": NOW + (day - TODAY), "on": day}


def later(days: int) -> date:
    return TODAY + timedelta(days)


def pooled(company: Any, name: str = "公海客户有限公司", day: date = TODAY) -> Customer:
    """A customer that nobody ever had, in the company's pool since a day."""
    row = customer(company, name, override=company.departments["NORTH"], reason="试", **on(day, company.li))
    OwnershipCredit.objects.filter(customer=row, role="MANAGER").update(
        member=None, department=None, pool=CustomerPool.objects.get(department=None)
    )
    OwnershipCredit.objects.filter(customer=row).exclude(role="MANAGER").delete()
    Customer.objects.filter(pk=row.pk).update(
        owner=None, responsible_dept=None, pool=CustomerPool.objects.get(department=None)
    )
    return Customer.objects.get(pk=row.pk)


def managers(row: Customer) -> list[tuple]:
    credits = OwnershipCredit.objects.filter(customer=row, role="MANAGER").order_by("valid_from")
    return [(c.rule, (c.member or c.pool).code, c.valid_from, c.valid_to) for c in credits]


def rules(**numbers: int) -> None:
    PoolPolicy.objects.update(**numbers)


def test_a_claimed_customer_is_the_claimers_from_that_day_on(here) -> None:
    row = pooled(here, day=later(-9))
    sea.claim(row, **on(TODAY, here.sun))
    assert managers(row) == [
        ("ASSIGN-01", "COMPANY", later(-9), TODAY),
        ("CLAIM", "sun", TODAY, None),
    ]
    fresh = Customer.objects.get(pk=row.pk)
    assert (fresh.owner, fresh.responsible_dept, fresh.pool) == (here.sun, here.departments["NORTH"], None)
    assert reach(here.viewer("sun"), Customer.objects.filter(pk=row.pk)).get() == fresh
    assert Claim.objects.get().member == here.sun


def test_a_claim_asks_for_a_first_contact_and_a_contact_settles_it(here) -> None:
    row = pooled(here)
    sea.claim(row, **on(TODAY, here.sun))
    todo = FollowUp.objects.get(customer=row)
    assert (todo.kind, todo.owner, todo.due_on, todo.state) == ("FIRST_TOUCH", here.sun, later(3), "OPEN")
    interactions.log(row, kind="CALL", note="通了", happened_on=TODAY, **on(TODAY, here.sun))
    assert FollowUp.objects.get(customer=row).state == "CANCELLED"


def test_a_call_that_was_not_answered_settles_nothing(here) -> None:
    row = pooled(here)
    sea.claim(row, **on(TODAY, here.sun))
    interactions.log(
        row, kind="CALL", note="无人接听", happened_on=TODAY, is_effective=False, **on(TODAY, here.sun)
    )
    assert FollowUp.objects.get(customer=row).state == "OPEN"


def test_what_somebody_has_cannot_be_claimed(here) -> None:
    row = customer(here)
    assert refusal(lambda: sea.claim(row, **on(TODAY, here.sun))) == [("", "taken")]


def test_a_locked_customer_and_one_with_a_contract_cannot_be_claimed(here) -> None:
    locked, signed = pooled(here, "甲"), pooled(here, "乙")
    sea.lock(locked, locked=True, reason="法务", **on(TODAY, here.gao))
    sign(here, signed, terms(), shares=[Share(here.li, 10_000)])
    assert refusal(lambda: sea.claim(locked, **on(TODAY, here.sun))) == [("", "locked")]
    assert refusal(lambda: sea.claim(signed, **on(TODAY, here.sun))) == [("", "has_contract")]


def test_the_daily_quota_is_a_local_day_and_is_not_given_back_by_returning(here) -> None:
    rules(daily_claims=2)
    first, second, third = (pooled(here, name) for name in ("甲", "乙", "丙"))
    for row in (first, second):
        sea.claim(row, **on(TODAY, here.sun))
    sea.give_back(second, reason="无需求", **on(TODAY, here.sun))
    assert refusal(lambda: sea.claim(third, **on(TODAY, here.sun))) == [("", "daily_limit")]
    sea.claim(third, **on(later(1), here.sun))
    assert Claim.objects.filter(member=here.sun).count() == 3


def test_the_cap_counts_what_is_held_without_a_contract(here) -> None:
    rules(holding_cap=2)
    held, signed = pooled(here, "甲"), pooled(here, "乙")
    sea.claim(held, **on(TODAY, here.sun))
    sea.claim(signed, **on(TODAY, here.sun))
    third = pooled(here, "丙")
    assert refusal(lambda: sea.claim(third, **on(TODAY, here.sun))) == [("", "holding_cap")]
    sign(here, signed, terms())
    assert sea.claim(third, **on(TODAY, here.sun)).owner == here.sun


def test_who_had_it_waits_and_a_pair_of_colleagues_cannot_pass_it_to_and_fro(here) -> None:
    row = pooled(here)
    sea.claim(row, **on(TODAY, here.sun))
    sea.give_back(row, reason="无需求", **on(later(1), here.sun))
    assert refusal(lambda: sea.claim(row, **on(later(30), here.sun))) == [("", "cool_down")]
    sea.claim(row, **on(later(20), here.zhao))
    sea.give_back(row, reason="无需求", **on(later(25), here.zhao))
    assert refusal(lambda: sea.claim(row, **on(later(31), here.sun))) == [("", "cool_down")]
    assert refusal(lambda: sea.claim(row, **on(later(54), here.zhao))) == [("", "cool_down")]
    assert sea.claim(row, **on(later(55), here.sun)).owner == here.sun


def test_claimed_and_given_back_on_one_day_counts_as_having_had_it(here) -> None:
    row = pooled(here, day=later(-3))
    sea.claim(row, **on(TODAY, here.sun))
    sea.give_back(row, reason="无需求", **on(TODAY, here.sun))
    assert managers(row) == [("ASSIGN-01", "COMPANY", later(-3), TODAY), ("RETURN", "COMPANY", TODAY, None)]
    assert refusal(lambda: sea.claim(row, **on(later(29), here.sun))) == [("", "cool_down")]


def test_a_return_needs_a_reason_and_nothing_that_shields_it(here) -> None:
    row = customer(here)
    assert refusal(lambda: sea.give_back(row, reason=" ", **acts(here.li))) == [("reason", "required")]
    sign(here, row, terms())
    assert refusal(lambda: sea.give_back(row, reason="不做了", **acts(here.li))) == [
        ("", "contract_in_force")
    ]
    assert Customer.objects.get(pk=row.pk).owner == here.li


def test_a_return_goes_to_the_pool_of_the_department_if_there_is_one(here) -> None:
    east = poolrules.open_pool(
        code="EAST", name="华东公海", department=here.departments["EAST"], **on(TODAY, here.an)
    )
    of_li = customer(here)
    of_wu = customer(here, "宁波客户", developer=here.wu)
    of_sun = customer(here, "华北客户", developer=here.sun)
    for row in (of_li, of_wu, of_sun):
        sea.give_back(row, reason="无需求", **on(later(1), here.gao))
    whole = CustomerPool.objects.get(department=None)
    assert [Customer.objects.get(pk=row.pk).pool for row in (of_li, of_wu, of_sun)] == [east, east, whole]


def test_a_head_deals_in_turn_and_nobody_gets_more_than_the_cap(here) -> None:
    rules(holding_cap=2)
    rows = [pooled(here, f"客户{number}") for number in range(5)]
    told = {"by": here.gao, "at": NOW, "on": TODAY}
    assert sea.distribute(rows, among=[here.li, here.sun], **told) == 4
    owners = Customer.objects.filter(pk__in=[row.pk for row in rows]).values_list("owner__code", flat=True)
    assert sorted(str(code) for code in owners) == ["None", "li", "li", "sun", "sun"]
    assert sea.distribute(rows, among=[here.zhou], **told) == 1
    assert refusal(lambda: sea.distribute(rows, among=[], **told)) == [("among", "required")]


def test_a_move_between_pools_is_a_credit_of_its_own(here) -> None:
    row = pooled(here, day=later(-5))
    east = poolrules.open_pool(
        code="EAST", name="华东公海", department=here.departments["EAST"], **on(TODAY, here.an)
    )
    assert sea.move([row], to=east, reason="区域", **on(TODAY, here.gao)) == 1
    assert managers(row) == [("ASSIGN-01", "COMPANY", later(-5), TODAY), ("POOL_CHANGE", "EAST", TODAY, None)]
    assert sea.move([row], to=east, reason="区域", **on(TODAY, here.gao)) == 0


def test_the_night_releases_what_has_run_out_and_says_why(here) -> None:
    due, kept = customer(here, "到期客户"), customer(here, "刚联系的客户")
    interactions.log(kept, kind="CALL", note="", happened_on=TODAY, **acts(here.li))
    assert clocks.release_due(later(30), NOW) == 0
    interactions.log(kept, kind="CALL", note="", happened_on=later(20), **on(later(20), here.li))
    assert clocks.release_due(later(31), NOW) == 1
    row = Customer.objects.get(pk=due.pk)
    assert (row.owner, row.responsible_dept, row.pool.code) == (None, None, "COMPANY")
    assert managers(due) == [("ASSIGN-03", "li", TODAY, later(31)), ("RELEASE", "COMPANY", later(31), None)]
    told = Event.objects.get(name="customer.released").data
    assert told == {
        "from": "李娜",
        "from_id": str(here.li.pk),
        "to": None,
        "to_id": None,
        "pool": "公司公海",
        "by": "follow_up",
    }
    assert clocks.release_due(later(31), NOW) == 0


def test_owners_are_told_seven_three_and_one_day_before_and_no_day_else(here) -> None:
    row = customer(here)
    drops = later(31)
    told = {days: clocks.warn_due(drops - timedelta(days), NOW) for days in range(10)}
    assert {days for days, number in told.items() if number} == {7, 3, 1}
    todo = FollowUp.objects.get(customer=row)
    assert (todo.kind, todo.owner, todo.due_on, todo.inputs) == (
        "DROP",
        here.li,
        later(30),
        {"drops_on": str(drops)},
    )


def test_the_preview_names_exactly_what_the_nights_release(here) -> None:
    for number in range(6):
        row = customer(here, f"客户{number}")
        interactions.log(row, kind="CALL", note="", happened_on=later(number), **on(later(number), here.li))
    seen = clocks.dropping(Customer.objects.all(), later(10), later(40))
    foretold = {(clock.customer_id, clock.on) for clock in seen}
    for days in range(11, 41):
        clocks.release_due(later(days), NOW)
    came = Event.objects.filter(name="customer.released").values_list("customer_id", "on")
    assert foretold == set(came)
    assert len(foretold) == 6


def test_what_follows_an_open_task_goes_along_with_the_customer(here) -> None:
    from lifecycle import followups

    row = customer(here)
    followups.open(row, title="送样", due_on=later(40), **acts(here.li))
    clocks.release_due(later(31), NOW)
    assert FollowUp.objects.get(title="送样").owner is None
    sea.claim(Customer.objects.get(pk=row.pk), **on(later(40), here.sun))
    assert FollowUp.objects.get(title="送样").owner == here.sun


@pytest.mark.parametrize(
    ("shield", "ends_on"),
    [
        ("contract_in_force", date(2027, 1, 1)),
        ("renewal_window", date(2026, 12, 1)),
        ("win_back", date(2026, 3, 1)),
        (None, date(2025, 6, 1)),
    ],
)
def test_a_contract_shields_while_it_runs_and_a_year_beyond(here, shield, ends_on) -> None:
    row = customer(here, **on(date(2024, 1, 1), here.li))
    agreed = terms(signed_on=date(2024, 1, 2), starts_on=date(2024, 1, 2), ends_on=ends_on)
    sign(here, row, agreed)
    day = date(2026, 12, 20)
    (clock,) = clocks.of(Customer.objects.filter(pk=row.pk), day)
    if shield is None:
        assert clock.shield == "open_receivable"
        Customer.objects.get(pk=row.pk).standing.__class__.objects.update(open_amount=Decimal(0))
        assert clocks.of(Customer.objects.filter(pk=row.pk), day)[0].shield == ""
    else:
        assert clock.shield == shield


def test_new_rules_begin_tomorrow_at_the_earliest_and_tell_what_is_wrong_by_field(here) -> None:
    pool = CustomerPool.objects.get(department=None)
    wrong = refusal(
        lambda: poolrules.lay_down(
            pool,
            code="V1",
            valid_from=TODAY,
            rules={"daily_claims": 0, "stretch": {"KEY": 99}},
            **on(TODAY, here.an),
        )
    )
    assert wrong == [
        ("code", "duplicate"),
        ("valid_from", "in_past"),
        ("daily_claims", "out_of_range"),
        ("stretch", "invalid"),
    ]
    poolrules.lay_down(
        pool, code="V2", valid_from=later(1), rules={"follow_up_days": 10}, **on(TODAY, here.an)
    )
    assert [poolrules.in_force(pool, later(n)).follow_up_days for n in (0, 1)] == [30, 10]


ACTS = st.lists(
    st.tuples(st.sampled_from(["claim", "return", "release", "transfer", "deal"]), st.integers(0, 60)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=ACTS)
def test_credits_never_overlap_and_never_leave_a_gap(here, steps) -> None:
    row = customer(here, f"客户{Customer.objects.count()}", **on(date(2026, 1, 1), here.li))
    day = date(2026, 1, 1)
    for act, wait in steps:
        day += timedelta(wait)
        _try(act, Customer.objects.get(pk=row.pk), here, day)
    spans = [(since, until) for _rule, _who, since, until in managers(row)]
    assert spans[0][0] == date(2026, 1, 1)
    assert all(until == since for (_s, until), (since, _u) in pairwise(spans))
    assert spans[-1][1] is None
    last = OwnershipCredit.objects.get(customer=row, role="MANAGER", valid_to=None)
    fresh = Customer.objects.get(pk=row.pk)
    assert (fresh.owner_id, fresh.responsible_dept_id, fresh.pool_id) == (
        last.member_id,
        last.department_id,
        last.pool_id,
    )


def _try(act: str, row: Customer, company: Any, day: date) -> None:
    told = on(day, company.sun)
    try:
        match act:
            case "claim":
                sea.claim(row, **told)
            case "return":
                sea.give_back(row, reason="无需求", **told)
            case "release":
                clocks.release_due(day, NOW)
            case "transfer":
                ownership.transfer([row], to=company.zhao, reason="调整", **told)
            case "deal":
                sea.distribute([row], among=[company.zhou], **told)
    except Refused:
        pass
