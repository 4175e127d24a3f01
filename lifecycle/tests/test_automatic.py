from datetime import date

import pytest

from crm.accounts.models import Member
from crm.events.models import Event
from crm.events.record import event, record
from crm.tests.cast import NOW, TODAY
from customers import interactions, ownership
from customers.models import Customer, Interaction
from lifecycle import automatic, followups
from lifecycle.models import FollowUp
from lifecycle.tests import book

pytestmark = pytest.mark.django_db


@pytest.fixture
def li(here) -> Customer:
    return book.customer("HX", here.li)


def flag(*customers: Customer, on: date = TODAY, name: str = "risk.flagged") -> list[Event]:
    data = {"score": 78, "band": "RED", "before": "AMBER", "reasons": ["payment"]}
    return record(
        *(event(name, at=NOW, on=on, subject=each.id, customer=each.id, data=data) for each in customers)
    )


def log(of: Customer, member: Member, next_on: date | None = None, next_note: str = "") -> Interaction:
    """A contact today."""
    told = {"next_on": next_on, "next_note": next_note, "by": member, "at": NOW, "on": TODAY}
    return interactions.log(of, kind="CALL", note="spoke of the renewal", happened_on=TODAY, **told)


def open_ones(of: Customer) -> list[FollowUp]:
    return list(FollowUp.objects.filter(customer=of, state="OPEN"))


def test_a_risk_asks_its_owner_for_a_visit_within_five_working_days(here, li) -> None:
    flag(li)  # on a Friday
    (opened,) = open_ones(li)
    assert (opened.kind, opened.owner, opened.due_on) == ("RISK", here.li, date(2026, 11, 27))
    assert str(opened) == "Visit within 5 working days: the risk is high (78)"
    assert opened.inputs == {"score": 78, "reasons": ["payment"]}
    li.standing.refresh_from_db()
    assert li.standing.next_on == date(2026, 11, 27)


def test_holidays_are_no_working_days(here, li) -> None:
    flag(li, on=date(2026, 9, 30))  # the National Day week of 2026 begins the day after
    (opened,) = open_ones(li)
    assert opened.due_on == automatic.add_workdays(date(2026, 9, 30), 5)
    assert opened.due_on > date(2026, 10, 10)


def test_a_risk_flagged_twice_opens_one_follow_up(li) -> None:
    events = flag(li)
    automatic.open_for_risks(events)
    flag(li)
    assert len(open_ones(li)) == 1
    assert Event.objects.filter(name="follow_up.opened").count() == 1


def test_a_risk_of_a_customer_without_an_owner_waits_for_one(here) -> None:
    pooled = book.customer("POOL")
    flag(pooled)
    assert [each.owner for each in open_ones(pooled)] == [None]


def test_whoever_has_left_gets_nothing_to_do(here, li) -> None:
    Member.objects.filter(id=here.li.id).update(status="LEFT")
    flag(li)
    assert [each.owner for each in open_ones(li)] == [None]


def test_the_follow_up_of_a_risk_closes_by_itself_when_the_risk_is_over(here, li) -> None:
    by_hand = followups.open(li, title="Call", due_on=TODAY, by=here.li, at=NOW, on=TODAY)
    flag(li)
    flag(li, name="risk.cleared")
    assert open_ones(li) == [by_hand]
    closed = FollowUp.objects.get(kind="RISK")
    assert (closed.state, closed.closed_at, closed.closed_by) == ("CANCELLED", NOW, None)
    assert str(closed.ending) == "The risk is no longer high"
    told = Event.objects.filter(name="follow_up.closed").get()
    assert (told.subject_id, told.data["state"]) == (closed.id, "CANCELLED")
    li.standing.refresh_from_db()
    assert li.standing.next_on == TODAY


def test_what_was_done_for_a_risk_stays_done(here, li) -> None:
    flag(li)
    followups.done(open_ones(li)[0], by=here.li, outcome="visited", at=NOW, on=TODAY)
    flag(li, name="risk.cleared")
    assert FollowUp.objects.get().state == "DONE"


def test_a_risk_that_comes_back_asks_again(here, li) -> None:
    flag(li)
    followups.done(open_ones(li)[0], by=here.li, at=NOW, on=TODAY)
    flag(li)
    assert [each.state for each in FollowUp.objects.order_by("id")] == ["DONE", "OPEN"]


def test_many_risks_are_opened_in_one_go(here) -> None:
    many = [book.customer(f"C{number}", here.li) for number in range(20)]
    flag(*many)
    assert FollowUp.objects.filter(kind="RISK").count() == 20
    assert Event.objects.filter(name="follow_up.opened").count() == 20


def test_a_next_step_agreed_in_a_contact_is_for_who_had_it(here, li) -> None:
    log(li, here.zhou, next_on=date(2026, 12, 1), next_note="send the draft")
    (opened,) = open_ones(li)
    assert (opened.kind, opened.owner, opened.due_on) == ("NEXT_STEP", here.zhou, date(2026, 12, 1))
    assert str(opened) == "send the draft"
    li.standing.refresh_from_db()
    assert li.standing.next_on == date(2026, 12, 1)


def test_a_contact_without_a_next_step_opens_nothing(here, li) -> None:
    log(li, here.li)
    assert open_ones(li) == []


def test_the_next_contact_moves_the_step_of_the_same_person(here, li) -> None:
    log(li, here.li, next_on=date(2026, 12, 1), next_note="send the draft")
    log(li, here.zhou, next_on=date(2026, 12, 2))
    log(li, here.li, next_on=date(2026, 12, 9), next_note="ask again")
    found = {each.owner: (each.due_on, str(each)) for each in open_ones(li)}
    assert found == {
        here.li: (date(2026, 12, 9), "ask again"),
        here.zhou: (date(2026, 12, 2), "Next step"),
    }
    names = list(
        Event.objects.filter(name__startswith="follow_up").order_by("id").values_list("name", flat=True)
    )
    assert names == ["follow_up.opened", "follow_up.opened", "follow_up.rescheduled"]


def test_a_next_step_told_twice_is_one(here, li) -> None:
    log(li, here.li, next_on=date(2026, 12, 1))
    automatic.take_next_steps(list(Event.objects.filter(name="interaction.logged")))
    assert len(open_ones(li)) == 1
    assert Event.objects.filter(name="follow_up.rescheduled").count() == 0


def test_a_contact_makes_a_lead_a_prospect_at_once(here, li) -> None:
    log(li, here.li)
    li.standing.refresh_from_db()
    assert li.standing.stage == "PROSPECT"


def test_what_is_open_goes_with_the_customer_to_whoever_takes_it_over(here, li) -> None:
    flag(li)
    followups.open(li, title="Call", due_on=TODAY, owner=here.sun, by=here.chen, at=NOW, on=TODAY)
    ownership.transfer([li], to=here.zhou, reason="new district", by=here.chen, at=NOW, on=TODAY)
    assert {each.kind: each.owner for each in open_ones(li)} == {"RISK": here.zhou, "MANUAL": here.sun}
    told = Event.objects.get(name="follow_up.assigned")
    assert (told.data["from"], told.data["to"]) == ("李娜", "周毅")


def test_what_waits_in_the_pool_is_for_whoever_takes_the_customer(here) -> None:
    pooled = book.customer("POOL")
    flag(pooled)
    ownership.transfer([pooled], to=here.zhou, reason="claimed", by=here.chen, at=NOW, on=TODAY)
    assert [each.owner for each in open_ones(pooled)] == [here.zhou]
