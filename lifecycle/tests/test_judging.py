from datetime import date

import pytest

from crm.events.record import event
from crm.tests.cast import NOW, TODAY
from customers.models import Contract, Customer, Interaction, Receivable
from lifecycle.judging import customers_of
from lifecycle.tests import book

pytestmark = pytest.mark.django_db


@pytest.fixture
def li(here) -> Customer:
    made = book.customer("HX", here.li)
    book.contract(made, date(2026, 6, 1), date(2027, 6, 1))
    book.contacts(made, [TODAY])
    return made


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("contracts.imported", Contract),
        ("interactions.imported", Interaction),
        ("receivables.imported", Receivable),
    ],
)
def test_an_import_speaks_of_the_customers_of_its_rows(li, name: str, model: type) -> None:
    ids = [str(row.id) for row in model.objects.all()]
    assert customers_of([event(name, at=NOW, on=TODAY, data={"ids": ids})]) == {li.id}


def test_other_events_speak_of_their_own_customer(li) -> None:
    assert customers_of([event("payment.received", at=NOW, on=TODAY, customer=li.id)]) == {li.id}


def test_an_import_without_rows_speaks_of_nobody(li) -> None:
    assert customers_of([event("contracts.imported", at=NOW, on=TODAY, data={"ids": []})]) == set()
