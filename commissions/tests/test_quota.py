"""A quota counts what the department was credited in the year, whoever works it out and in which order."""

from datetime import date
from decimal import Decimal

import pytest

from commissions import accrual, plans, quotas
from commissions.models import Entitlement, PlanVersion
from commissions.tests.test_accrual import customer_of, signed
from crm.events.models import Event
from crm.tests.cast import NOW
from customers.models import Contract

pytestmark = pytest.mark.django_db

TIERS = [
    {"from": "0.00", "to": "100000.00", "factor": "1"},
    {"from": "100000.00", "to": None, "factor": "2"},
]
FLAT = [{"class": "GENERAL", "from": "0.00", "to": None, "dept_rate": "0.1"}]


@pytest.fixture
def quota(here):
    """A plan of 10 % that doubles beyond 100,000 credited in a year."""
    plan = {"currency": "CNY", "bands": FLAT, "quota": {"mode": "MARGINAL", "tiers": TIERS}}
    PlanVersion.objects.update(settings=plan)
    return here


def sign(company, number: str, on: date, gross: str = "80000.00", person="li") -> Contract:
    buyer = customer_of(company, person, f"客户{number}")
    about = {"vat_rate": Decimal(0), "shares": [(company.people[person], 10_000)]}
    return signed(company, buyer, number, gross, on, **about)


def expected(*contracts: Contract) -> list[str]:
    rows = Entitlement.objects.filter(contract__in=contracts, member__isnull=False)
    amounts = dict(rows.values_list("contract_id", "amount"))
    return [f"{amounts[contract.pk]:.2f}" for contract in contracts]


def test_slices_beyond_the_quota_are_accelerated(quota) -> None:
    first, second, third = (sign(quota, f"K-{n}", date(2026, 1, n)) for n in (5, 6, 7))
    # 80,000 × 10 %; 20,000 × 10 % + 60,000 × 20 %; 80,000 × 20 %
    assert expected(first, second, third) == ["8000.00", "14000.00", "16000.00"]


def test_a_contract_entered_late_moves_those_signed_after_it(quota) -> None:
    first = sign(quota, "K-1", date(2026, 1, 7))
    assert expected(first) == ["8000.00"]
    earlier = sign(quota, "K-2", date(2026, 1, 5))
    assert expected(earlier, first) == ["8000.00", "14000.00"]


def test_another_department_and_another_year_count_for_themselves(quota) -> None:
    contracts = [
        sign(quota, "K-1", date(2025, 12, 31)),
        sign(quota, "K-2", date(2026, 1, 5)),
        sign(quota, "K-3", date(2026, 1, 6), person="sun"),
    ]
    assert expected(*contracts) == ["8000.00", "8000.00", "8000.00"]


def test_the_order_in_which_they_are_worked_out_does_not_matter(quota) -> None:
    contracts = [sign(quota, f"K-{n}", date(2026, 1, 5)) for n in range(4)]
    before = expected(*contracts)
    for contract in reversed(contracts):
        accrual.accrue([contract.pk], on=date(2026, 1, 5), at=NOW)
    assert expected(*contracts) == before
    assert sum(map(Decimal, before)) == Decimal("54000.00")  # 100,000 × 10 % + 220,000 × 20 %


def test_the_estimate_of_a_contract_counts_all_signed_until_then(quota) -> None:
    sign(quota, "K-1", date(2026, 1, 5))
    east = quota.departments["EAST"].pk
    (version,) = plans.Book().paying(east, date(2026, 1, 6)).plan.versions
    assert version.quota is not None and version.quota.credited_before == 80_000_00
    (earlier,) = plans.Book().paying(east, date(2026, 1, 4)).plan.versions
    assert earlier.quota is not None and earlier.quota.credited_before == 0


def test_without_a_quota_nothing_is_counted(here) -> None:
    contract = sign(here, "K-1", date(2026, 1, 5))
    book = plans.Book()
    assert book.counts is False
    assert book.paying(contract.responsible_dept_id, contract.signed_on, contract.pk) is book.default


def test_only_what_was_signed_later_in_the_year_depends_on_a_contract(quota) -> None:
    first, second, last = (sign(quota, f"K-{n}", date(2026, 1, n)) for n in (5, 6, 7))
    sign(quota, "K-8", date(2027, 1, 1))
    assert quotas.later([second]) == {last.pk}
    assert quotas.later([first]) == {second.pk, last.pk}
    assert Event.objects.filter(name="contract.signed").count() == 4
