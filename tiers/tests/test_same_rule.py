"""The statement in SQL and the pure calculation are the same rule, on books nobody thought of."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commissions.calculation.answer import answer
from crm.periods import add_months, term
from crm.tests.cast import NOW
from tiers import grading
from tiers.models import Basis, Scope
from tiers.tests.book import enter_request, govern
from tiers.tests.test_cases import told

pytestmark = pytest.mark.django_db

DAYS = st.dates(date(2023, 1, 1), date(2026, 12, 31)) | st.sampled_from(
    [date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1), date(2025, 2, 28), date(2025, 3, 1)]
)
AMOUNTS = st.sampled_from(["50000.00", "99999.99", "100000.00", "450000.00", "500000.00"]) | st.decimals(
    Decimal("0.00"), Decimal("1500000.00"), places=2
).map(str)
PLANS = st.fixed_dictionaries(
    {
        "class_basis": st.sampled_from(Basis.values),
        "class_scope": st.sampled_from(Scope.values),
        "gross_up_short": st.booleans(),
        "downgrade_grace_days": st.sampled_from([0, 1, 30, 90, 400]),
    }
)


@st.composite
def contracts(draw: st.DrawFn) -> dict[str, Any]:
    """A contract with any term, early or late signature, foreign money, schedule or cancellation."""
    starts = draw(DAYS)
    ends = draw(
        st.sampled_from([1, 3, 6, 11, 12, 12, 12, 13, 18, 24, 36]).map(lambda n: add_months(starts, n))
        | st.integers(1, 900).map(lambda n: starts + timedelta(days=n))
    )
    facts = {"gross": draw(AMOUNTS), "starts_on": starts.isoformat(), "ends_on": ends.isoformat()}
    signed = starts + timedelta(days=draw(st.integers(-60, 60) | st.just(0)))
    facts["signed_on"] = signed.isoformat()
    if draw(st.booleans()):
        facts |= {"currency": "USD", "book_rate": draw(st.sampled_from(["7.10", "0.33333333"]))}
    if draw(st.booleans()):
        parts = draw(st.lists(AMOUNTS, min_size=len(term(starts, ends).years), max_size=10))
        parts = parts[: len(term(starts, ends).years)]
        facts |= {"schedule": parts, "gross": str(sum(map(Decimal, parts)))}
    if draw(st.integers(0, 3)) == 0:
        facts["cancelled_on"] = (starts + timedelta(days=draw(st.integers(-30, 500)))).isoformat()
    return facts


BOOKS = st.lists(contracts(), max_size=5).map(
    lambda book: [facts | {"number": f"C{place}"} for place, facts in enumerate(book)]
)


@given(plan=PLANS, own=BOOKS, group=BOOKS, days=st.lists(DAYS, min_size=1, max_size=4))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sql_and_calculation_agree_on_every_day(here, plan, own, group, days) -> None:
    asked = {
        "contracts": own,
        "group_contracts": [facts | {"number": f"G{facts['number']}"} for facts in group],
    }
    request = {"plan": plan, "customer": asked, "class_dates": [day.isoformat() for day in days]}
    response = answer(request)
    assert "errors" not in response
    with transaction.atomic():
        govern(plan)
        customer = enter_request(request)
        for day, expected in zip(days, response["class_history"], strict=True):
            grading.grade_all(day, NOW)
            found = told(grading.explain(customer), day)
            assert {key: found[key] for key in expected} == expected
        transaction.set_rollback(True)
