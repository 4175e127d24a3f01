"""A month from its entries to its close: what it pays, who does which step, and what never changes again."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from commissions import accrual, closing, posting, settlement
from commissions.models import LedgerEntry, Period, Plan, PlanAssignment, PlanVersion, Statement
from commissions.models.period import State
from commissions.tests import months
from commissions.tests.months import bring, contract, earned, figures, ledger, period, refund, statement, step
from crm.events.models import Event
from crm.refusal import Conflict, Refused
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import statements
from customers import cash

pytestmark = pytest.mark.django_db
JAN, FEB, MAR, APR = (date(2025, number, 10) for number in (1, 2, 3, 4))
AFTER = {"2025-01": date(2025, 2, 8), "2025-02": date(2025, 3, 6), "2025-03": date(2025, 4, 5)}


def refused(act) -> list[str]:
    with pytest.raises(Refused) as caught, transaction.atomic():
        act()
    return [fault.code for fault in caught.value.faults]


# Worked examples of domain.md §2.9


def test_what_a_clawback_takes_beyond_the_month_is_carried_and_taken_from_the_next(here) -> None:
    """No. 37."""
    first = earned(here, "A", "40000.00", JAN)
    bring(here, "2025-01", AFTER["2025-01"])
    earned(here, "B", "25000.00", FEB)
    refund(here, first, "B-1", "40000.00", FEB)
    bring(here, "2025-02", AFTER["2025-02"])
    earned(here, "C", "30000.00", MAR)
    bring(here, "2025-03", AFTER["2025-03"])
    assert figures(statement(here, "2025-01")) == ("0.00", {"EARNED": "4000.00"}, "4000.00", "0.00")
    kinds = {"CLAWBACK": "-4000.00", "EARNED": "2500.00"}
    assert figures(statement(here, "2025-02")) == ("0.00", kinds, "0.00", "-1500.00")
    assert figures(statement(here, "2025-03")) == ("-1500.00", {"EARNED": "3000.00"}, "1500.00", "0.00")


def test_what_a_contract_cap_takes_off_stands_beside_what_was_earned(here) -> None:
    """No. 38."""
    months.settings(caps=[{"scope": "CONTRACT", "amount": "50000.00"}])
    signed = months.contract(here, "A", "2000000.00", JAN)
    cash.book_expense(
        signed,
        number="E-1",
        category="TRAVEL",
        amount=Decimal("200000.00"),
        incurred_on=JAN,
        by=here.people["chen"],
        at=morning.noon(JAN),
        on=JAN,
    )
    morning.receive(signed, "2000000.00", JAN)
    bring(here, "2025-01", AFTER["2025-01"], to="calculate")
    kinds = {"CAP": "-40000.00", "EARNED": "90000.00"}
    assert figures(statement(here, "2025-01")) == ("0.00", kinds, "50000.00", "0.00")
    ops = Statement.objects.get(department=here.departments["OPS"])
    assert figures(ops) == ("0.00", {"EARNED": "36000.00"}, "36000.00", "0.00")


def test_a_recoverable_guarantee_is_filled_up_and_recovered_from_above_it(here) -> None:
    """No. 39."""
    months.settings(floor={"amount": "3000.00", "recoverable": True})
    earned(here, "A", "12000.00", JAN)
    bring(here, "2025-01", AFTER["2025-01"])
    earned(here, "B", "50000.00", FEB)
    bring(here, "2025-02", AFTER["2025-02"])
    first, second = statement(here, "2025-01"), statement(here, "2025-02")
    assert figures(first) == ("0.00", {"EARNED": "1200.00", "FLOOR": "1800.00"}, "3000.00", "0.00")
    assert figures(second) == ("0.00", {"EARNED": "5000.00", "RECOVER": "-1800.00"}, "3200.00", "0.00")
    assert (first.draw_due, second.draw_due) == (Decimal("1800.00"), Decimal("0.00"))


@pytest.mark.parametrize(
    ("recoverable", "due", "second"), [(True, "1800.00", "3200.00"), (False, "0.00", "5000.00")]
)
def test_a_draw_is_a_floor_that_is_recovered_and_no_kind_of_its_own(
    here, recoverable: bool, due: str, second: str
) -> None:
    """No. 39, and the same with a guarantee that is not taken back (decision 022)."""
    months.settings(floor={"amount": "3000.00", "recoverable": recoverable})
    earned(here, "A", "12000.00", JAN)
    bring(here, "2025-01", AFTER["2025-01"])
    earned(here, "B", "50000.00", FEB)
    bring(here, "2025-02", AFTER["2025-02"])
    assert str(statement(here, "2025-01").draw_due) == due
    assert str(statement(here, "2025-02").payable) == second
    rows = LedgerEntry.objects.filter(member=here.li, contract=None).order_by("posting_period", "kind")
    posted = [("FLOOR", "1800.00")] + ([("RECOVER", "-1800.00")] if recoverable else [])
    assert [(kind, str(amount)) for kind, amount in rows.values_list("kind", "amount")] == posted


def test_a_refund_that_is_entered_after_the_close_posts_in_the_open_month(here) -> None:
    """No. 45."""
    signed = earned(here, "A", "40000.00", MAR)
    bring(here, "2025-03", date(2025, 4, 5))
    before = ledger("2025-03")
    refund(here, signed, "B-1", "40000.00", date(2025, 3, 28), entered=date(2025, 4, 6))
    row = LedgerEntry.objects.get(kind="CLAWBACK", member=here.people["li"])
    assert (row.effective_date, row.posting_period) == (date(2025, 3, 28), "2025-04")
    assert row.amount == Decimal("-4000.00")
    assert ledger("2025-03") == before


# What a shut month keeps


def test_on_the_day_of_the_approval_what_comes_after_it_belongs_to_the_next_month(here) -> None:
    signed = earned(here, "A", "40000.00", MAR)
    on = date(2025, 4, 7)
    bring(here, "2025-03", on, to="approve")
    before = ledger("2025-03")
    refund(here, signed, "B-1", "10000.00", date(2025, 3, 31), entered=on)
    assert ledger("2025-03") == before
    assert LedgerEntry.objects.get(kind="CLAWBACK", member=here.people["li"]).posting_period == "2025-04"


def test_a_late_expense_and_its_correction_leave_the_closed_month_as_it_was(here) -> None:
    signed = earned(here, "A", "40000.00", MAR)
    bring(here, "2025-03", AFTER["2025-03"])
    before, paid = ledger("2025-03"), figures(statement(here, "2025-03"))
    on = date(2025, 4, 20)
    cash.book_expense(
        signed,
        number="E-1",
        category="TRAVEL",
        amount=Decimal("10000.00"),
        incurred_on=date(2025, 3, 20),
        by=here.people["chen"],
        at=morning.noon(on),
        on=on,
    )
    months.settings(renewal_window_days=90, deductible_expenses=["CHANNEL_FEE"])  # the plan is corrected
    accrual.accrue([signed.pk], on=date(2025, 4, 21), at=morning.noon(date(2025, 4, 21)))
    rows = LedgerEntry.objects.filter(source_event="expense:E-1", member=here.people["li"]).order_by("round")
    assert [(row.posting_period, row.amount) for row in rows] == [
        ("2025-04", Decimal("-1000.00")),
        ("2025-04", Decimal("1000.00")),
    ]
    assert (ledger("2025-03"), figures(statement(here, "2025-03"))) == (before, paid)


def test_what_is_taken_back_of_a_closed_month_is_taken_back_in_the_open_one(here) -> None:
    """A plan that is corrected to pay by signature no longer knows the receipt: that row is taken back."""
    signed = earned(here, "A", "40000.00", MAR)
    bring(here, "2025-03", AFTER["2025-03"])
    before = ledger("2025-03")
    months.settings(basis="SIGNED")
    accrual.accrue([signed.pk], on=date(2025, 3, 31), at=morning.noon(date(2025, 4, 9)))
    assert ledger("2025-03") == before
    rows = LedgerEntry.objects.filter(member=here.people["li"], posting_period="2025-04")
    assert sorted(rows.values_list("source_event", "amount")) == [
        ("@signed", Decimal("4000.00")),
        ("cash:R-A", Decimal("-4000.00")),
    ]


def test_every_row_of_a_month_sums_to_what_it_pays(here) -> None:
    months.settings(floor={"amount": "3000.00", "recoverable": True}, min_payout="200.00")
    first = earned(here, "A", "40000.00", JAN)
    bring(here, "2025-01", AFTER["2025-01"])
    refund(here, first, "B-1", "40000.00", FEB)
    earned(here, "B", "10000.00", FEB, shares=(("zhou", 10_000),))
    bring(here, "2025-02", AFTER["2025-02"])
    for row in Statement.objects.select_related("period"):
        payee = {"member": row.member_id, "department": row.department_id}
        rows = LedgerEntry.objects.filter(**payee, posting_period=row.period.month)
        assert sum(each.amount for each in rows) == row.payable
        assert sum(map(Decimal, row.by_kind.values())) == row.posted
        assert row.opening_carry + row.posted == row.payable + row.closing_carry


def test_the_carry_stands_in_the_ledger_as_what_goes_out_and_comes_in(here) -> None:
    first = earned(here, "A", "40000.00", JAN)
    bring(here, "2025-01", AFTER["2025-01"])
    refund(here, first, "B-1", "10000.00", FEB)
    bring(here, "2025-02", AFTER["2025-02"])
    earned(here, "B", "30000.00", MAR)
    bring(here, "2025-03", AFTER["2025-03"])
    rows = LedgerEntry.objects.filter(kind="CARRY", member=here.people["li"]).order_by("posting_period")
    assert list(rows.values_list("posting_period", "source_event", "amount")) == [
        ("2025-02", "@closing:2025-02", Decimal("1000.00")),
        ("2025-03", "@opening:2025-03", Decimal("-1000.00")),
    ]


def test_settling_asks_as_often_for_one_payee_as_for_many(here) -> None:
    def asked(month: str) -> int:
        with statements() as sql:
            settlement.settle_month(period(month), at=morning.noon(AFTER[month]))
        return len(sql)

    earned(here, "A", "40000.00", JAN)
    one = asked("2025-01")
    bring(here, "2025-01", AFTER["2025-01"])
    for number, person in enumerate(("li", "zhou", "wu", "chen", "sun", "zhao")):
        earned(here, f"B-{number}", "40000.00", FEB, shares=((person, 10_000),))
    assert Statement.objects.count() == 2
    assert asked("2025-02") <= one + 1  # what the month before left is read once it is there
    assert Statement.objects.count() == 2 + 7


# Calculating again


def test_calculating_again_posts_nothing_when_nothing_came(here) -> None:
    months.settings(floor={"amount": "3000.00", "recoverable": True})
    earned(here, "A", "12000.00", JAN)
    bring(here, "2025-01", AFTER["2025-01"], to="calculate")
    before, row = ledger("2025-01"), statement(here, "2025-01")
    step(here, "calculate", "tian", "2025-01", AFTER["2025-01"])
    assert (ledger("2025-01"), statement(here, "2025-01").pk) == (before, row.pk)


def test_calculating_again_posts_the_difference_and_takes_reviews_away(here) -> None:
    months.settings(floor={"amount": "3000.00", "recoverable": True})
    earned(here, "A", "12000.00", JAN)
    bring(here, "2025-01", AFTER["2025-01"], to="review")
    later = date(2025, 2, 9)
    second = months.contract(here, "B", "10000.00", JAN)
    cash.receive(
        second,
        number="R-B",
        amount=Decimal("10000.00"),
        received_on=date(2025, 1, 30),
        by=here.people["qian"],
        at=morning.noon(later),
        on=later,
    )
    assert refused(lambda: step(here, "approve", "gao", "2025-01", later)) == ["stale"]
    step(here, "calculate", "tian", "2025-01", later)
    assert (period("2025-01").state, period("2025-01").reviews.count()) == (State.CALCULATED, 0)
    rows = LedgerEntry.objects.filter(kind="FLOOR", member=here.people["li"]).order_by("round")
    assert list(rows.values_list("amount", flat=True)) == [Decimal("1800.00"), Decimal("-1000.00")]
    kinds = {"EARNED": "2200.00", "FLOOR": "800.00"}
    assert figures(statement(here, "2025-01")) == ("0.00", kinds, "3000.00", "0.00")


def test_calculating_works_out_what_is_outstanding_first(here) -> None:
    signed = earned(here, "A", "40000.00", JAN)
    months.settings(deductible_expenses=["TRAVEL"])
    cash.ContractExpense.objects.create(
        contract=signed,
        number="E-1",
        category="TRAVEL",
        amount=Decimal("10000.00"),
        incurred_on=date(2025, 1, 20),
        entered_on=date(2025, 1, 20),
        contract_year=1,
    )
    assert signed.pk in accrual.outstanding(AFTER["2025-01"])
    bring(here, "2025-01", AFTER["2025-01"], to="calculate")
    kinds = {"ADJUSTMENT": "-1000.00", "EARNED": "4000.00"}
    assert figures(statement(here, "2025-01")) == ("0.00", kinds, "3000.00", "0.00")


def test_who_has_left_is_guaranteed_nothing_and_his_draw_is_recovered(here) -> None:
    months.settings(floor={"amount": "3000.00", "recoverable": True})
    first = earned(here, "A", "12000.00", JAN)
    bring(here, "2025-01", AFTER["2025-01"])
    li = here.people["li"]
    type(li).objects.filter(pk=li.pk).update(status="LEFT")
    posting.open_until(FEB)
    bring(here, "2025-02", AFTER["2025-02"])
    assert figures(statement(here, "2025-02")) == ("0.00", {}, "0.00", "0.00")
    assert statement(here, "2025-02").draw_due == Decimal("1800.00")
    later = earned(here, "B", "10000.00", MAR)
    assert first.pk != later.pk
    bring(here, "2025-03", AFTER["2025-03"])
    kinds = {"EARNED": "1000.00", "RECOVER": "-1000.00"}
    assert figures(statement(here, "2025-03")) == ("0.00", kinds, "0.00", "0.00")


# Whether anything came since the calculation


def is_stale(month: str = "2025-01") -> bool:
    return settlement.is_stale(period(month))


def calculated(company) -> None:
    earned(company, "A", "12000.00", JAN)
    bring(company, "2025-01", AFTER["2025-01"], to="calculate")


def test_as_long_as_nothing_came_one_question_tells_it(here) -> None:
    calculated(here)
    row = period("2025-01")
    with statements() as asked:
        assert not settlement.is_stale(row)
    assert [sql.split()[0] for sql in asked if not sql.startswith("SET")] == ["SELECT"]


def test_an_entry_that_came_makes_the_month_stale(here) -> None:
    calculated(here)
    earned(here, "B", "10000.00", date(2025, 1, 20))
    assert is_stale()


def test_a_plan_that_is_written_otherwise_makes_it_stale_where_it_changes_what_is_paid(here) -> None:
    calculated(here)
    months.settings(year_decay=["1.000000"])
    assert not is_stale()
    months.settings(min_payout="5000.00")
    assert is_stale()


def test_a_plan_of_a_payees_own_makes_it_stale(here) -> None:
    calculated(here)
    like = PlanVersion.objects.get()
    plan = Plan.objects.create(code="LI", name="LI")
    settings = {**like.settings, "floor": {"amount": "3000.00", "recoverable": True}}
    PlanVersion.objects.create(
        plan=plan, code="1", valid_from=date(2025, 1, 1), settings=settings, state="APPROVED"
    )
    assert not is_stale()
    PlanAssignment.objects.create(plan=plan, member=here.li, valid_from=date(2025, 1, 1))
    assert is_stale()


def test_a_payee_who_moved_is_reviewed_elsewhere_so_it_is_stale(here) -> None:
    calculated(here)
    type(here.li).objects.filter(pk=here.sun.pk).update(department=here.departments["EAST"])
    assert not is_stale()
    type(here.li).objects.filter(pk=here.li.pk).update(department=here.departments["NORTH"])
    assert is_stale()


def test_one_more_whom_a_guarantee_covers_makes_it_stale_though_he_has_no_entry(here) -> None:
    months.settings(floor={"amount": "3000.00", "recoverable": True})
    calculated(here)
    assert not is_stale()
    contract(here, "B", "50000.00", date(2025, 1, 20), shares=[("sun", 10_000)])
    assert is_stale()


def test_who_left_in_the_month_makes_it_stale_where_there_is_a_guarantee(here) -> None:
    months.settings(floor={"amount": "3000.00", "recoverable": True})
    calculated(here)
    type(here.li).objects.filter(pk=here.li.pk).update(status="LEFT")
    assert is_stale()


# The order of the steps


def test_no_step_is_skipped_or_done_twice(here) -> None:
    earned(here, "A", "40000.00", JAN)
    on, who = AFTER["2025-01"], {"calculate": "tian", "review": "gao", "approve": "gao"}
    who |= {"pay_out": "qian", "close": "qian"}
    for done in range(len(who) + 1):
        for act in list(who)[done + 1 :]:
            assert refused(lambda act=act: step(here, act, who[act], "2025-01", on)) == ["wrong_state"]
        if done < len(who):
            step(here, list(who)[done], who[list(who)[done]], "2025-01", on)
    assert period("2025-01").state == State.CLOSED
    for act, person in who.items():
        assert refused(lambda act=act, person=person: step(here, act, person, "2025-01", on)) == [
            "wrong_state"
        ]


def test_a_month_is_calculated_when_it_is_over_and_the_one_before_is_approved(here) -> None:
    earned(here, "A", "40000.00", JAN)
    earned(here, "B", "40000.00", FEB)
    last = date(2025, 1, 31)
    assert refused(lambda: step(here, "calculate", "tian", "2025-01", last)) == ["not_over"]
    on = AFTER["2025-02"]
    assert refused(lambda: step(here, "calculate", "tian", "2025-02", on)) == ["previous_open"]
    bring(here, "2025-01", on, to="approve")
    bring(here, "2025-02", on, to="pay_out")
    assert refused(lambda: step(here, "close", "qian", "2025-02", on)) == ["previous_open"]


def test_three_people_calculate_approve_and_pay(here) -> None:
    earned(here, "A", "40000.00", JAN)
    on = AFTER["2025-01"]
    step(here, "calculate", "qian", "2025-01", on)
    step(here, "review", "gao", "2025-01", on)
    assert refused(lambda: step(here, "approve", "qian", "2025-01", on)) == ["same_person"]
    step(here, "approve", "gao", "2025-01", on)
    assert refused(lambda: step(here, "pay_out", "qian", "2025-01", on)) == ["same_person"]
    assert refused(lambda: step(here, "pay_out", "gao", "2025-01", on)) == ["same_person"]
    step(here, "pay_out", "tian", "2025-01", on)


def test_nobody_approves_a_month_that_pays_him(here) -> None:
    earned(here, "A", "40000.00", JAN, shares=(("li", 9_000), ("gao", 1_000)))
    on = AFTER["2025-01"]
    step(here, "calculate", "tian", "2025-01", on)
    step(here, "review", "gao", "2025-01", on)
    assert period("2025-01").state == State.CALCULATED  # nobody has looked through his own yet
    months.step(here, "review", "qian", "2025-01", on)
    assert period("2025-01").state == State.REVIEWED
    assert refused(lambda: step(here, "approve", "gao", "2025-01", on)) == ["own_pay"]
    step(here, "approve", "qian", "2025-01", on)


def test_a_head_reviews_his_own_people_and_not_himself(here) -> None:
    earned(here, "A", "40000.00", JAN, shares=(("li", 9_000), ("chen", 1_000)))
    on = AFTER["2025-01"]
    step(here, "calculate", "tian", "2025-01", on)
    assert refused(lambda: step(here, "review", "zhao", "2025-01", on)) == ["nothing_to_review"]
    step(here, "review", "chen", "2025-01", on)
    left = {(row.member or row.department).name for row in closing.unreviewed(period("2025-01"))}
    assert left == {"陈静", "运维部"}
    assert refused(lambda: step(here, "review", "chen", "2025-01", on)) == ["nothing_to_review"]
    assert step(here, "review", "gao", "2025-01", on).state == State.REVIEWED


def test_a_month_without_anybody_to_pay_needs_no_review(here) -> None:
    earned(here, "A", "40000.00", JAN)
    earned(here, "B", "40000.00", MAR)
    bring(here, "2025-01", AFTER["2025-01"])
    assert bring(here, "2025-02", AFTER["2025-02"]).state == State.CLOSED
    assert not Statement.objects.filter(period__month="2025-02").exists()
    bring(here, "2025-03", AFTER["2025-03"])


def test_each_step_is_told_with_who_and_when_and_without_amounts(here) -> None:
    earned(here, "A", "40000.00", JAN)
    on = AFTER["2025-01"]
    bring(here, "2025-01", on)
    rows = Event.objects.filter(name__startswith="period.").order_by("id")
    assert [(row.name, row.actor_name, row.on) for row in rows] == [
        ("period.calculated", "田蓉", on),
        ("period.reviewed", "陈静", on),
        ("period.reviewed", "高远", on),
        ("period.approved", "高远", on),
        ("period.paid", "钱敏", on),
        ("period.closed", "钱敏", on),
    ]
    told = Event.objects.get(name="statement.published", data__member=str(here.people["li"].pk))
    assert told.data == {"month": "2025-01", "member": str(here.people["li"].pk)}
    assert statement(here, "2025-01").published_at == morning.noon(on)


# Where it is refused


def test_no_entry_enters_a_shut_month_whatever_it_says(here) -> None:
    earned(here, "A", "40000.00", JAN)
    bring(here, "2025-01", AFTER["2025-01"])
    row = LedgerEntry.objects.filter(member=here.people["li"]).get()
    before = ledger("2025-01")
    copy = {f.attname: getattr(row, f.attname) for f in LedgerEntry._meta.concrete_fields}
    del copy["id"], copy["tenant_id"]
    posting.hold(JAN).post([LedgerEntry(**copy | {"round": 7})])
    assert ledger("2025-01") == before
    assert LedgerEntry.objects.get(round=7).posting_period == "2025-02"


def test_the_database_refuses_a_statement_that_does_not_add_up(here) -> None:
    earned(here, "A", "40000.00", JAN)
    bring(here, "2025-01", AFTER["2025-01"], to="calculate")
    with pytest.raises(IntegrityError), transaction.atomic():
        Statement.objects.filter(member=here.people["li"]).update(payable=1)


def test_months_are_without_a_hole(here) -> None:
    earned(here, "A", "40000.00", JAN)
    earned(here, "B", "40000.00", APR)
    assert sorted(Period.objects.values_list("month", flat=True)) == [
        f"2025-{number:02d}" for number in range(1, 5)
    ]


def test_the_night_opens_its_month_and_those_of_entries_from_before_there_were_months(here) -> None:
    earned(here, "A", "40000.00", JAN)
    Period.objects.all().delete()
    accrual.accrue_due(MAR, morning.noon(MAR))
    found = Period.objects.order_by("month").values_list("month", "state")
    assert list(found) == [(f"2025-{number:02d}", "OPEN") for number in range(1, 4)]


def test_the_deadlines_are_working_days(here) -> None:
    earned(here, "A", "40000.00", date(2025, 9, 10))
    row = period("2025-09")  # 1 to 8 October 2025 are holidays
    assert row.calculate_by == date(2025, 10, 13)
    assert (row.publish_by, row.pay_by) == (date(2025, 10, 10), date(2025, 10, 20))


def test_the_other_companys_months_are_not_touched(here, beihe) -> None:
    with tenant(beihe.tenant.id):
        earned(beihe, "A", "40000.00", JAN)
    earned(here, "A", "40000.00", JAN)
    bring(here, "2025-01", AFTER["2025-01"])
    with tenant(beihe.tenant.id):
        assert period("2025-01").state == State.OPEN
        assert not Statement.objects.exists()
        with pytest.raises(Conflict):
            step(beihe, "review", "gao", "2025-01", AFTER["2025-01"])


# Plans of persons


def test_each_payee_is_settled_by_his_own_plan_and_others_by_their_departments(here) -> None:
    plan = Plan.objects.create(code="SAFE", name="保底方案")
    guaranteed = {"currency": "CNY", "floor": {"amount": "3000.00", "recoverable": False}}
    PlanVersion.objects.create(plan=plan, code="1", valid_from=JAN, settings=guaranteed, state="APPROVED")
    PlanAssignment.objects.create(plan=plan, member=here.li, valid_from=JAN)
    earned(here, "A", "12000.00", JAN)
    earned(here, "B", "10000.00", JAN, shares=(("zhou", 10_000),))
    contract(here, "C", "10000.00", JAN, shares=(("sun", 10_000),))
    bring(here, "2025-01", AFTER["2025-01"])
    mine, other = statement(here, "2025-01", "li"), statement(here, "2025-01", "zhou")
    assert figures(mine) == ("0.00", {"EARNED": "1200.00", "FLOOR": "1800.00"}, "3000.00", "0.00")
    assert figures(other) == ("0.00", {"EARNED": "1000.00"}, "1000.00", "0.00")
    assert (mine.plan_version.plan.code, other.plan_version.plan.code) == ("SAFE", "DEFAULT")
    assert not Statement.objects.filter(member=here.sun).exists()  # nothing came and nobody guarantees it
