"""A deal signed within 30 days of a change of hands pays the one before and the one after by halves."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum

from commissions.models import LedgerEntry
from crm.tests import morning
from crm.tests.cast import Company
from customers import ownership
from customers.handovers import books
from customers.models import Customer

pytestmark = pytest.mark.django_db
WHOLE, HALF = Decimal("8000.00"), Decimal("4000.00")  # 100,000.00 × 8 %


def told(company: Company, day: date) -> dict[str, Any]:
    return {"by": company.chen, "at": morning.noon(day), "on": day}


def passed_on(company: Company, days: int) -> Customer:
    """A customer of 李娜 that 周毅 took over so many days ago."""
    one, day = morning.customer(company.li, "华信科技有限公司", on=morning.day(-90)), morning.day(-days)
    ownership.transfer([one], to=company.zhou, reason="区域", **told(company, day))
    return one


def signed(one: Customer, number: str = "T-1", **terms: Any) -> None:
    """A contract of its owner's that is paid at once."""
    today = morning.today()
    deal = morning.sign(one, number, "100000.00", starts_on=today, signed_on=today, due=[today], **terms)
    morning.receive(deal, "100000.00", today)


def paid() -> dict[str, Decimal]:
    rows = LedgerEntry.objects.filter(member__isnull=False, kind="EARNED").order_by()
    return dict(rows.values_list("member__code").annotate(Sum("amount")))


@pytest.mark.parametrize(
    ("days", "expected"), [(0, HALF), (30, HALF), (31, None)], ids=["today", "day 30", "day 31"]
)
def test_up_to_the_thirtieth_day_the_one_before_keeps_half(here, days: int, expected) -> None:
    signed(passed_on(here, days))
    assert paid() == ({"li": HALF, "zhou": HALF} if expected else {"zhou": WHOLE})


def test_of_a_divided_deal_he_keeps_half_of_what_the_new_owner_has(here) -> None:
    one = passed_on(here, 10)
    signed(one, shares=[(here.zhou, 6_000), (here.wu, 4_000)])
    assert paid() == {"li": Decimal("2400.00"), "zhou": Decimal("2400.00"), "wu": Decimal("3200.00")}


def test_a_handover_that_was_taken_back_leaves_nothing_to_the_other(here) -> None:
    one = morning.customer(here.li, "华信科技有限公司", on=morning.day(-90))
    done = books.execute(here.li, {one.pk: here.zhou}, **told(here, morning.day(-6)))
    books.undo(done, **told(here, morning.day(-4)))
    one.refresh_from_db()
    signed(one)
    assert paid() == {"li": WHOLE}
