"""Worked figures of the demo: each number redone by hand in its comment, and all sums."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.db import transaction

from commissions.models import Entitlement, LedgerEntry, Period
from crm.accounts.models import Member
from crm.demo import tenants
from crm.demo.huaxin import play
from crm.demo.tests import truths
from crm.tenancy.context import tenant
from customers import credit_codes
from customers.models import Contact, Customer, OwnershipCredit, Standing
from lifecycle.models import FollowUp, Neglect, RiskScore
from tiers import strategies
from tiers.models import ReviewLine

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TODAY = date(2026, 11, 20)


@pytest.fixture(scope="module", autouse=True)
def huaxin(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The company, made once for all tests here and taken back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        company = tenants.huaxin(on=TODAY, at=play.moment(TODAY), scale=1)
        with tenant(company.id):
            yield
        transaction.set_rollback(True)


def standing(name: str) -> Standing:
    return Standing.objects.get(customer__name=name)


def lines(number: str, component: str) -> list[tuple[str, str, Decimal]]:
    """Kind, payee and amount of what a contract has posted, in the order of the cash."""
    rows = LedgerEntry.objects.filter(contract__number=number, component=component)
    told = rows.select_related("member", "department").order_by("effective_date", "kind", "member__code")
    return [(row.kind, (row.member or row.department).code, row.amount) for row in told]


def points(name: str) -> dict[str, int]:
    """The points of the signals that are known, as the latest score has them."""
    told = RiskScore.objects.filter(customer__name=name).latest("id").signals
    return {each["signal"]: each["points"] for each in told if each["points"] is not None}


def test_a_renewal_that_two_share_is_released_with_each_instalment() -> None:
    name = "上海华信精密仪器有限公司"
    found = standing(name)
    # One contract in force: 620,000 × 1.05.
    assert (found.tier, found.annual_amount) == ("KEY", Decimal("651000.00"))
    # 651,000 ÷ 1.06 − 6,510 travel = 607,640.94; q = 651,000 ÷ 638,600 = 1.0194 → 0.50; × 6 % = 18,229.23.
    shares = Entitlement.objects.filter(contract__number="HT-2026-0002", member__isnull=False)
    assert {row.member.code: row.amount for row in shares} == {
        "li": Decimal("12760.46"),
        "zhou": Decimal("5468.77"),
    }
    # A quarter with each of four instalments in time; the odd 分 fall where the sum needs them.
    assert lines("HT-2026-0002", "RENEWAL") == [
        ("EARNED", "li", Decimal("3190.12")),
        ("EARNED", "zhou", Decimal("1367.19")),
        ("EARNED", "li", Decimal("3190.11")),
        ("EARNED", "zhou", Decimal("1367.20")),
        ("EARNED", "li", Decimal("3190.12")),
        ("EARNED", "zhou", Decimal("1367.19")),
        ("EARNED", "li", Decimal("3190.11")),
        ("EARNED", "zhou", Decimal("1367.19")),
    ]
    assert set(points(name).values()) == {0}
    assert found.risk_band == "GREEN"


def test_late_cash_forfeits_a_part_of_each_release() -> None:
    name = "苏州凯斯勒传动技术有限公司"
    found = standing(name)
    # 1,265,000 × 1.04; the contract before, 1,265,000 × 1.02 = 1,290,300, has ended.
    assert (found.tier, found.annual_amount) == ("COMPANY", Decimal("1315600.00"))
    # 1,290,300 ÷ 1.06 − 12,903 = 1,204,361.32; q = 1.02 → 0.50; × 5 % = 30,109.03, a quarter 7,527.26.
    # Each instalment came 31 to 90 days late or more: so much of it is forfeited.
    posted = lines("HT-2025-0006", "RENEWAL")
    released = sum(amount for kind, _who, amount in posted if kind == "EARNED")
    forfeited = sum(amount for kind, _who, amount in posted if kind == "FORFEIT")
    assert released + forfeited == Decimal("30109.03")
    assert ("FORFEIT", "li", Decimal("1505.45")) in posted  # 20 % of 7,527.26
    assert ("EARNED", "li", Decimal("6021.81")) in posted  # the rest
    assert points(name) == {"interaction": 0, "payment": 60, "shrink": 0}
    # (15 × 0 + 15 × 60 + 10 × 0) ÷ 40 = 22.5
    assert (found.risk_score, found.risk_band) == (23, "GREEN")


def test_who_leaves_is_red_for_silence_debt_and_a_renewal_for_half() -> None:
    name = "无锡铭阳半导体材料有限公司"
    found = standing(name)
    assert (found.tier, found.annual_amount) == ("MAJOR", Decimal("478100.00"))  # 996,000 × 0.48
    # 478,100 ÷ 1.06 − 4,781 = 446,256.74; q = 0.5 → 0.30; rate of the higher class 6 % → 8,032.62; one
    # instalment of four came, and nothing after it.
    assert lines("HT-2025-0003", "RENEWAL") == [("EARNED", "suny", Decimal("2008.16"))]
    # (15 × 100 + 15 × 100 + 10 × 60) ÷ 40 = 90
    assert points(name) == {"interaction": 100, "payment": 100, "shrink": 60}
    assert (found.risk_score, found.risk_band) == (90, "RED")
    assert found.risk_reasons == ["interaction", "payment", "shrink"]
    todo = FollowUp.objects.get(customer=found.customer, state=FollowUp.State.OPEN, kind=FollowUp.Kind.RISK)
    assert todo.owner == found.customer.owner == Member.objects.get(code="suny")


def test_who_uses_less_and_is_silent_is_amber_for_other_reasons() -> None:
    found = standing("常州润泽新能源科技有限公司")
    told = points("常州润泽新能源科技有限公司")
    # (15 × 100 + 15 × 0 + 10 × 0 + 10 × 100) ÷ 50 = 50
    assert told == {"interaction": 100, "payment": 0, "shrink": 0, "usage": 100}
    assert (found.risk_score, found.risk_band, found.risk_reasons) == (50, "AMBER", ["interaction", "usage"])


def test_every_annual_amount_is_the_sum_of_the_years_in_force() -> None:
    truths.annual_amounts_are_sums(TODAY)


def test_every_page_has_something_true_to_show() -> None:
    truths.pages_have_something_to_show(TODAY)


def test_customers_are_attended_to() -> None:
    truths.customers_are_attended_to(TODAY)


def test_one_line_was_corrected_and_one_is_disputed() -> None:
    truths.one_line_was_corrected_and_one_is_disputed(TODAY)


def test_one_evaluation_is_signed_and_one_runs() -> None:
    truths.one_evaluation_is_signed_and_one_runs(TODAY)


def test_each_missed_follow_up_was_told_on_the_night_of_its_rung() -> None:
    """Due on the 16th, 14th and 11th of November: told 3, 5 and 7 days later."""
    told = {row.customer.name: row for row in Neglect.objects.select_related("customer")}
    day = partial(date, 2026, 11)
    found = {
        name: (row.missed_on, row.owner_told_on, row.head_told_on, row.flagged_on)
        for name, row in told.items()
        if name in truths.MISSED
    }
    assert found == {
        "绍兴越瓷文化传播有限公司": (day(16), day(19), None, None),
        "蚌埠玻璃新材料研究院": (day(14), day(17), day(19), None),
        "长沙岳麓医疗器械有限公司": (day(11), day(14), day(16), day(18)),
    }


def test_a_contact_is_due_by_the_most_specific_strategy() -> None:
    """KEY in a chosen industry 15 days, also when its contract ends; MAJOR whose contract ends 14."""
    rows = {
        name: Customer.objects.select_related("standing").get(name=name)
        for name in ("杭州云栖数据中心运营有限公司", "上海华信精密仪器有限公司", "无锡铭阳半导体材料有限公司")
    }
    found = {name: strategies.of(row, TODAY) for name, row in rows.items()}
    told = [(each.strategy.service_level, each.strategy.rhythm_days) for each in found.values() if each]
    assert told == [("行业重点服务", 15), ("行业重点服务", 15), ("续签跟进", 14)]
    for name, each in found.items():
        assert each is not None and each.since is not None
        assert each.due_on == each.since + timedelta(each.strategy.rhythm_days)
        assert rows[name].standing.contact_due_on == each.due_on


def test_what_the_evaluation_agreed_on_holds_whatever_the_amount_says() -> None:
    found = standing("嘉兴联创电子股份有限公司")
    assert (found.tier, found.annual_amount) == ("KEY", Decimal("333900.00"))  # 318,000 × 1.05
    refused = ReviewLine.objects.get(verdict="UP", is_agreed=False)
    assert (refused.customer.name, refused.confirmed_by.code) == ("南京金陵医疗影像中心", "chen")


def test_everybody_known_has_a_person_with_a_phone_and_a_code_whose_check_holds() -> None:
    customers = Customer.objects.values_list("credit_code", flat=True)
    assert all(credit_codes.check_holds(code) for code in customers)
    assert set(Contact.objects.exclude(phone="").values_list("customer", flat=True)) == set(
        Customer.objects.values_list("pk", flat=True)
    )


def test_the_pool_was_lived_through() -> None:
    rules = set(OwnershipCredit.objects.filter(role="MANAGER").values_list("rule", flat=True))
    lived = {"RELEASE", "CLAIM", "DISTRIBUTE", "RETURN"}
    assert rules - {"ASSIGN-01", "ASSIGN-03", "ASSIGN-05", "REGISTRATION"} == lived
    assert Customer.objects.filter(pool__isnull=False).exists()


def test_a_second_run_changes_nothing() -> None:
    truths.a_second_run_changes_nothing("huaxin")


def test_every_month_was_closed_by_its_people_on_its_days() -> None:
    """Today is the 20th: October was paid out and closed today, and nobody did two of the three steps."""
    rows = list(Period.objects.order_by("month"))
    assert rows[-1].month == "2026-11" and rows[-1].state == "OPEN"
    assert {row.state for row in rows[:-1]} == {"CLOSED"}
    for row in rows[:-1]:
        people = [row.calculated_by, row.approved_by, row.paid_by]
        assert [who and who.name for who in people] == ["田蓉", "高远", "钱敏"]
        for each in row.statements.all():
            payee = {"member": each.member_id, "department": each.department_id}
            paid = LedgerEntry.objects.filter(**payee, posting_period=row.month)
            paid = paid.exclude(kind__in=("HOLD", "FORFEIT"))
            assert sum(entry.amount for entry in paid) == each.payable
