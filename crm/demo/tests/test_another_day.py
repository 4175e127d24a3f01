"""The demo is made for the day of whoever starts it: what it has to show does not hang on one date."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import transaction

from crm.demo import tenants
from crm.demo.huaxin import play
from crm.demo.tests import truths
from crm.tenancy.context import tenant

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TODAY = date(2028, 2, 29)


@pytest.fixture(scope="module", autouse=True)
def huaxin(django_db_setup, django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        company = tenants.huaxin(on=TODAY, at=play.moment(TODAY), scale=1)
        with tenant(company.id):
            yield
        transaction.set_rollback(True)


def test_every_page_has_something_true_to_show_on_a_leap_day_too() -> None:
    truths.pages_have_something_to_show(TODAY)


def test_every_annual_amount_is_the_sum_of_the_years_in_force_on_that_day() -> None:
    truths.annual_amounts_are_sums(TODAY)


def test_customers_are_attended_to_on_a_leap_day_too() -> None:
    truths.customers_are_attended_to(TODAY)


def test_one_line_was_corrected_and_one_is_disputed_on_a_leap_day_too() -> None:
    truths.one_line_was_corrected_and_one_is_disputed(TODAY)


def test_one_evaluation_is_signed_and_one_runs_on_a_leap_day_too() -> None:
    truths.one_evaluation_is_signed_and_one_runs(TODAY)
