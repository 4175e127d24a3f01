"""Random turns of several people at once on one pool: no quota, no cap and no day is ever passed over.

Each act runs in a connection of its own and commits, as many at once as there are acts in a round.
"""

from collections import Counter
from datetime import date, timedelta
from functools import partial
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.tests.cast import NOW, TODAY
from customers import ownership
from customers.models import Claim, Customer, OwnershipCredit, PoolPolicy
from customers.pools import clocks, sea
from customers.tests.test_together import ACTS, at_once, race, register, seen  # noqa: F401

pytestmark = [pytest.mark.django_db(databases=["default", "owner"]), pytest.mark.slow]

CUSTOMERS, QUOTA, CAP = 6, 3, 3
WHO, WHICH = st.integers(0, 2), st.integers(0, CUSTOMERS - 1)
ACT = st.one_of(
    st.tuples(st.just("claim"), WHO, WHICH),
    st.tuples(st.just("give_back"), WHO, WHICH),
    st.tuples(st.just("distribute"), WHO, WHICH),
    st.tuples(st.just("transfer"), WHO, WHICH),
    st.tuples(st.just("release"), WHO, WHICH),
)
# A round is what happens in one moment; between two some days pass.
ROUNDS = st.lists(st.tuples(st.integers(0, 40), st.lists(ACT, min_size=2, max_size=5)), max_size=4)


def waiting() -> list[Customer]:
    """As many customers in the company's pool as there are, since the day before; nobody had them."""
    PoolPolicy.objects.update(daily_claims=QUOTA, holding_cap=CAP, cool_down_days=1)
    rows = [register(f"公海客户{number}", on=TODAY - timedelta(1)) for number in range(CUSTOMERS)]
    for row in rows:
        sea.give_back(row, reason="试", **ACTS)
    return list(Customer.objects.order_by("code"))


def do(company: SimpleNamespace, rows: list[Customer], act: tuple, day: date) -> Any:
    name, who, which = act
    person, row = (company.li, company.wu, company.xu)[who], rows[which]
    told: dict[str, Any] = {"by": person, "at": NOW, "on": day}
    if name == "claim":
        return sea.claim(row, **told)
    if name == "give_back":
        return sea.give_back(row, reason="无需求", **told)
    if name == "distribute":
        return sea.distribute([row], among=[person], **told)
    if name == "transfer":
        return ownership.transfer([row], to=person, reason="换人", **told)
    return clocks.release_due(day, NOW)


def judge(day: date) -> None:
    """What must hold at every moment."""
    taken = OwnershipCredit.objects.filter(valid_to=None, member__isnull=False).exclude(rule="TRANSFER")
    held = Counter(taken.values_list("member__code", flat=True))  # a head may hand over beyond the cap
    assert max(held.values(), default=0) <= CAP
    claims = Counter(Claim.objects.values_list("member__code", "on"))
    assert max(claims.values(), default=0) <= QUOTA
    for row in Customer.objects.all():
        credits = OwnershipCredit.objects.filter(customer=row, role="MANAGER").order_by("valid_from")
        spans = list(credits.values_list("valid_from", "valid_to", "member", "pool"))
        assert spans[0][0] <= TODAY and spans[-1][1] is None
        assert all(before[1] == after[0] for before, after in pairwise(spans))  # no gap, no overlap
        assert spans[-1][2:] == (row.owner_id, row.pool_id)


@given(ROUNDS)
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_happens_at_once_no_cap_quota_or_day_is_passed(race, rounds) -> None:  # noqa: F811
    day = seen(race.id, lambda: Claim.objects.order_by("-on").values_list("on", flat=True).first()) or TODAY
    if not seen(race.id, Customer.objects.exists):
        seen(race.id, waiting)
    rows = seen(race.id, lambda: list(Customer.objects.order_by("code")))
    last = seen(race.id, lambda: max(OwnershipCredit.objects.values_list("valid_from", flat=True)))
    day = max(day, last)
    for passed, acts in rounds:
        day += timedelta(passed)
        at_once(race.id, *(partial(do, race, rows, act, day) for act in acts))
        seen(race.id, partial(judge, day))
