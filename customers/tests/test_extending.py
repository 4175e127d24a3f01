"""One extension of protection 延长保护期: asked for by the owner, granted by his head, once an ownership."""

from datetime import date, timedelta
from typing import Any

import pytest

from crm.events.models import Event
from crm.tests.cast import NOW, TODAY
from customers import interactions, ownership
from customers.models import Customer, Extension
from customers.pools import clocks, extending, sea
from customers.pools.protection import drop
from customers.tests.deals import acts, customer, refusal, sign, terms
from customers.tests.test_pools import later, on, pooled, rules
from lifecycle.models import FollowUp

pytestmark = pytest.mark.django_db


def drops(row: Customer, day: date = TODAY) -> date | None:
    clock = sea.clock_of(row, day)
    return clock and clock.on


def ask(row: Customer, who: Any, reason: str = "等年度预算") -> Extension:
    return extending.ask(row, reason=reason, by=who, at=NOW, on=TODAY)


def test_what_is_granted_moves_the_day_on_which_the_customer_drops(here) -> None:
    row = customer(here)
    assert drops(row) == later(31)
    asked = ask(row, here.li)
    assert (asked.days, drops(row)) == (30, later(31))
    extending.grant(asked, by=here.chen, at=NOW, on=TODAY)
    assert drops(row) == later(61)
    assert clocks.release_due(later(60), NOW) == 0
    assert clocks.release_due(later(61), NOW) == 1


def test_the_day_is_the_one_that_the_rules_in_python_say(here) -> None:
    row = customer(here)
    extending.grant(ask(row, here.li), by=here.chen, at=NOW, on=TODAY)
    for days in range(0, 120, 20):
        interactions.log(row, kind="CALL", note="", happened_on=later(days), **on(later(days), here.li))
        said = drop("GENERAL", later(days), TODAY, extended=True)
        clock = sea.clock_of(row, later(days))
        assert (clock.on, clock.by, clock.extended) == (said.on, said.by, 30)
    assert drops(row, later(110)) == later(121)  # 90 days without a signature, and 30 more


def test_who_has_not_reached_a_claimed_customer_is_not_helped_by_more_days(here) -> None:
    row = pooled(here)
    sea.claim(row, **on(TODAY, here.li))
    extending.grant(ask(row, here.li), by=here.chen, at=NOW, on=TODAY)
    assert (drops(row), drop("GENERAL", None, TODAY, claimed=True, extended=True).on) == (later(4), later(4))


def test_the_days_are_those_of_the_rules_of_its_pool(here) -> None:
    rules(extension_days=10)
    row = customer(here)
    extending.grant(ask(row, here.li), by=here.chen, at=NOW, on=TODAY)
    rules(extension_days=50)
    assert drops(row) == later(41)


def test_an_ownership_has_one_extension_and_the_next_owner_may_ask_anew(here) -> None:
    row = customer(here)
    extending.grant(ask(row, here.li), by=here.chen, at=NOW, on=TODAY)
    assert refusal(lambda: ask(row, here.li)) == [("", "once")]
    ownership.transfer([row], to=here.zhou, reason="换人", **on(later(2), here.chen))
    assert drops(row, later(2)) == later(33)
    fresh = Customer.objects.get(pk=row.pk)
    assert extending.ask(fresh, reason="刚接手", by=here.zhou, at=NOW, on=later(3)).state == "ASKED"


def test_a_change_on_the_first_day_of_an_ownership_takes_the_days_away(here) -> None:
    row = customer(here)
    extending.grant(ask(row, here.li), by=here.chen, at=NOW, on=TODAY)
    ownership.transfer([row], to=here.zhou, reason="换人", **acts(here.chen))
    assert drops(row) == later(31)


def test_while_one_waits_no_other_is_asked_for_and_after_a_refusal_one_may(here) -> None:
    row = customer(here)
    asked = ask(row, here.li)
    assert refusal(lambda: ask(row, here.li)) == [("", "once")]
    assert refusal(lambda: extending.refuse(asked, answer=" ", by=here.chen, at=NOW, on=TODAY)) == [
        ("answer", "required")
    ]
    extending.refuse(asked, answer="先去拜访", by=here.chen, at=NOW, on=TODAY)
    assert drops(row) == later(31)
    assert ask(row, here.li, "已约下周拜访").state == "ASKED"


def test_only_the_owner_asks_with_a_reason_and_only_when_it_can_drop(here) -> None:
    row = customer(here)
    assert refusal(lambda: ask(row, here.zhou)) == [("", "not_owner")]
    assert refusal(lambda: ask(row, here.li, " ")) == [("reason", "required")]
    assert refusal(lambda: ask(row, here.li, "长" * 201)) == [("reason", "max_length")]
    sign(here, row, terms())
    assert refusal(lambda: ask(row, here.li)) == [("", "contract_in_force")]


def test_nobody_decides_his_own_case_and_nothing_is_decided_twice(here) -> None:
    row = customer(here, developer=here.chen)
    asked = ask(row, here.chen)
    decide = lambda by: extending.grant(asked, by=by, at=NOW, on=TODAY)  # noqa: E731
    assert refusal(lambda: decide(here.chen)) == [("", "own_case")]
    assert decide(here.gao).state == "GRANTED"
    assert refusal(lambda: decide(here.gao)) == [("", "decided")]


def test_a_customer_that_has_changed_hands_is_not_extended_for_the_one_before(here) -> None:
    row = customer(here)
    asked = ask(row, here.li)
    ownership.transfer([row], to=here.zhou, reason="换人", **acts(here.chen))
    assert Extension.objects.get(pk=asked.pk).state == "LAPSED"
    assert refusal(lambda: extending.grant(asked, by=here.chen, at=NOW, on=TODAY)) == [("", "decided")]


def test_the_head_is_asked_within_two_working_days_and_the_answer_settles_it(here) -> None:
    row = customer(here)
    asked = ask(row, here.li)  # on a Friday
    todo = FollowUp.objects.get(customer=row, kind="EXTENSION")
    assert (todo.owner, todo.due_on, str(todo)) == (
        here.chen,
        date(2026, 11, 24),
        "Decide whether 李娜 keeps the customer 30 days longer",
    )
    extending.grant(asked, by=here.chen, at=NOW, on=TODAY)
    assert FollowUp.objects.get(pk=todo.pk).state == "DONE"


def test_the_warning_of_a_drop_is_past_when_more_days_are_granted(here) -> None:
    row = customer(here)
    assert clocks.warn_due(later(24), NOW) == 1
    asked = extending.ask(row, reason="等预算", by=here.li, at=NOW, on=later(24))
    extending.grant(asked, by=here.chen, at=NOW, on=later(24))
    assert FollowUp.objects.get(customer=row, kind="DROP").state == "CANCELLED"
    assert [clocks.warn_due(drops(row, later(24)) - timedelta(days), NOW) for days in (7, 3, 1)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("owner", "head"), [("li", "chen"), ("chen", "gao"), ("wu", "chen"), ("sun", "zhao"), ("gao", None)]
)
def test_the_nearest_head_is_asked_and_of_a_head_the_one_above(here, owner: str, head: str | None) -> None:
    row = customer(here, developer=here.people[owner])
    ownership.transfer([row], to=here.people[owner], reason="试", **acts(here.gao))
    ask(Customer.objects.get(pk=row.pk), here.people[owner])
    asked = FollowUp.objects.filter(customer=row, kind="EXTENSION").first()
    assert (asked and asked.owner) == (head and here.people[head])


def test_who_loses_the_customer_no_longer_waits_for_an_answer(here) -> None:
    row = customer(here)
    ask(row, here.li)
    ownership.transfer([row], to=here.zhou, reason="换人", **acts(here.chen))
    assert FollowUp.objects.get(customer=row, kind="EXTENSION").state == "CANCELLED"


def test_what_was_asked_and_answered_is_told(here) -> None:
    row = customer(here)
    extending.grant(ask(row, here.li), answer="可以", by=here.chen, at=NOW, on=TODAY)
    told = {each.name: each.data for each in Event.objects.filter(name__startswith="extension.")}
    assert told == {
        "extension.asked": {"reason": "等年度预算", "days": 30, "to": "陈静", "to_id": str(here.chen.pk)},
        "extension.granted": {"days": 30, "to": "李娜", "reason": "可以", "drops_on": str(later(61))},
    }
