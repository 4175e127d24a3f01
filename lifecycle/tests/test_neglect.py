"""The neglect ladder: 3, 5 and 7 days after a missed follow-up its owner, his head, and everybody knows."""

from datetime import date, timedelta
from typing import Any

import pytest

from crm.events.models import Event
from crm.tests.callers import statements
from crm.tests.cast import NOW, TODAY
from customers import interactions, ownership
from customers.models import Customer, OwnershipCredit
from customers.pools import sea
from customers.tests.deals import acts, customer, refusal
from lifecycle import followups, neglect, neglectrules
from lifecycle.models import FollowUp, Neglect

pytestmark = pytest.mark.django_db


def later(days: int) -> date:
    return TODAY + timedelta(days)


def on(day: date, by: Any = None) -> dict[str, Any]:
    return {"by": by, "at": NOW + (day - TODAY), "on": day}


def climb(days: int) -> int:
    return neglect.climb(later(days), NOW + timedelta(days))


def rung(of: Customer) -> str:
    found = Neglect.objects.filter(customer=of).first()
    return found.rung.value if found else ""


def todo(of: Customer) -> list[tuple]:
    rows = FollowUp.objects.filter(customer=of, kind="NEGLECT", state="OPEN").order_by("source")
    return [(row.source, row.owner.code, row.due_on) for row in rows]


def rules(**given: Any) -> None:
    days = {"owner_days": 3, "head_days": 5, "flag_days": 7}
    neglectrules.lay_down(**days | {"valid_from": later(1)} | given, by=None, at=NOW, on=TODAY)


@pytest.fixture
def missed(here) -> Customer:
    """A customer of 李娜 with something to do today, a Friday."""
    row = customer(here)
    followups.open(row, title="回电", due_on=TODAY, **acts(here.li))
    return row


def test_three_five_and_seven_days_after_the_owner_the_head_and_everybody_knows(missed) -> None:
    seen = {}
    for days in range(10):
        climb(days)
        seen[days] = rung(missed)
    assert seen == dict.fromkeys(range(3), "") | {3: "OWNER", 4: "OWNER", 5: "HEAD", 6: "HEAD"} | (
        dict.fromkeys((7, 8, 9), "FLAGGED")
    )
    told = Event.objects.filter(name="customer.neglected").order_by("on")
    assert [(each.on, each.data["rung"], each.data["days"]) for each in told] == [
        (later(3), "OWNER", 3),
        (later(5), "HEAD", 5),
        (later(7), "FLAGGED", 7),
    ]


def test_a_night_run_twice_tells_nobody_twice_and_a_night_left_out_is_made_up_for(missed) -> None:
    assert [climb(3), climb(3), climb(8), climb(8)] == [1, 0, 1, 0]
    assert rung(missed) == "FLAGGED"
    assert Event.objects.filter(name="customer.neglected").count() == 2


def test_the_owner_is_asked_first_and_then_his_head_too(here, missed) -> None:
    climb(3)  # a Monday
    assert todo(missed) == [("neglect:owner", "li", later(4))]
    climb(5)
    assert todo(missed) == [("neglect:head", "chen", later(7)), ("neglect:owner", "li", later(6))]
    climb(7)
    assert todo(missed) == [("neglect:head", "chen", later(11)), ("neglect:owner", "li", later(10))]
    words = [str(row) for row in FollowUp.objects.filter(customer=missed, kind="NEGLECT").order_by("source")]
    assert words == [
        "Decide who looks after the customer: 李娜 has not since 2026-11-20",
        "Contact the customer: the follow-up of 2026-11-20 was missed",
    ]
    assert Neglect.objects.get().head == here.chen


def test_of_a_head_the_one_above_is_told(here) -> None:
    row = customer(here, developer=here.chen)
    followups.open(row, title="回电", due_on=TODAY, **acts(here.chen))
    climb(5)
    assert Neglect.objects.get().head == here.gao


def test_a_contact_makes_it_good_at_once_and_an_unanswered_call_does_not(here, missed) -> None:
    climb(5)
    log = {"kind": "CALL", "note": "", "happened_on": later(5)}
    interactions.log(missed, **log, is_effective=False, **on(later(5), here.li))
    assert rung(missed) == "HEAD"
    interactions.log(missed, **log, **on(later(5), here.li))
    assert (rung(missed), todo(missed)) == ("", [])
    assert climb(9) == 0


def test_a_contact_before_the_day_that_was_missed_makes_nothing_good(here, missed) -> None:
    day = later(-1)
    interactions.log(missed, kind="CALL", note="", happened_on=day, **on(day, here.li))
    assert climb(3) == 1


@pytest.mark.parametrize("act", ["done", "reschedule"])
def test_what_is_done_or_moved_is_missed_no_longer(here, missed, act: str) -> None:
    climb(7)
    row = FollowUp.objects.get(customer=missed, kind="MANUAL")
    given = {"due_on": later(20)} if act == "reschedule" else {}
    getattr(followups, act)(row, **given, **on(later(7), here.li))
    assert (rung(missed), todo(missed)) == ("", [])


def test_of_several_the_first_missed_counts_and_the_next_takes_its_place(here, missed) -> None:
    followups.open(missed, title="寄样", due_on=later(2), **acts(here.li))
    climb(5)
    assert (rung(missed), Neglect.objects.get().missed_on) == ("HEAD", TODAY)
    followups.done(FollowUp.objects.get(title="回电"), **on(later(5), here.li))
    climb(5)
    assert (rung(missed), Neglect.objects.get().missed_on) == ("OWNER", later(2))


def test_what_others_have_to_do_is_not_the_owners_neglect(here) -> None:
    row = customer(here)
    followups.open(row, title="审批报价", due_on=TODAY, owner=here.chen, **acts(here.chen))
    assert climb(9) == 0


def test_who_takes_it_over_has_the_days_anew(here, missed) -> None:
    climb(5)
    ownership.transfer([missed], to=here.zhou, reason="换人", **on(later(6), here.chen))
    assert (rung(missed), todo(missed)) == ("", [])
    assert [climb(days) for days in (7, 8, 9)] == [0, 0, 1]
    assert (rung(missed), Neglect.objects.get().owner) == ("OWNER", here.zhou)


def test_a_customer_in_the_pool_is_nobodys_neglect(here, missed) -> None:
    climb(7)
    sea.give_back(missed, reason="无需求", **on(later(7), here.li))
    assert rung(missed) == ""
    assert climb(9) == 0


def test_the_days_are_those_of_the_calendar_and_over_a_holiday_too(here) -> None:
    row = customer(here)
    eve = date(2026, 9, 30)  # seven days of holidays follow
    OwnershipCredit.objects.update(valid_from=date(2026, 1, 1))
    FollowUp.objects.create(customer=row, owner=here.li, title="回电", due_on=eve, opened_on=eve)
    assert neglect.climb(date(2026, 10, 7), NOW) == 1
    assert rung(row) == "FLAGGED"


def test_a_tenant_may_count_working_days(here, missed) -> None:
    rules(in_workdays=True)
    told = {days: climb(days) for days in range(1, 14)}
    assert [days for days, number in told.items() if number] == [5, 7, 11]  # Wed, Fri, Tue


def test_working_days_are_those_of_the_state_council() -> None:
    before = neglectrules.before
    assert before(date(2026, 10, 8), 1, in_workdays=True) == date(2026, 10, 7)
    assert before(date(2026, 10, 7), 1, in_workdays=True) == date(2026, 9, 29)
    assert before(date(2026, 10, 7), 1, in_workdays=False) == date(2026, 10, 6)


def test_nobody_loses_a_customer_unless_the_tenant_wants_it(here, missed) -> None:
    climb(7)
    assert Customer.objects.get(pk=missed.pk).owner == here.li


def test_where_the_tenant_wants_it_a_colleague_takes_over_through_the_one_door(here, missed) -> None:
    rules(reassigns=True)
    climb(7)
    row = Customer.objects.get(pk=missed.pk)
    credit = OwnershipCredit.objects.get(customer=row, role="MANAGER", valid_to=None)
    assert (row.owner, credit.member, credit.rule) == (here.chen, here.chen, "NEGLECT")
    assert FollowUp.objects.get(title="回电").owner == row.owner
    assert rung(missed) == ""
    assert climb(8) == 0


def test_marked_customers_are_dealt_to_colleagues_in_turn_and_locked_ones_stay(here) -> None:
    rules(reassigns=True)
    rows = [customer(here, f"客户{number}") for number in range(5)]
    for row in rows:
        followups.open(row, title="回电", due_on=TODAY, **acts(here.li))
    sea.lock(rows[4], locked=True, reason="法务", **acts(here.gao))
    climb(7)
    owners = Customer.objects.filter(pk__in=[row.pk for row in rows]).order_by("name")
    assert [row.owner.code for row in owners] == ["chen", "zhou", "chen", "zhou", "li"]


def test_a_night_is_a_fixed_number_of_statements_whatever_its_size(here) -> None:
    def night(rows: int) -> int:
        for number in range(rows):
            row = customer(here, f"客户{rows}第{number}")
            followups.open(row, title="回电", due_on=TODAY, **acts(here.li))
        with statements() as found:
            assert climb(3) == rows
        return len(found)

    night(1)
    assert night(2) == night(7)


def test_rules_are_versions_in_order_and_begin_tomorrow(here) -> None:
    assert refusal(lambda: rules(valid_from=TODAY)) == [("valid_from", "in_past")]
    assert refusal(lambda: rules(owner_days=0)) == [("owner_days", "out_of_range")]
    assert refusal(lambda: rules(head_days=3)) == [("flag_days", "out_of_order")]


def test_a_new_version_ends_the_one_before(here) -> None:
    rules()
    rules(flag_days=9, valid_from=later(5))
    assert [str(neglectrules.in_force(later(days))) for days in (0, 1, 4, 5)] == [
        "3/5/7",
        "3/5/7",
        "3/5/7",
        "3/5/9",
    ]
    assert refusal(lambda: rules(valid_from=later(5))) == [("valid_from", "version_overlap")]
