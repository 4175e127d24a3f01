"""People at a customer."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from crm.events.record import Actor, event, record
from crm.refusal import Fault, Refused
from customers import search
from customers.faults import broken, of_fields
from customers.models import Contact, Customer

TEXT = ("name", "title", "phone", "email", "wechat", "note")
EDITABLE = (*TEXT, "is_primary")
SECRET = ("phone", "email", "wechat")  # told as changed, never with what they were


def add(customer: Customer, *, name: str, by: Actor | None, at: datetime, on: date, **fields: Any) -> Contact:
    """A new person at a customer; a main contact takes that place from the other.

    `fields` are title, phone, email, wechat, note, is_primary. Refused: name required, duplicate_contact
    (same name and phone); a field that is too long, email invalid, unknown_field.
    """
    contact = Contact(customer=customer)
    _write(contact, fields | {"name": name})
    _save(contact, force_insert=True)
    _tell("contact.added", contact, {"name": contact.name, "title": contact.title}, by=by, at=at, on=on)
    return contact


def edit(
    contact: Contact, *, changes: Mapping[str, Any], version: int, by: Actor | None, at: datetime, on: date
) -> Contact:
    """Change fields of EDITABLE. Refused as in `add`; Conflict stale when somebody else was faster."""
    fresh = Contact.objects.select_for_update(no_key=True).get(pk=contact.pk)
    fresh.refuse_stale(version)
    before = {name: getattr(fresh, name, None) for name in changes}
    _write(fresh, changes)
    changed = [name for name in changes if getattr(fresh, name) != before[name]]
    if changed:
        _save(fresh.touch(), update_fields=[*changed, "version", "updated_at"])
        data = {name: _told(name, before[name], getattr(fresh, name)) for name in changed}
        _tell("contact.edited", fresh, data, by=by, at=at, on=on)
    for name in (*EDITABLE, "version", "updated_at"):
        setattr(contact, name, getattr(fresh, name))
    return contact


def remove(contact: Contact, *, by: Actor | None, at: datetime, on: date) -> None:
    """Take a person off the record; follow-ups with him stay, without his name."""
    _tell("contact.removed", contact, {"name": contact.name, "title": contact.title}, by=by, at=at, on=on)
    contact.delete()
    search.index([contact.customer_id])


def _write(contact: Contact, values: Mapping[str, Any]) -> None:
    unknown = [
        Fault(name, "unknown_field", _("There is no such field.")) for name in values if name not in EDITABLE
    ]
    if unknown:
        raise Refused(*unknown)
    for name, value in values.items():
        setattr(contact, name, (value or "").strip() if name in TEXT else bool(value))
    faults = of_fields(contact, *TEXT)
    if faults:
        raise Refused(*faults)


def _save(contact: Contact, **how: Any) -> None:
    try:
        with transaction.atomic():
            contact.save(**how)
    except IntegrityError as problem:
        if not broken(problem).startswith("contact_once"):
            raise
        words = _("This person with this phone is there already.")
        raise Refused(Fault("name", "duplicate_contact", words)) from problem
    search.index([contact.customer_id])
    if contact.is_primary:
        others = Contact.objects.filter(customer_id=contact.customer_id, is_primary=True)
        others.exclude(pk=contact.pk).update(is_primary=False)


def _told(name: str, before: Any, after: Any) -> list[Any]:
    return [value and "…" for value in (before, after)] if name in SECRET else [before, after]


def _tell(
    name: str, contact: Contact, data: dict[str, Any], *, by: Actor | None, at: datetime, on: date
) -> None:
    about: dict[str, Any] = {"subject": contact.pk, "customer": contact.customer_id, "data": data}
    record(event(name, at=at, on=on, by=by, **about))
