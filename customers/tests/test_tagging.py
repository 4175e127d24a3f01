import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.events.models import Event
from crm.tenancy.context import tenant
from crm.tests.cast import TODAY
from customers import tagging
from customers.models import Customer, CustomerTag, Tag
from customers.tests.deals import acts, customer, refusal

pytestmark = pytest.mark.django_db


def put(company, buyer, name) -> Tag:
    return tagging.put(buyer, name=name, **acts(company.li))


def told() -> list[dict]:
    return list(Event.objects.filter(name="customer.edited").order_by("id").values_list("data", flat=True))


def test_a_word_is_put_on_a_customer_and_told(here) -> None:
    buyer = customer(here)
    put(here, buyer, " 重点  跟进 ")
    put(here, buyer, "A类")
    assert list(CustomerTag.objects.values_list("tag__name", flat=True).order_by("tag__name")) == [
        "A类",
        "重点 跟进",
    ]
    assert told() == [{"tags": ["", "重点 跟进"]}, {"tags": ["重点 跟进", "A类, 重点 跟进"]}]


def test_a_word_stands_once_on_a_customer_and_once_in_a_company(here, beihe) -> None:
    buyer, other = customer(here), customer(here, "另一家")
    for row in (buyer, buyer, other):
        put(here, row, "A类")
    assert (Tag.objects.count(), CustomerTag.objects.count(), len(told())) == (1, 2, 2)
    with tenant(beihe.tenant.id):
        put(beihe, customer(beihe), "A类")
        assert Tag.objects.count() == 1


def test_a_word_is_taken_off_and_taking_it_off_again_is_nothing(here) -> None:
    buyer = customer(here)
    tag = put(here, buyer, "A类")
    assert tagging.take_off(buyer, tag.id, **acts(here.li)) is True
    assert tagging.take_off(buyer, tag.id, **acts(here.li)) is False
    assert told()[1:] == [{"tags": ["A类", ""]}]
    assert not CustomerTag.objects.exists()


@pytest.mark.parametrize(("name", "code"), [("  ", "required"), ("x" * 41, "max_length")])
def test_a_word_is_neither_empty_nor_long(here, name, code) -> None:
    buyer = customer(here)
    assert refusal(lambda: put(here, buyer, name)) == [("name", code)]
    assert not Tag.objects.exists()


def test_a_word_is_put_on_many_at_once_in_a_few_statements(here) -> None:
    rows = [Customer(code=str(n), name=str(n), registered_on=TODAY) for n in range(500)]
    Customer.objects.bulk_create(rows)
    put(here, rows[0], "A类")
    with CaptureQueriesContext(connection) as queries:
        tagging.put_on(rows, name="A类", **acts(here.li))
    assert len(queries) < 15
    assert (CustomerTag.objects.count(), len(told())) == (500, 500)
