"""撞单: who may claim what, by when it is ruled and by whom, what the records suggest, what a ruling does."""

from datetime import date, timedelta

import pytest

from crm.accounts import members
from crm.accounts.access import reach
from crm.accounts.models import Member
from crm.events.models import Event
from crm.refusal import Conflict
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import statements
from crm.tests.cast import NOW, TODAY
from customers import interactions, ownership, registry
from customers.disputes import cases, proofs, rulings
from customers.disputes import night as dispute_night
from customers.models import Contract, Customer, DisputeRuling, OwnershipCredit, OwnershipDispute
from customers.pools import clocks, extending
from customers.tests.deals import refusal

pytestmark = pytest.mark.django_db
ACT = {"at": NOW, "on": TODAY}
WEDNESDAY = date(2026, 11, 25)  # three working days after the Friday


def customer(of: Member, name: str = "华信科技有限公司", on: date = TODAY) -> Customer:
    return registry.register(name=name, developer=of, by=of, at=morning.noon(on), on=on)


def claimed(here, one: Customer | None = None, claimant: str = "sun", **given) -> OwnershipDispute:
    """A claim of 孙悦 (华北) to a customer of 李娜 (华东)."""
    about = {"statement": "我去年就在跟", "called": "华信", "claimant": here.people[claimant], **ACT}
    return cases.open_dispute(one or customer(here.li), **about | given)


def ruled(row: OwnershipDispute, outcome: str = "CLAIMANT", **given) -> DisputeRuling:
    row.refresh_from_db()
    about = {"outcome": outcome, "reason": "报备在先", "by": row.judge, **ACT}
    return rulings.rule(row, **about | given)


def appealed(row: OwnershipDispute, by: Member, **given) -> OwnershipDispute:
    return rulings.appeal(row, **{"appeal": "有新证据", "by": by, **ACT} | given)


def second_executive(here) -> Member:
    """Another senior manager, who can hear an appeal against the first."""
    who = {"code": "lin", "name": "林总", "department": here.departments["HQ"], "roles": ["EXECUTIVE"]}
    return members.add(**who, email="lin@yunheng.example", **ACT)


# Opening


def test_a_claim_is_to_be_ruled_in_three_working_days(here) -> None:
    row = claimed(here)
    assert (row.state, row.opened_on, row.due_on) == ("OPEN", TODAY, WEDNESDAY)
    over_the_holiday = claimed(here, customer(here.li, "甬江"), on=date(2026, 9, 30))
    assert over_the_holiday.due_on == date(2026, 10, 10)  # 调休: that Saturday is worked


def test_what_cannot_be_claimed_is_refused(here) -> None:
    one = customer(here.li)
    assert refusal(lambda: claimed(here, one, statement=" ")) == [("statement", "required")]
    assert refusal(lambda: claimed(here, one, called="")) == [("called", "required")]
    assert refusal(lambda: claimed(here, one, claimant="li")) == [("", "own_customer")]
    Customer.objects.filter(pk=one.pk).update(owner=None)
    assert refusal(lambda: claimed(here, one)) == [("", "no_owner")]


def test_a_customer_is_claimed_by_one_at_a_time_and_not_twice_by_the_same(here) -> None:
    one = customer(here.li)
    row = claimed(here, one)
    assert refusal(lambda: claimed(here, one, "zhao")) == [("", "disputed")]
    ruled(row, "RESPONDENT")
    assert OwnershipDispute.objects.get().state == "FINAL"
    assert refusal(lambda: claimed(here, one)) == [("", "settled")]
    assert claimed(here, one, "zhao").state == "OPEN"


def test_a_withdrawn_claim_leaves_the_customer_where_it_is(here) -> None:
    row = claimed(here)
    assert refusal(lambda: cases.withdraw(row, by=here.li, **ACT)) == [("", "no_party")]
    cases.withdraw(row, by=here.sun, **ACT)
    assert OwnershipDispute.objects.get().state == "WITHDRAWN"
    assert Customer.objects.get().owner == here.li
    assert refusal(lambda: ruled(row)) == [("", "not_pending")]


# Who judges


@pytest.mark.parametrize(
    ("claimant", "owner", "judge"),
    [
        ("sun", "li", "gao"),  # two departments: the company is what they have in common
        ("zhou", "li", "chen"),  # colleagues: their head
        ("wu", "li", "chen"),  # a team below the other's department
        ("chen", "li", "gao"),  # the head himself is a side
        ("zhao", "sun", "gao"),
    ],
)
def test_the_lowest_common_superior_judges_who_is_no_side(here, claimant, owner, judge) -> None:
    row = claimed(here, customer(here.people[owner]), claimant)
    assert row.judge == here.people[judge]


def test_nobody_but_the_judge_rules(here) -> None:
    row = claimed(here)
    for person in ("sun", "li", "chen", "zhao", "shen"):
        assert refusal(lambda by=here.people[person]: ruled(row, by=by)) == [("", "not_judge")]
    assert ruled(row).by == here.gao


# Both sides


def test_only_the_two_sides_bring_evidence_and_only_one_of_them_answers(here) -> None:
    row = claimed(here)
    about = {"kind": "CHOICE", "text": "客户来函", **ACT}
    assert cases.bring(row, by=here.sun, **about).side == "CLAIMANT"
    assert cases.bring(row, by=here.li, **about).side == "RESPONDENT"
    assert refusal(lambda: cases.bring(row, by=here.zhao, **about)) == [("", "no_party")]
    tomorrow = about | {"dated_on": TODAY + timedelta(1), "by": here.sun}
    assert refusal(lambda: cases.bring(row, **tomorrow)) == [("dated_on", "in_future")]
    assert refusal(lambda: cases.answer(row, answer="是我的", by=here.sun, **ACT)) == [("", "no_party")]
    assert cases.answer(row, answer="是我的", by=here.li, **ACT).answered_on == TODAY
    assert refusal(lambda: cases.answer(row, answer="再说", by=here.li, **ACT)) == [("", "answered")]


def test_the_judge_and_the_respondent_get_a_follow_up_and_the_claimant_none(here) -> None:
    row = claimed(here)
    todo = {each.owner: (each.due_on, str(each.headline)) for each in row.customer.follow_ups.all()}
    assert todo == {
        here.li: (WEDNESDAY, "Answer the claim of 华北商务部 to this customer"),
        here.gao: (WEDNESDAY, "Rule on the claim of 华北商务部 to this customer"),
    }
    cases.answer(row, answer="是我的", by=here.li, **ACT)
    ruled(row)
    assert {each.state for each in row.customer.follow_ups.all()} == {"DONE"}


# What the records suggest


def suggested(row: OwnershipDispute) -> tuple[str, str | None]:
    found = proofs.propose(row)
    return found.outcome.value, found.by and found.by.value


def touch(one: Customer, who: Member, on: date) -> None:
    about = {"kind": "VISIT", "note": "拜访", "happened_on": on, "member": who, "by": who}
    interactions.log(one, **about, at=morning.noon(on), on=on)


def test_a_contract_outweighs_everything(here) -> None:
    old = TODAY - timedelta(400)
    one = customer(here.sun, on=old)
    ownership.transfer([one], to=here.li, reason="交接", by=here.gao, at=NOW, on=old + timedelta(1))
    touch(one, here.li, TODAY - timedelta(1))
    signed = TODAY - timedelta(60)
    morning.sign(one, "C-1", "100000.00", starts_on=signed, signed_on=signed, shares=[(here.sun, 10_000)])
    Contract.objects.update(signed_by=here.sun)
    assert suggested(claimed(here, one)) == ("CLAIMANT", "CONTRACT")


def test_who_is_protected_keeps_the_customer_until_the_last_day(here) -> None:
    one = customer(here.li, on=TODAY - timedelta(50))
    touch(one, here.li, TODAY - timedelta(30))
    assert suggested(claimed(here, one)) == ("RESPONDENT", "PROTECTION")
    another = customer(here.li, "甬江", on=TODAY - timedelta(50))
    touch(another, here.li, TODAY - timedelta(31))
    assert suggested(claimed(here, another)) == ("SPLIT", None)


def test_days_that_were_granted_protect_too(here) -> None:
    one = customer(here.li, on=TODAY - timedelta(50))
    touch(one, here.li, TODAY - timedelta(31))
    asked = extending.ask(one, reason="客户月底开标", by=here.li, at=NOW, on=TODAY - timedelta(10))
    extending.grant(asked, by=here.chen, at=NOW, on=TODAY - timedelta(9))
    assert suggested(claimed(here, one)) == ("RESPONDENT", "PROTECTION")


def test_without_protection_the_earlier_developer_has_it_if_he_followed_up_within_a_week(here) -> None:
    old = TODAY - timedelta(100)
    one, late = customer(here.sun, on=old), customer(here.sun, "甬江", on=old)
    touch(one, here.sun, old + timedelta(7))
    touch(late, here.sun, old + timedelta(8))
    for each in (one, late):
        ownership.transfer([each], to=here.li, reason="交接", by=here.gao, at=NOW, on=old + timedelta(20))
    assert suggested(claimed(here, one)) == ("CLAIMANT", "REGISTRATION")
    assert suggested(claimed(here, late)) == ("SPLIT", None)


def test_then_the_latest_follow_up_decides_and_one_after_the_opening_does_not(here) -> None:
    one = customer(here.li, on=TODAY - timedelta(100))
    touch(one, here.sun, TODAY - timedelta(3))
    row = claimed(here, one)
    touch(one, here.li, TODAY + timedelta(1))
    assert suggested(row) == ("CLAIMANT", "FOLLOW_UP")


def test_then_the_customers_written_choice_and_else_it_is_halved(here) -> None:
    row = claimed(here, customer(here.li, on=TODAY - timedelta(100)))
    assert suggested(row) == ("SPLIT", None)
    cases.bring(row, kind="CHOICE", text="客户来函", by=here.sun, **ACT)
    assert suggested(row) == ("CLAIMANT", "CHOICE")
    cases.bring(row, kind="CHOICE", text="客户又来函", by=here.li, **ACT)
    assert suggested(row) == ("SPLIT", None)


# What a ruling does


def credits(one: Customer) -> list[tuple[str, str, int]]:
    rows = OwnershipCredit.objects.filter(customer=one, valid_to=None).exclude(role="DEVELOPER")
    return sorted((row.role, row.member.code, row.basis_points) for row in rows)


def test_a_ruling_for_the_claimant_hands_the_customer_over(here) -> None:
    one = customer(here.li, on=TODAY - timedelta(100))
    ruling = ruled(claimed(here, one))
    one.refresh_from_db()
    assert (one.owner, one.responsible_dept) == (here.sun, here.departments["NORTH"])
    credit = OwnershipCredit.objects.get(customer=one, role="MANAGER", valid_to=None)
    assert (credit.rule, credit.reason, credit.decided_by) == ("DISPUTE", "报备在先", here.gao)
    assert credit.inputs["dispute"] == str(ruling.dispute_id)
    assert ruling.proposed["outcome"] == "SPLIT"
    assert Event.objects.get(name="customer.transferred").data["to"] == "孙悦"
    assert ownership.takeovers([one.pk]) == []  # no 50/50 window beside what was ruled


def test_a_ruling_for_the_respondent_changes_nobody(here) -> None:
    one = customer(here.li, on=TODAY - timedelta(100))
    ruled(claimed(here, one), "RESPONDENT")
    assert credits(one) == [("MANAGER", "li", 10_000)]
    assert not Event.objects.filter(name="customer.transferred").exists()


def test_a_division_gives_the_larger_share_the_customer_and_the_other_a_credit(here) -> None:
    one = customer(here.li, on=TODAY - timedelta(100))
    ruled(claimed(here, one), "SPLIT")
    assert credits(one) == [("COLLABORATOR", "sun", 5_000), ("MANAGER", "li", 10_000)]
    two = customer(here.li, "甬江", on=TODAY - timedelta(100))
    ruled(claimed(here, two), "SPLIT", claimant_basis_points=7_000)
    assert credits(two) == [("COLLABORATOR", "li", 3_000), ("MANAGER", "sun", 10_000)]


def test_a_ruling_says_its_outcome_its_reason_and_a_true_share(here) -> None:
    row = claimed(here)
    assert refusal(lambda: ruled(row, "")) == [("outcome", "required")]
    assert refusal(lambda: ruled(row, reason=" ")) == [("reason", "required")]
    for share in (0, 10_000):
        assert refusal(lambda part=share: ruled(row, "SPLIT", claimant_basis_points=part)) == [
            ("claimant_basis_points", "out_of_range")
        ]
    members.edit(here.sun, changes={"status": "LEAVING"}, version=here.sun.version, by=here.an, **ACT)
    assert refusal(lambda: ruled(row)) == [("outcome", "not_active")]


# The appeal


def test_a_ruling_is_appealed_once_to_another_senior_manager_and_then_final(here) -> None:
    one = customer(here.li, on=TODAY - timedelta(100))
    row = claimed(here, one)
    lin = second_executive(here)
    ruled(row)
    row.refresh_from_db()
    assert (row.state, row.appeal_until) == ("RULED", date(2026, 11, 27))
    appealed(row, here.li)
    row.refresh_from_db()
    assert (row.state, row.judge, row.due_on) == ("APPEALED", lin, WEDNESDAY)
    assert refusal(lambda: appealed(row, here.sun)) == [("", "not_ruled")]
    ruling = ruled(row, "RESPONDENT")
    row.refresh_from_db()
    assert (ruling.instance, row.state, row.closed_on) == ("FINAL", "FINAL", TODAY)
    assert credits(one) == [("MANAGER", "li", 10_000)]
    assert refusal(lambda: appealed(row, here.sun)) == [("", "not_ruled")]


def test_after_five_working_days_it_is_too_late_and_the_night_closes_it(here) -> None:
    second_executive(here)
    row = claimed(here)
    ruled(row)
    friday = date(2026, 11, 27)
    assert refusal(lambda: appealed(row, here.li, on=friday + timedelta(1))) == [("", "too_late")]
    assert dispute_night.move_on(friday, NOW) == 0
    assert dispute_night.move_on(friday + timedelta(1), NOW) == 1
    assert dispute_night.move_on(friday + timedelta(2), NOW) == 0
    row.refresh_from_db()
    assert (row.state, row.closed_on) == ("FINAL", friday + timedelta(1))


def test_a_first_ruling_that_nobody_stands_above_is_final(here) -> None:
    row = claimed(here)
    ruled(row)
    row.refresh_from_db()
    assert (row.state, row.appeal_until) == ("FINAL", None)


# The night and the pool


def test_a_ruling_that_is_late_goes_to_a_senior_manager_with_its_follow_up_once(here) -> None:
    row = claimed(here, claimant="zhou")
    assert row.judge == here.chen
    assert dispute_night.move_on(WEDNESDAY, NOW) == 0
    assert dispute_night.move_on(WEDNESDAY + timedelta(1), NOW) == 1
    assert dispute_night.move_on(WEDNESDAY + timedelta(2), NOW) == 0
    row.refresh_from_db()
    assert (row.judge, row.escalated_on) == (here.gao, WEDNESDAY + timedelta(1))
    assert {each.owner for each in row.customer.follow_ups.all()} == {here.li, here.gao}
    assert Event.objects.get(name="ownership_dispute.escalated").data["from"] == "陈静"


def test_a_night_asks_as_many_statements_for_five_as_for_one(here) -> None:
    asked = []
    for night, number in ((TODAY, 1), (TODAY + timedelta(30), 5)):
        for place in range(number):
            claimed(here, customer(here.li, f"客户 {number}-{place}"), "zhou", on=night)
        with statements() as found:
            assert dispute_night.move_on(night + timedelta(20), NOW) == number
        asked.append(len(found))
    assert asked[0] == asked[1]


def test_the_night_of_one_company_leaves_the_others_disputes(here, beihe) -> None:
    with tenant(beihe.tenant.id):
        theirs = claimed(beihe)
    claimed(here)
    assert dispute_night.move_on(WEDNESDAY + timedelta(1), NOW) == 1
    with tenant(beihe.tenant.id):
        assert OwnershipDispute.objects.get(pk=theirs.pk).escalated_on is None


def test_a_disputed_customer_is_kept_from_the_pool_until_it_is_final(here) -> None:
    second_executive(here)
    one = customer(here.li, on=TODAY - timedelta(80))
    row = claimed(here, one)
    rows = Customer.objects.filter(pk=one.pk)
    assert clocks.of(rows, TODAY)[0].shield == "open_dispute"
    assert clocks.release_due(TODAY, NOW) == 0
    ruled(row, "RESPONDENT")
    assert clocks.of(rows, TODAY)[0].shield == "open_dispute"
    dispute_night.move_on(TODAY + timedelta(20), NOW)
    assert clocks.of(rows, TODAY)[0].shield == ""


# Who sees it


def test_the_sides_the_judge_and_those_above_them_reach_a_dispute(here, beihe) -> None:
    row = claimed(here)
    seen = {
        name
        for name in here.people
        if reach(here.viewer(name), OwnershipDispute.objects.filter(pk=row.pk)).exists()
    }
    assert seen >= {"sun", "zhao", "li", "chen", "gao", "shen"}
    assert seen & {"zhou", "wu", "wang"} == set()
    with tenant(beihe.tenant.id):
        assert not OwnershipDispute.objects.exists()


def test_a_dispute_of_which_somebody_has_an_old_version_is_not_ruled(here) -> None:
    row = claimed(here)
    cases.answer(row, answer="是我的", by=here.li, **ACT)
    with pytest.raises(Conflict):
        ruled(row, version=1)
