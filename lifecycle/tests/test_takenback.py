"""A handover that is taken back leaves every state as it was: missed follow-ups, requests, protection."""

from datetime import date, timedelta
from typing import Any

import pytest

from crm.events.models import Event
from crm.tenancy.context import tenant
from crm.tests.cast import NOW, TODAY
from customers import interactions, ownership
from customers.handovers import books
from customers.models import Customer, Extension, Handover
from customers.pools import extending, sea
from customers.tests.deals import customer
from lifecycle import followups, neglect
from lifecycle.models import FollowUp, Neglect

pytestmark = pytest.mark.django_db
MISSED, EXTENSION = FollowUp.Kind.NEGLECT, FollowUp.Kind.EXTENSION


def on(days: int, by: Any = None) -> dict[str, Any]:
    return {"by": by, "at": NOW + timedelta(days), "on": TODAY + timedelta(days)}


def climb(days: int) -> int:
    return neglect.climb(TODAY + timedelta(days), NOW + timedelta(days))


def told() -> list[tuple]:
    """How far the ladder has come with each customer, and since when."""
    rows = Neglect.objects.order_by("customer__name")
    return list(
        rows.values_list(
            "customer__name", "owner", "head", "missed_on", "owner_told_on", "head_told_on", "flagged_on"
        )
    )


def todos(of: Customer) -> list[tuple]:
    rows = FollowUp.objects.filter(customer=of, state="OPEN").order_by("kind", "source")
    return list(rows.values_list("kind", "source", "owner__code", "due_on"))


def hand_over(company: Any, days: int, to: str = "zhou") -> Handover:
    rows = list(books.book(company.li))
    turns = books.deal(rows, [company.people[to]])
    return books.execute(company.li, turns, **on(days, company.chen))


@pytest.fixture
def missed(here) -> Customer:
    """A customer of 李娜 whose follow-up of today nobody does; on the sixth day her head has been told."""
    row = customer(here, on=date(2026, 11, 2))
    followups.open(row, title="回电", due_on=TODAY, **on(0, here.li))
    climb(3)
    climb(5)
    return row


@pytest.mark.parametrize("days", [6, 9])
def test_what_was_missed_and_told_stands_where_it_stood(here, missed, days: int) -> None:
    missed.standing.refresh_from_db()
    before = told(), todos(missed), missed.standing.next_on
    taken = hand_over(here, 6)
    assert (told(), [kind for kind, *_rest in todos(missed)]) == ([], ["MANUAL"])
    books.undo(taken, **on(days, here.chen))
    missed.standing.refresh_from_db()
    assert (told(), todos(missed), missed.standing.next_on) == before
    assert [row[1:] for row in before[1]] == [
        ("", "li", TODAY),
        ("neglect:head", "chen", date(2026, 11, 27)),
        ("neglect:owner", "li", date(2026, 11, 26)),
    ]


def test_the_ladder_goes_on_from_there(here, missed) -> None:
    books.undo(hand_over(here, 6), **on(6, here.chen))
    assert climb(7) == 1
    row = Neglect.objects.get()
    assert (row.missed_on, row.owner_told_on, row.flagged_on) == (
        TODAY,
        TODAY + timedelta(3),
        TODAY + timedelta(7),
    )


def test_what_was_made_good_meanwhile_stays_closed(here, missed) -> None:
    taken = hand_over(here, 6)
    log = {"kind": "CALL", "note": "", "happened_on": TODAY + timedelta(7)}
    interactions.log(missed, **log, **on(7, here.zhou))
    books.undo(taken, **on(8, here.chen))
    assert (told(), [kind for kind, *_rest in todos(missed)]) == ([], ["MANUAL"])


def test_who_does_not_go_back_is_not_reopened(here, missed) -> None:
    other = customer(here, "另一家", on=date(2026, 11, 2))
    followups.open(other, title="回电", due_on=TODAY, **on(0, here.li))
    climb(5)
    taken = hand_over(here, 6)
    again = {missed.pk: here.sun}
    books.execute(here.zhou, again, **on(7, here.chen))
    books.undo(taken, **on(8, here.chen))
    assert [row[0] for row in told()] == ["另一家"]
    assert [kind for kind, *_rest in todos(missed)] == ["MANUAL"]


def test_a_request_for_more_days_waits_again_and_granted_ones_hold_on(here) -> None:
    asking, granted = customer(here, "等预算", on=TODAY), customer(here, "已批", on=TODAY)
    for row in (asking, granted):
        extending.ask(row, reason="等预算", **on(1, here.li))
    extending.grant(Extension.objects.get(customer=granted), **on(1, here.chen))
    before = [sea.clock_of(row, TODAY + timedelta(2)).on for row in (asking, granted)]
    taken = hand_over(here, 2)
    assert Extension.objects.get(customer=asking).state == "LAPSED"
    books.undo(taken, **on(4, here.chen))
    states = dict(Extension.objects.values_list("customer__name", "state"))
    assert states == {"等预算": "ASKED", "已批": "GRANTED"}
    assert [kind for kind, *_rest in todos(asking)] == [EXTENSION]
    assert [sea.clock_of(row, TODAY + timedelta(4)).on for row in (asking, granted)] == before
    extending.grant(Extension.objects.get(customer=asking), **on(4, here.chen))
    assert sea.clock_of(asking, TODAY + timedelta(4)).on == before[1]


def test_protection_counts_from_the_day_before_the_handover_however_often_it_is_taken_back(here) -> None:
    row = customer(here, on=TODAY)
    before = sea.clock_of(row, TODAY)
    for days in (1, 4):
        books.undo(hand_over(here, days), **on(days + 1, here.chen))
    after = sea.clock_of(row, TODAY + timedelta(5))
    assert (after.since, after.on, after.by) == (TODAY, before.on, before.by)


def test_who_got_it_on_the_day_of_the_handover_itself_has_it_from_that_day(here) -> None:
    row = customer(here, developer=here.zhou, on=date(2026, 11, 2))
    ownership.transfer([row], to=here.li, reason="换人", **on(0, here.chen))
    books.undo(hand_over(here, 0, to="sun"), **on(3, here.chen))
    held = row.credits.get(role="MANAGER", valid_to=None)
    assert (held.member, held.since, held.held_by) == (here.li, TODAY, "TRANSFER")
    assert sea.clock_of(row, TODAY + timedelta(3)).since == TODAY


def test_the_other_company_keeps_its_closed_follow_ups(here, beihe) -> None:
    with tenant(beihe.tenant.id):
        theirs = customer(beihe, on=date(2026, 11, 2))
        followups.open(theirs, title="回电", due_on=TODAY, **on(0, beihe.li))
        climb(5)
        hand_over(beihe, 6)
        events = Event.objects.count()
    customer(here, on=date(2026, 11, 2))
    books.undo(hand_over(here, 6), **on(6, here.chen))
    with tenant(beihe.tenant.id):
        assert (told(), Event.objects.count()) == ([], events)
