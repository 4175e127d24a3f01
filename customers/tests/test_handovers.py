from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commissions.models import LedgerEntry
from crm.accounts import members
from crm.accounts.access import reach, viewer_of
from crm.accounts.models import Member
from crm.accounts.rights import Right
from crm.events.models import Event
from crm.periods import add_workdays
from crm.tenancy.context import tenant
from crm.tests.cast import NOW, TODAY
from customers import ownership
from customers.assignment.candidates import Newcomer
from customers.contracts import Share
from customers.handovers import books, leavers
from customers.handovers import night as handover_night
from customers.handovers.books import Moving
from customers.models import Contact, CreditSplit, Customer, Handover, HandoverRow, OwnershipCredit
from customers.pools import sea
from customers.tests.deals import acts, customer, receive, refusal, sign, terms
from lifecycle import followups

pytestmark = pytest.mark.django_db
BEGAN = date(2026, 1, 5)
LATER = TODAY + timedelta(3)


def many(company, count: int, **fields) -> list[Customer]:
    """Customers of 李娜 since January."""
    return [customer(company, f"客户{number}", on=BEGAN, **fields) for number in range(count)]


def leave(company, who="li", status="LEAVING", on=TODAY) -> None:
    row = Member.objects.get(pk=company.people[who].pk)
    changes = {"status": status}
    members.edit(row, changes=changes, version=row.version, by=company.an, at=NOW, on=on)


def hand_over(company, among=("chen", "zhou", "sun"), on=TODAY, **fields) -> Handover:
    rows = list(books.book(company.li))
    turns = books.deal(rows, [company.people[code] for code in among])
    return books.execute(company.li, turns, **acts(company.chen) | {"on": on} | fields)


def undo(company, row: Handover, on=LATER) -> Handover:
    return books.undo(row, **acts(company.chen) | {"on": on})


def held() -> Counter:
    return Counter(Customer.objects.values_list("owner__code", flat=True))


def managers(one: Customer) -> list[tuple]:
    rows = OwnershipCredit.objects.filter(customer=one, role="MANAGER").order_by("valid_from")
    return list(rows.values_list("member__code", "valid_from", "valid_to", "rule"))


def night(on: date) -> int:
    return handover_night.pass_on(on, NOW)


# Who leaves


def test_who_leaves_has_his_customers_to_be_handed_over_in_five_working_days(here) -> None:
    many(here, 2)
    leave(here)
    row = Handover.objects.get()
    assert (row.member, row.department, row.state, row.opened_on) == (
        here.li,
        here.departments["EAST"],
        "OPEN",
        TODAY,
    )
    assert row.due_on == add_workdays(TODAY, 5) == date(2026, 11, 27)


def test_who_leaves_without_customers_has_nothing_to_hand_over(here) -> None:
    leave(here)
    assert Handover.objects.count() == 0


def test_who_stays_after_all_keeps_them(here) -> None:
    many(here, 1)
    leave(here)
    leave(here, status="ACTIVE")
    assert Handover.objects.get().state == "DROPPED"


def test_who_leaves_moves_no_customers_claims_none_and_has_no_key(here) -> None:
    before, after = here.viewer("chen"), viewer_of(Member(status="LEAVING", roles=here.chen.roles))
    lost = {Right.OWNERSHIP_TRANSFER, Right.POOL_CLAIM, Right.IMPORT_RUN, Right.API_KEY}
    assert before.rights - after.rights == lost


def test_a_claim_of_who_leaves_is_refused_with_the_reason(here) -> None:
    one = customer(here)
    sea.give_back(one, reason="无预算", **acts(here.li))
    leave(here, "zhou")
    assert refusal(lambda: sea.claim(one, **acts(here.zhou))) == [("", "leaving")]


# What moves


def test_what_moves_is_counted_before_it_moves(here) -> None:
    one, other = many(here, 2)
    Contact.objects.create(customer=one, name="王经理")
    sign(here, one, terms())
    ended = terms("HT-0", signed_on=date(2024, 12, 1), starts_on=date(2025, 1, 1), ends_on=date(2026, 1, 1))
    sign(here, other, ended)
    found = books.moving([one.pk, other.pk], TODAY)
    open_amount = Decimal("240000.00")
    assert found == Moving(2, 1, 1, Decimal("120000.00"), open_amount)


def test_nothing_moves_with_nobody(here) -> None:
    assert books.moving([], TODAY) == Moving()


def test_people_take_turns_seven_among_three_are_three_two_and_two(here) -> None:
    rows = many(here, 7)
    row = hand_over(here)
    assert held() == {"chen": 3, "zhou": 2, "sun": 2}
    assert (row.state, row.executed_on, row.executed_by_id, row.undo_until) == (
        "DONE",
        TODAY,
        here.chen.pk,
        TODAY + timedelta(7),
    )
    assert managers(rows[0]) == [
        ("li", BEGAN, TODAY, "ASSIGN-03"),
        ("chen", TODAY, None, "HANDOVER"),
    ]
    told = Event.objects.get(name="handover.done").data
    assert told == {
        "from": "李娜",
        "from_id": str(here.li.pk),
        "customers": 7,
        "to": {"陈静": 3, "周毅": 2, "孙悦": 2},
    }


def test_by_hand_each_goes_to_whom_the_head_says_and_the_rest_waits(here) -> None:
    first, second, third = many(here, 3)
    leave(here)
    due = Handover.objects.get().due_on
    turns = {first.pk: here.zhou, third.pk: here.sun}
    row = books.execute(here.li, turns, **acts(here.chen) | {"on": LATER})
    assert [each.to_member.code for each in row.rows.order_by("customer__name")] == ["zhou", "sun"]
    waiting = Handover.objects.get(state="OPEN")
    assert (waiting.opened_on, waiting.due_on) == (LATER, due)
    assert Customer.objects.get(owner=here.li) == second


def test_what_was_agreed_and_signed_stays_as_it_is(here) -> None:
    """States stay; follow-ups go along; the shares of the contract and what it paid stay with the leaver."""
    one = customer(here, on=BEGAN)
    contract = sign(here, one, terms(), shares=[Share(here.li, 10_000)])
    receive(here, contract, "R-1", "120000.00", TODAY)
    mine = followups.open(one, title="续签", due_on=TODAY, **acts(here.li))
    theirs = followups.open(one, title="对账", due_on=TODAY, owner=here.qian, **acts(here.qian))
    one.refresh_from_db()
    stage = one.standing.stage
    paid = list(LedgerEntry.objects.order_by("id").values_list("member", "amount"))
    hand_over(here, ["zhou"])
    one = Customer.objects.select_related("standing").get()
    assert (one.owner, one.standing.stage) == (here.zhou, stage)
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.owner, mine.state, theirs.owner) == (here.zhou, "OPEN", here.qian)
    assert [split.member for split in CreditSplit.objects.all()] == [here.li]
    assert paid != []
    assert list(LedgerEntry.objects.order_by("id").values_list("member", "amount")) == paid


def test_the_one_who_takes_over_sees_the_customer_and_the_leaver_no_more(here) -> None:
    customer(here, developer=None, override=here.departments["EAST"], reason="x", on=BEGAN)
    was = Customer.objects.get().owner
    rows = list(books.book(was))
    books.execute(was, books.deal(rows, [here.sun]), **acts(here.gao))
    assert (was.code, list(reach(viewer_of(was), Customer.objects.all()))) == ("chen", [])
    assert list(reach(here.viewer("sun"), Customer.objects.all())) == rows


def test_a_department_is_reorganised_with_whoever_it_has(here) -> None:
    for name, who in (("甲", here.li), ("乙", here.zhou), ("丙", here.sun)):
        customer(here, name, developer=who, on=BEGAN)
    east = here.departments["EAST"]
    turns = books.deal(list(books.book(east)), [here.zhao, here.sun])
    row = books.execute(east, turns, reason="区域合并", **acts(here.gao))
    assert (row.member, row.department, row.due_on) == (None, east, None)
    assert {each.from_member.code: each.to_member.code for each in row.rows.all()} == {
        "li": "sun",
        "zhou": "zhao",
    }
    assert Customer.objects.filter(responsible_dept=here.departments["NORTH"]).count() == 3


def test_customers_follow_a_person_who_changed_the_department(here) -> None:
    one = customer(here, on=BEGAN)
    Member.objects.filter(code="li").update(department=here.departments["NORTH"])
    li = Member.objects.select_related("department").get(code="li")
    books.execute(here.departments["EAST"], {one.pk: li}, **acts(here.gao))
    one.refresh_from_db()
    assert (one.owner, one.responsible_dept) == (li, here.departments["NORTH"])


def test_nothing_is_handed_over_to_who_leaves_or_to_oneself(here) -> None:
    many(here, 2)
    leave(here, "zhou")
    here.zhou.refresh_from_db()
    assert refusal(lambda: hand_over(here, ["zhou", "li"], reason="x" * 201)) == [
        ("to", "not_active"),
        ("to", "same_person"),
        ("reason", "max_length"),
    ]
    assert refusal(lambda: hand_over(here, [])) == [("among", "required")]


def test_what_is_theirs_no_more_is_left_out_and_nothing_at_all_is_refused(here) -> None:
    first, second = many(here, 2)
    turns = books.deal([first, second], [here.sun])
    ownership.transfer([first], to=here.zhou, reason="区域", **acts(here.chen))
    row = books.execute(here.li, turns, **acts(here.chen))
    assert [each.customer for each in row.rows.all()] == [second]
    assert refusal(lambda: books.execute(here.li, turns, **acts(here.chen))) == [("", "nothing")]


def test_a_thousand_customers_pass_on_and_come_back_in_a_few_statements(here) -> None:
    rows = [Customer(code=str(n), name=str(n), registered_on=TODAY) for n in range(1000)]
    Customer.objects.bulk_create(rows)
    ownership.assign([Newcomer(row, developer=here.li) for row in rows], by=None, at=NOW, on=BEGAN)
    with CaptureQueriesContext(connection) as there:
        row = hand_over(here)
    with CaptureQueriesContext(connection) as back:
        undo(here, row)
    assert (len(there) < 30, len(back) < 30) == (True, True), (len(there), len(back))
    assert held() == {"li": 1000}


# Taking it back


def test_within_a_week_it_is_taken_back_and_what_changed_since_stays(here) -> None:
    kept, signed, first, second = many(here, 4)
    leave(here)
    row = hand_over(here, ["zhou"])
    ownership.transfer([kept], to=here.sun, reason="区域", **acts(here.chen) | {"on": LATER})
    sign(here, signed, terms())
    task = followups.open(first, title="回访", due_on=LATER, **acts(here.zhou))
    undo(here, row)
    assert held() == {"li": 2, "sun": 1, "zhou": 1}
    assert managers(first)[1:] == [
        ("zhou", TODAY, LATER, "HANDOVER"),
        ("li", LATER, None, "TAKE_BACK"),
    ]
    came = dict(HandoverRow.objects.values_list("customer__name", "came_back"))
    assert came == {kept.name: False, signed.name: False, first.name: True, second.name: True}
    task.refresh_from_db()
    assert task.owner == here.li
    told = Event.objects.get(name="handover.undone").data
    assert told == {"from": "李娜", "back": 2, "stayed": 2}
    waiting = Handover.objects.get(state="OPEN")
    assert (waiting.member, waiting.due_on) == (here.li, add_workdays(LATER, 5))


def test_taken_back_on_the_day_itself_no_day_is_lost_or_counted_twice(here) -> None:
    (one,) = many(here, 1)
    undo(here, hand_over(here, ["zhou"]), on=TODAY)
    assert managers(one) == [("li", BEGAN, TODAY, "ASSIGN-03"), ("li", TODAY, None, "TAKE_BACK")]


def test_what_was_taken_back_is_no_takeover_for_the_shares_of_a_deal(here) -> None:
    (one,) = many(here, 1)
    row = hand_over(here, ["zhou"])
    assert [each.to_member_id for each in ownership.takeovers([one.pk])] == [here.zhou.pk]
    undo(here, row)
    assert ownership.takeovers([one.pk]) == []


def test_the_seventh_day_is_inside_and_it_is_taken_back_once(here) -> None:
    many(here, 1)
    row = hand_over(here, ["zhou"])
    assert refusal(lambda: undo(here, row, TODAY + timedelta(8))) == [("", "too_late")]
    assert undo(here, row, TODAY + timedelta(7)).state == "UNDONE"
    assert refusal(lambda: undo(here, row, TODAY + timedelta(7))) == [("", "not_done")]


def test_nothing_goes_back_to_who_has_left(here) -> None:
    many(here, 1)
    row = hand_over(here, ["zhou"])
    leave(here, status="LEFT")
    assert refusal(lambda: undo(here, row)) == [("", "nothing_back")]
    assert held() == {"zhou": 1}


# What nobody reassigns


def test_what_nobody_reassigns_goes_round_robin_in_the_department_after_five_working_days(here) -> None:
    many(here, 7)
    leave(here)
    assert night(date(2026, 11, 27)) == 0
    assert night(date(2026, 11, 28)) == 7
    assert held() == {"chen": 4, "zhou": 3}
    row = Handover.objects.get()
    assert (row.state, row.executed_by, row.executed_on) == ("DONE", None, date(2026, 11, 28))
    assert night(date(2026, 11, 29)) == 0


def test_who_was_imported_as_leaving_is_found_by_the_night(here) -> None:
    many(here, 1)
    Member.objects.filter(code="li").update(status="LEAVING")
    assert (leavers.open_all(TODAY, NOW), leavers.open_all(TODAY, NOW)) == (1, 0)
    assert Handover.objects.get().due_on == date(2026, 11, 27)


def test_where_nobody_else_sells_the_department_above_takes_over(here) -> None:
    one = customer(here, developer=here.wu, on=BEGAN)
    leave(here, "wu")
    night(date(2026, 11, 28))
    one.refresh_from_db()
    assert one.owner == here.chen


def test_customers_with_contracts_stay_with_the_leaver_rather_than_fall_to_nobody(here) -> None:
    one = customer(here, on=BEGAN)
    sign(here, one, terms())
    leave(here)
    Member.objects.exclude(code="li").update(status="LEFT")
    assert night(date(2026, 11, 28)) == 0
    one.refresh_from_db()
    assert (one.owner, one.pool) == (here.li, None)


def test_the_other_company_keeps_its_leaver(here, beihe) -> None:
    many(here, 1)
    with tenant(beihe.tenant.id):
        other = customer(beihe, on=BEGAN)
        leave(beihe)
    leave(here)
    night(date(2026, 11, 28))
    assert refusal(lambda: books.execute(here.li, {other.pk: here.zhou}, **acts(here.chen))) == [
        ("", "nothing")
    ]
    with tenant(beihe.tenant.id):
        other.refresh_from_db()
        assert (other.owner, Handover.objects.get().state) == (beihe.li, "OPEN")
