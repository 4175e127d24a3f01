"""What a 撞单 holds: commission of the contracts that came in while it was open whose the customer is."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Min

from commissions.calculation import facts
from crm.tenancy.among import among
from customers.models import Contract, OwnershipDispute


def disputes_of(customer_ids: Collection[UUID]) -> Mapping[UUID, list[Any]]:
    """The disputes of customers with the day of the first ruling, by customer: one query."""
    rows: dict[UUID, list[Any]] = defaultdict(list)
    found = OwnershipDispute.objects.filter(among("customer_id", customer_ids)).order_by("opened_on", "id")
    for row in found.annotate(ruled_on=Min("rulings__on")):
        rows[row.customer_id].append(row)
    return rows


def events(contract: Contract, disputes: Collection[Any]) -> Iterator[facts.Event]:
    """From the opening to the first ruling, and from an appeal to the final one, for what is at stake."""
    for row in disputes:
        if row.opened_on <= contract.entered_on <= (row.closed_on or contract.entered_on):
            first_end = row.ruled_on or row.closed_on
            if first_end is None or contract.entered_on <= first_end:
                yield from _held(contract, f"dispute:{row.pk}", row.opened_on, first_end)
            if row.appealed_on:
                yield from _held(contract, f"appeal:{row.pk}", row.appealed_on, row.closed_on)


def _held(contract: Contract, name: str, since: date, until: date | None) -> Iterator[facts.Event]:
    since = max(since, contract.signed_on)
    yield facts.Event(id=name, kind=facts.Kind.DISPUTE_OPENED, on=since)
    if until is not None:
        yield facts.Event(id=f"{name}:ruled", kind=facts.Kind.DISPUTE_RULED, on=max(since, until))
