"""Words put on customers by hand."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from crm.events.record import Actor, event, record
from crm.refusal import Refused
from customers.faults import of_fields
from customers.models import Customer, CustomerTag, Tag


def put(customer: Customer, *, name: str, by: Actor | None, at: datetime, on: date) -> Tag:
    """Put a word on a customer; a new one becomes a tag of the company.

    Refused: name required, max_length.
    """
    return put_on([customer], name=name, by=by, at=at, on=on)


def put_on(customers: Sequence[Customer], *, name: str, by: Actor | None, at: datetime, on: date) -> Tag:
    """Put a word on many customers in a few statements; those that have it stay as they are."""
    wanted = Tag(name=" ".join(name.split()))
    faults = of_fields(wanted, "name")
    if faults:
        raise Refused(*faults)
    Tag.objects.bulk_create([wanted], ignore_conflicts=True)
    tag = Tag.objects.get(name=wanted.name)
    having = set(
        CustomerTag.objects.filter(tag=tag, customer__in=customers).values_list("customer", flat=True)
    )
    fresh = [customer.pk for customer in customers if customer.pk not in having]
    before = _words(fresh)
    rows = (CustomerTag(customer_id=key, tag=tag) for key in fresh)
    CustomerTag.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)
    _tell(before, _words(fresh), by=by, at=at, on=on)
    return tag


def take_off(customer: Customer, tag_id: UUID, *, by: Actor | None, at: datetime, on: date) -> bool:
    """Take a word off a customer; tells whether it was there."""
    before = _words([customer.pk])
    gone, _ = CustomerTag.objects.filter(customer=customer, tag_id=tag_id).delete()
    if gone:
        _tell(before, _words([customer.pk]), by=by, at=at, on=on)
    return bool(gone)


def _words(customer_ids: Sequence[UUID]) -> dict[UUID, str]:
    words: dict[UUID, list[str]] = defaultdict(list)
    rows = CustomerTag.objects.filter(customer__in=customer_ids).order_by("tag__name")
    for key, name in rows.values_list("customer_id", "tag__name"):
        words[key].append(name)
    return {key: ", ".join(words[key]) for key in customer_ids}


def _tell(before: dict[UUID, str], after: dict[UUID, str], **told: Any) -> None:
    tell = partial(event, "customer.edited", **told)
    record(*(tell(subject=key, customer=key, data={"tags": [before[key], after[key]]}) for key in after))
