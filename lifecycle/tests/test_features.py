"""What the score listens to, one signal a test."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm.tests.cast import NOW, TODAY
from customers.models import ContractYear, Customer
from lifecycle.churn import scoring
from lifecycle.models import RiskScore
from lifecycle.tests import book

DAY = timedelta(days=1)
START, END = date(2026, 6, 1), date(2027, 6, 1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def li(here) -> Customer:
    """A customer of Li Na with a contract in force."""
    made = book.customer("HX", here.li)
    book.contract(made, START, END)
    return made


def night(on: date = TODAY) -> int:
    return scoring.score_all(on, NOW)


def signal(of: Customer, name: str) -> dict[str, Any]:
    """What the last stored score keeps of one signal."""
    (found,) = [
        each for each in RiskScore.objects.filter(customer=of).latest("id").signals if each["signal"] == name
    ]
    return found


def test_the_worked_example_is_21_days_silent_against_9_and_a_half(li) -> None:
    book.rhythm(li, [7, 9, 14, 10, 8, 12], 21, TODAY)
    night()
    assert signal(li, "interaction") == {
        "signal": "interaction",
        "weight": 15,
        "points": 50,
        "inputs": {
            "silent_days": 21,
            "intervals": 6,
            "usual_interval": "9.5",
            "interval_of": "OWN",
            "silence": "2.2105",
        },
    }


def test_with_fewer_than_five_intervals_the_departments_median_counts(here, li) -> None:
    colleagues = [book.customer(f"C{number}", here.zhou) for number in range(2)]
    elsewhere = book.customer("N", here.sun)
    for each in (*colleagues, elsewhere):
        book.contract(each, START, END)
    book.rhythm(colleagues[0], [10] * 5, 1, TODAY)
    book.rhythm(colleagues[1], [20] * 5, 1, TODAY)
    book.rhythm(elsewhere, [1] * 5, 1, TODAY)
    book.rhythm(li, [3] * 4, 30, TODAY)
    night()
    assert signal(li, "interaction")["inputs"] == {
        "silent_days": 30,
        "intervals": 4,
        "usual_interval": "15",
        "interval_of": "DEPT",
        "silence": "2.0000",
    }


def test_contacts_that_did_not_reach_the_customer_do_not_count(li) -> None:
    book.rhythm(li, [10] * 6, 40, TODAY)
    book.contacts(li, [TODAY - DAY], is_effective=False)
    night()
    assert signal(li, "interaction")["inputs"]["silent_days"] == 40


def test_several_contacts_on_one_day_are_one(li) -> None:
    book.rhythm(li, [10] * 6, 5, TODAY)
    book.contacts(li, [TODAY - 5 * DAY] * 3)
    night()
    assert signal(li, "interaction")["inputs"]["usual_interval"] == "10"


def test_the_oldest_unpaid_instalment_counts_from_the_day_after_it_was_due(here) -> None:
    late = book.customer("LATE", here.li)
    book.contract(late, START, END)
    night(START)
    assert signal(late, "payment")["inputs"] == {"overdue_days": 0}
    night(START + 31 * DAY)
    assert signal(late, "payment") == {
        "signal": "payment",
        "weight": 15,
        "points": 60,
        "inputs": {"overdue_days": 31},
    }


def test_the_last_renewal_is_measured_against_the_last_year_it_replaces(here) -> None:
    shrunk = book.customer("SHRUNK", here.li)
    first = book.contract(shrunk, date(2023, 6, 1), date(2025, 6, 1), gross="200000.00")
    ContractYear.objects.filter(contract=first, number=1).update(annual_amount=Decimal("400000.00"))
    second = book.contract(shrunk, date(2025, 6, 1), START, gross="300000.00", renewal_of=first)
    book.contract(shrunk, START, END, gross="239970.00", renewal_of=second)
    night()
    assert signal(shrunk, "shrink") == {
        "signal": "shrink",
        "weight": 10,
        "points": 60,
        "inputs": {"renewal": "SHRUNK-3", "renewal_ratio": "0.7999"},
    }
    night(date(2025, 7, 1))
    assert signal(shrunk, "shrink")["inputs"]["renewal_ratio"] == "3.0000"


def test_the_measure_of_use_that_fell_most_counts(li) -> None:
    book.usage(li, TODAY, lately=90, before=100, measure="orders")
    book.usage(li, TODAY, lately=5, before=10, measure="logins")
    night()
    assert signal(li, "usage") == {
        "signal": "usage",
        "weight": 10,
        "points": 100,
        "inputs": {"usage_measure": "logins", "usage_change": "-0.5000"},
    }


def test_use_that_is_no_longer_reported_is_no_data(li) -> None:
    book.usage(li, TODAY - 31 * DAY, lately=5, before=10)
    night()
    assert signal(li, "usage")["points"] is None
