from datetime import date, timedelta
from typing import Any

import pytest

from crm.accounts.access import reach
from crm.accounts.models import Member
from crm.events.models import Event
from crm.refusal import Conflict, Refused
from crm.tenancy.context import tenant
from crm.tests.cast import NOW, TODAY
from customers.models import Customer
from lifecycle import followups
from lifecycle.forms import OpenForm
from lifecycle.models import FollowUp
from lifecycle.tests import book

DAY = timedelta(days=1)
AT = {"at": NOW, "on": TODAY}

pytestmark = pytest.mark.django_db


@pytest.fixture
def li(here) -> Customer:
    return book.customer("HX", here.li)


def opened(of: Customer, by: Member, **given: Any) -> FollowUp:
    return followups.open(
        of, **{"title": "Send the offer", "due_on": TODAY + 3 * DAY, "by": by, **AT, **given}
    )


def next_on(of: Customer) -> date | None:
    of.standing.refresh_from_db()
    return of.standing.next_on


def told() -> tuple[str, dict[str, Any]]:
    found = Event.objects.filter(name__startswith="follow_up.").latest("id")
    return found.name, found.data


def faults(refused: Any) -> list[tuple[str, str]]:
    return [(fault.field, fault.code) for fault in refused.value.faults]


def test_a_follow_up_is_for_whoever_is_responsible_unless_said_otherwise(here, li) -> None:
    assert opened(li, here.chen).owner == here.li
    assert opened(li, here.chen, owner=here.zhou).owner == here.zhou
    assert opened(book.customer("POOL"), here.chen).owner is None


def test_opening_is_told_and_becomes_the_next_step_of_the_customer(here, li) -> None:
    made = opened(li, here.chen)
    assert next_on(li) == TODAY + 3 * DAY
    assert told() == (
        "follow_up.opened",
        {
            "title": "Send the offer",
            "kind": "MANUAL",
            "due_on": "2026-11-23",
            "owner": "李娜",
            "owner_id": str(here.li.id),
        },
    )
    found = Event.objects.get(name="follow_up.opened")
    assert (found.subject_id, found.customer_id, found.actor_id) == (made.id, li.id, here.chen.id)


def test_the_next_step_is_the_first_one_that_is_open(here, li) -> None:
    late, soon = opened(li, here.li, due_on=TODAY + 9 * DAY), opened(li, here.li)
    assert next_on(li) == TODAY + 3 * DAY
    followups.done(soon, by=here.li, **AT)
    assert next_on(li) == TODAY + 9 * DAY
    followups.done(late, by=here.li, **AT)
    assert next_on(li) is None


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"title": "  "}, ("title", "required")),
        ({"title": "字" * 201}, ("title", "too_long")),
        ({"due_on": TODAY - DAY}, ("due_on", "in_past")),
    ],
)
def test_what_cannot_be_opened_is_refused_beside_its_field(here, li, given, fault) -> None:
    with pytest.raises(Refused) as refused:
        opened(li, here.li, **given)
    assert faults(refused) == [fault]
    assert FollowUp.objects.count() == 0


def test_who_has_left_gets_nothing_to_do(here, li) -> None:
    Member.objects.filter(id=here.zhou.id).update(status="LEFT")
    gone = Member.objects.get(id=here.zhou.id)
    with pytest.raises(Refused) as refused:
        opened(li, here.li, owner=gone)
    assert faults(refused) == [("owner", "not_active")]
    with pytest.raises(Refused) as refused:
        followups.assign(opened(li, here.li), to=gone, by=here.chen, **AT)
    assert faults(refused) == [("to", "not_active")]


def test_a_follow_up_can_be_handed_to_another(here, li) -> None:
    moved = followups.assign(opened(li, here.li), to=here.zhou, by=here.chen, **AT)
    assert (moved.owner, moved.version) == (here.zhou, 2)
    assert told() == (
        "follow_up.assigned",
        {
            "title": "Send the offer",
            "kind": "MANUAL",
            "from": "李娜",
            "to": "周毅",
            "to_id": str(here.zhou.id),
        },
    )


def test_handing_it_to_who_has_it_changes_nothing(here, li) -> None:
    same = followups.assign(opened(li, here.li), to=here.li, by=here.chen, **AT)
    assert same.version == 1
    assert told()[0] == "follow_up.opened"


def test_a_follow_up_can_be_moved_to_another_day(here, li) -> None:
    moved = followups.reschedule(opened(li, here.li), due_on=TODAY, by=here.li, **AT)
    assert (moved.due_on, next_on(li)) == (TODAY, TODAY)
    name, data = told()
    assert (name, data["due_on"]) == ("follow_up.rescheduled", ["2026-11-23", "2026-11-20"])
    with pytest.raises(Refused) as refused:
        followups.reschedule(moved, due_on=TODAY - DAY, by=here.li, **AT)
    assert faults(refused) == [("due_on", "in_past")]


def test_what_is_done_keeps_by_whom_when_and_what_came_of_it(here, li) -> None:
    made = followups.done(opened(li, here.chen), by=here.li, outcome=" they agree ", **AT)
    made.refresh_from_db()
    assert (made.state, made.outcome, made.closed_by, made.closed_at) == ("DONE", "they agree", here.li, NOW)
    assert told() == (
        "follow_up.closed",
        {"title": "Send the offer", "kind": "MANUAL", "state": "DONE", "note": "they agree"},
    )


def test_what_is_called_off_needs_a_reason(here, li) -> None:
    made = opened(li, here.li)
    with pytest.raises(Refused) as refused:
        followups.cancel(made, reason=" ", by=here.li, **AT)
    assert faults(refused) == [("reason", "required")]
    assert followups.cancel(made, reason="asked twice", by=here.li, **AT).state == "CANCELLED"


def test_what_is_closed_stays_closed(here, li) -> None:
    made = opened(li, here.li)
    followups.done(made, by=here.li, **AT)
    for change in (
        lambda: followups.done(made, by=here.li, **AT),
        lambda: followups.reschedule(made, due_on=TODAY, by=here.li, **AT),
        lambda: followups.assign(made, to=here.zhou, by=here.li, **AT),
    ):
        with pytest.raises(Conflict) as refused:
            change()
        assert faults(refused) == [("", "closed")]


def test_an_edit_that_was_overtaken_is_a_conflict(here, li) -> None:
    made = opened(li, here.li)
    followups.assign(made, to=here.zhou, by=here.chen, version=1, **AT)
    with pytest.raises(Conflict) as refused:
        followups.done(made, by=here.li, version=1, **AT)
    assert faults(refused) == [("", "stale")]


def test_a_follow_up_is_seen_with_its_customer_and_by_who_has_to_do_it(here, li) -> None:
    opened(li, here.chen, owner=here.sun)

    def seen_by(name: str) -> int:
        return reach(here.viewer(name), FollowUp.objects).count()

    assert {name: seen_by(name) for name in ("gao", "chen", "sun", "zhao", "zhou")} == {
        "gao": 1,
        "chen": 1,  # head of the department that has the customer
        "sun": 1,  # has to do it, though of another department
        "zhao": 0,
        "zhou": 0,
    }


def test_another_tenants_follow_ups_are_not_there(here, li, beihe) -> None:
    opened(li, here.li)
    with tenant(beihe.tenant.id):
        assert FollowUp.objects.count() == 0
        theirs = book.customer("HX", beihe.li)
        opened(theirs, beihe.li, due_on=TODAY)
    assert next_on(li) == TODAY + 3 * DAY


def test_a_day_beyond_the_published_holidays_says_so() -> None:
    (soon, *_others, last) = OpenForm(on=date(2026, 12, 24), may_assign=False).fields["workdays"].choices
    assert (soon[0], "not published" in soon[1]) == (1, False)
    assert (last[0], "not published" in last[1]) == (10, True)
