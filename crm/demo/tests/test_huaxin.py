"""Worked figures of the demo: three customers, each number redone by hand in its comment, and all sums."""

from datetime import date
from decimal import Decimal

import pytest

from commissions.models import Entitlement
from crm.accounts.models import Member
from crm.demo import tenants
from crm.demo.huaxin import play
from crm.tenancy.context import tenant
from customers.models import Customer, Standing
from lifecycle.models import FollowUp

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TODAY = date(2026, 11, 20)


@pytest.fixture
def huaxin(db):
    company = tenants.huaxin(on=TODAY, at=play.moment(TODAY), scale=0)
    with tenant(company.id):
        yield company


def test_the_morning_of_huaxin_is_true(huaxin) -> None:
    by_name = {c.name: c for c in Customer.objects.select_related("standing", "owner")}

    steady = by_name["上海华信精密仪器有限公司"]
    assert (steady.standing.tier, steady.standing.annual_amount) == (
        "KEY",
        Decimal("651000.00"),
    )  # 620,000 × 1.05
    shares = Entitlement.objects.filter(contract__number="HT-2026-0002", member__isnull=False)
    # 651,000 / 1.06 − 6,510 = 607,640.94 net; q = 651,000 / 638,600 = 1.0194 → 0.50; × 6 % = 18,229.23
    assert {row.member.code: row.amount for row in shares} == {
        "li": Decimal("12760.46"),
        "zhou": Decimal("5468.77"),
    }

    biggest = by_name["宁波海晟石化装备股份有限公司"]
    assert biggest.standing.tier == "COMPANY"
    assert biggest.standing.annual_amount == Decimal("2308800.00")  # 1,560,000 × 1.48

    leaving = by_name["无锡铭阳半导体材料有限公司"]
    assert leaving.standing.annual_amount == Decimal("478100.00")  # 996,000 × 0.48, in hundreds
    # silence 100 × 15, late payment 100 × 15, shrink (q 0.5) 60 × 10, of the 40 points with data: 90
    assert (leaving.standing.risk_score, leaving.standing.risk_band) == (90, "RED")
    todo = FollowUp.objects.get(customer=leaving, state=FollowUp.State.OPEN, kind=FollowUp.Kind.RISK)
    assert todo.owner == leaving.owner == Member.objects.get(code="suny")

    for standing in Standing.objects.select_related("customer").filter(contracts_in_force__gt=0):
        years = standing.customer.contracts.filter(
            years__counts_from__lte=TODAY, years__counts_until__gt=TODAY
        ).values_list("years__annual_amount", flat=True)
        assert sum(years) == standing.annual_amount, standing.customer.name
