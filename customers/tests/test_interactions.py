from datetime import UTC, date, datetime

import pytest

from crm.events.models import Event
from crm.tenancy.context import tenant
from crm.tests.cast import NOW, TODAY
from customers import interactions
from customers.models import Contact, Interaction, Standing
from customers.tests.deals import acts, customer, refusal

pytestmark = pytest.mark.django_db


def log(company, buyer, happened_on=TODAY, **fields) -> Interaction:
    usual = {"kind": "CALL", "note": "谈续约"}
    return interactions.log(buyer, happened_on=happened_on, **usual | fields, **acts(company.li))


def last_contact() -> date | None:
    return Standing.objects.get().last_contact_on


def test_a_follow_up_moves_the_day_of_last_contact(here) -> None:
    buyer = customer(here)
    contact = Contact.objects.create(customer=buyer, name="李")
    row = log(here, buyer, contact=contact)
    assert (row.member_id, row.on, row.at, row.is_effective) == (here.li.id, TODAY, NOW, True)
    assert last_contact() == TODAY
    (told,) = Event.objects.filter(name="interaction.logged")
    assert (told.subject_id, told.customer_id) == (row.id, buyer.id)
    assert told.data == {"kind": "CALL", "note": "谈续约", "is_effective": True, "on": "2026-11-20"}


def test_an_older_follow_up_entered_late_moves_nothing_back(here) -> None:
    buyer = customer(here)
    log(here, buyer, date(2026, 11, 18))
    late = log(here, buyer, date(2026, 11, 3))
    assert last_contact() == date(2026, 11, 18)
    assert late.at == datetime(2026, 11, 3, 4, 0, tzinfo=UTC)  # midday in Shanghai


def test_an_unanswered_call_is_no_contact(here) -> None:
    log(here, customer(here), is_effective=False)
    assert last_contact() is None


def test_the_agreed_next_step_travels_in_the_event(here) -> None:
    log(here, customer(here), next_on=date(2026, 11, 25), next_note=" 送报价 ")
    (told,) = Event.objects.filter(name="interaction.logged")
    assert (told.data["next_on"], told.data["next_note"]) == ("2026-11-25", "送报价")


def test_a_follow_up_of_another_system_comes_once(here, beihe) -> None:
    buyer = customer(here)
    first = log(here, buyer, number="CALL-1")
    assert log(here, buyer, number="CALL-1").id == first.id
    assert Event.objects.filter(name="interaction.logged").count() == 1
    assert refusal(lambda: log(here, buyer, number="CALL-1", note="别的")) == [("number", "duplicate_number")]
    with tenant(beihe.tenant.id):
        assert log(beihe, customer(beihe), number="CALL-1").id != first.id
    assert Interaction.objects.count() == 1


def test_a_colleague_may_have_spoken(here) -> None:
    assert log(here, customer(here), member=here.zhou).member_id == here.zhou.id


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"kind": "PIGEON"}, [("kind", "invalid_choice")]),
        ({"happened_on": date(2026, 11, 21)}, [("happened_on", "in_future")]),
        ({"happened_on": None}, [("happened_on", "required")]),
        ({"next_on": date(2026, 11, 19)}, [("next_on", "in_past")]),
        ({"number": "x" * 61}, [("number", "max_length")]),
    ],
)
def test_a_follow_up_that_cannot_be_is_refused(here, fields, faults) -> None:
    buyer = customer(here)
    assert refusal(lambda: log(here, buyer, **fields)) == faults


def test_the_person_spoken_to_belongs_to_the_customer(here) -> None:
    stranger = Contact.objects.create(customer=customer(here, "另一家"), name="李")
    buyer = customer(here)
    assert refusal(lambda: log(here, buyer, contact=stranger)) == [("contact", "other_customer")]
    assert not Interaction.objects.exists()


def test_last_contacts_of_all_are_repaired_by_one_statement(here) -> None:
    log(here, customer(here))
    Standing.objects.update(last_contact_on=None)
    assert (interactions.refresh(None), last_contact(), interactions.refresh(None)) == (1, TODAY, 0)
