import pytest

from crm.events.models import Event
from crm.refusal import Conflict
from crm.tenancy.context import tenant
from customers import contacts
from customers.models import Contact
from customers.tests.deals import acts, customer, refusal

pytestmark = pytest.mark.django_db


def add(company, buyer, name="李主任", **fields) -> Contact:
    return contacts.add(buyer, name=name, **fields, **acts(company.li))


def edit(company, contact, version=1, **changes) -> Contact:
    return contacts.edit(contact, changes=changes, version=version, **acts(company.li))


def test_a_person_is_added_and_told_without_phone(here) -> None:
    contact = add(
        here, customer(here), title="主任", phone=" 13800001234 ", email="li@a.example", is_primary=True
    )
    stored = Contact.objects.get()
    assert (stored.id, stored.phone, stored.is_primary) == (contact.id, "13800001234", True)
    (told,) = Event.objects.filter(name="contact.added")
    assert (told.subject_id, told.data) == (contact.id, {"name": "李主任", "title": "主任"})


def test_a_new_main_contact_takes_the_place_of_the_old(here) -> None:
    buyer, other = customer(here), customer(here, "另一家")
    kept = add(here, other, is_primary=True)
    add(here, buyer, "甲", is_primary=True)
    add(here, buyer, "乙", is_primary=True)
    assert set(Contact.objects.filter(is_primary=True).values_list("name", flat=True)) == {kept.name, "乙"}


def test_a_change_is_told_but_a_phone_only_that_it_changed(here) -> None:
    contact = add(here, customer(here), phone="13800001234")
    edited = edit(here, contact, phone="13900001234", title="院长", name="李主任")
    assert (Contact.objects.get().phone, edited.version) == ("13900001234", 2)
    (told,) = Event.objects.filter(name="contact.edited")
    assert told.data == {"phone": ["…", "…"], "title": ["", "院长"]}


def test_a_change_that_was_overtaken_conflicts(here) -> None:
    contact = add(here, customer(here))
    edit(here, contact, title="院长")
    with pytest.raises(Conflict):
        edit(here, contact, version=1, title="主任")
    assert Contact.objects.get().title == "院长"


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"name": " "}, [("name", "required")]),
        ({"name": "x" * 121}, [("name", "max_length")]),
        ({"email": "no mail"}, [("email", "invalid")]),
        ({"colour": "red"}, [("colour", "unknown_field")]),
        ({"name": "王", "phone": "1"}, [("name", "duplicate_contact")]),
    ],
)
def test_a_person_who_cannot_be_is_refused(here, fields, faults) -> None:
    buyer = customer(here)
    add(here, buyer, "王", phone="1")
    assert refusal(lambda: add(here, buyer, **{"name": "李"} | fields)) == faults
    contact = add(here, buyer, "李", phone="1")
    assert refusal(lambda: edit(here, contact, **fields)) == faults


def test_a_person_is_removed_and_told(here, beihe) -> None:
    with tenant(beihe.tenant.id):
        add(beihe, customer(beihe))
    contacts.remove(add(here, customer(here)), **acts(here.li))
    assert not Contact.objects.exists()
    assert Event.objects.filter(name="contact.removed").count() == 1
    with tenant(beihe.tenant.id):
        assert Contact.objects.count() == 1
