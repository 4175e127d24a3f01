"""Two who grade the same customer at the same moment; each test founds its own company."""

import threading
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection, transaction

from crm.accounts import tenants
from crm.tenancy.context import tenant
from crm.tests.cast import NOW, TODAY
from customers.models import Customer, Standing
from tiers import grading
from tiers.models import Trigger
from tiers.tests.book import customer, enter

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

YEAR = {"starts_on": "2026-06-01", "ends_on": "2027-06-01"}


@pytest.fixture
def company() -> int:
    return tenants.found(slug="once", name="Once", at=NOW, on=TODAY).id


def sign(number: str, gross: str) -> None:
    acme = Customer.objects.get()
    enter(acme, {"number": number, "gross": gross, **YEAR})
    grading.regrade([acme.id], on=TODAY, at=NOW, trigger=Trigger.SIGNATURE)


def beside(company: int, work: Callable[[], object]) -> threading.Thread:
    """Start work in a transaction of its own, on another connection."""

    def run() -> None:
        try:
            with tenant(company), transaction.atomic():
                work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def waits(thread: threading.Thread) -> bool:
    thread.join(timeout=0.5)
    return thread.is_alive()


def test_two_signatures_at_once_add_up(company) -> None:
    with tenant(company), transaction.atomic():
        customer("A")
    with tenant(company), transaction.atomic():
        sign("1", "60000.00")
        other = beside(company, lambda: sign("2", "50000.00"))
        assert waits(other)
    other.join()
    with tenant(company), transaction.atomic():
        row = Standing.objects.get()
        assert (row.tier, row.annual_amount) == ("MAJOR", Decimal("110000.00"))


def test_a_night_that_began_earlier_does_not_undo_a_signature(company) -> None:
    with tenant(company), transaction.atomic():
        enter(customer("A"), {"number": "0", "gross": "200000.00", **YEAR})
    with tenant(company), transaction.atomic():
        sign("1", "900000.00")
        night = beside(company, lambda: grading.grade_all(TODAY, NOW))
        assert waits(night)
    night.join()
    with tenant(company), transaction.atomic():
        row = Standing.objects.get()
        assert (row.tier, row.annual_amount) == ("COMPANY", Decimal("1100000.00"))
        assert grading.explain(row.customer).tier == "COMPANY"
