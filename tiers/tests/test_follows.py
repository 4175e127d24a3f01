"""What happens to a customer changes its tier in the same moment."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from crm.events.record import event, record
from crm.tests.cast import NOW, TODAY
from customers import contracts, registry
from customers.contracts import Terms
from customers.models import Standing
from tiers import grading, policies
from tiers.models import Grade, TierBand
from tiers.tests.book import customer, enter

pytestmark = pytest.mark.django_db


def terms(number: str, gross: str) -> Terms:
    return Terms(
        number=number,
        gross=Decimal(gross),
        signed_on=TODAY,
        starts_on=TODAY,
        ends_on=date(TODAY.year + 1, TODAY.month, TODAY.day),
    )


@pytest.fixture
def acme(here):
    return registry.register(name="Acme 有限公司", developer=here.li, by=here.li, at=NOW, on=TODAY)


def tiers_of(customer) -> list[tuple[str, str, str]]:
    grades = Grade.objects.filter(customer=customer).order_by("id")
    return [(grade.previous, grade.tier, grade.trigger) for grade in grades]


def test_a_new_tenant_has_the_default_tiers_in_force_from_long_ago(here) -> None:
    policy = policies.in_force(date(2000, 1, 1))
    assert (policy.code, policy.currency, policy.downgrade_grace_days) == ("V1", "CNY", 90)
    assert list(TierBand.objects.filter(policy=policy).values_list("tier", "lower", "upper", "rank")) == [
        ("COMPANY", Decimal("1000000.00"), None, 4),
        ("KEY", Decimal("500000.00"), Decimal("1000000.00"), 3),
        ("MAJOR", Decimal("100000.00"), Decimal("500000.00"), 2),
        ("GENERAL", Decimal("0.00"), Decimal("100000.00"), 1),
    ]


def test_a_customer_is_graded_when_registered_and_when_it_signs(acme) -> None:
    contracts.sign(acme, terms=terms("1", "600000.00"), by=None, at=NOW, on=TODAY)
    assert tiers_of(acme) == [("", "GENERAL", "REGISTRATION"), ("GENERAL", "KEY", "SIGNATURE")]
    assert Standing.objects.get(customer=acme).annual_amount == Decimal("600000.00")


def test_a_contract_signed_for_later_counts_from_its_start(acme) -> None:
    start = TODAY + timedelta(days=30)
    later = Terms(
        number="1", gross=Decimal("600000.00"), signed_on=TODAY, starts_on=start, ends_on=date(2027, 12, 20)
    )
    contracts.sign(acme, terms=later, by=None, at=NOW, on=TODAY)
    assert Standing.objects.get(customer=acme).tier == "GENERAL"
    grading.grade_all(start, NOW)
    assert Standing.objects.get(customer=acme).tier == "KEY"


def test_a_cancellation_takes_the_amount_at_once_and_the_tier_after_the_grace(acme) -> None:
    contract = contracts.sign(acme, terms=terms("1", "600000.00"), by=None, at=NOW, on=TODAY)
    day = TODAY + timedelta(days=10)
    contracts.cancel(contract, cancelled_on=day, by=None, at=NOW, on=day)
    assert tiers_of(acme)[-1] == ("KEY", "KEY", "CANCELLATION")
    standing = Standing.objects.get(customer=acme)
    assert (standing.annual_amount, standing.contracts_in_force) == (Decimal("0.00"), 0)
    grading.grade_all(day + timedelta(days=89), NOW)
    assert Standing.objects.get(customer=acme).tier == "KEY"
    grading.grade_all(day + timedelta(days=90), NOW)
    assert Standing.objects.get(customer=acme).tier == "GENERAL"


@pytest.mark.parametrize("many", [5000, 0])  # 0: so many that everybody is looked at
def test_imported_contracts_grade_their_customers(here, monkeypatch, many) -> None:
    monkeypatch.setattr(grading, "MANY", many)
    owners = [customer(code) for code in "AB"]
    year = {"starts_on": "2026-06-01", "ends_on": "2027-06-01"}
    rows = [enter(owner, {"number": "1", "gross": "600000.00", **year}) for owner in owners]
    record(event("contracts.imported", at=NOW, on=TODAY, data={"ids": [str(row.id) for row in rows]}))
    assert [tiers_of(owner) for owner in owners] == [[("", "KEY", "IMPORT")]] * 2


def test_following_twice_writes_once(acme) -> None:
    told = event("customer.registered", at=NOW, on=TODAY, customer=acme.id)
    grading.regrade_for([told, told])
    grading.regrade_for([told])
    assert tiers_of(acme) == [("", "GENERAL", "REGISTRATION")]
