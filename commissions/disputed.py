"""What holds the commission of a contract as a whole: a 撞单 while it is open, a split until it is confirmed,
a department's pool until it is distributed."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Min

from commissions.calculation import facts
from commissions.models import PoolDistribution
from crm.tenancy.among import among
from customers.models import Contract, OwnershipDispute, SplitConfirmation


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


def confirmed_on(contract_ids: Collection[UUID]) -> dict[UUID, date | None]:
    """The day from which each split was confirmed by everybody asked, None while it waits; one query.

    A split that needs no confirmation is not among them.
    """
    days: dict[UUID, list[date | None]] = defaultdict(list)
    for row in SplitConfirmation.objects.filter(contract_id__in=contract_ids).order_by():
        given = row.state == SplitConfirmation.State.CONFIRMED
        days[row.contract_id].append(row.decided_on if given else None)
    return {key: max(filter(None, given)) if all(given) else None for key, given in days.items()}


def until_confirmed(contract: Contract, days: Mapping[UUID, date | None]) -> Iterator[facts.Event]:
    """From the signature until its split was confirmed (domain.md §2.2), if that was on a later day."""
    until = days.get(contract.id, contract.entered_on)
    if until is None or until > contract.entered_on:
        yield from _unsettled(contract, "split", until)


def until_distributed(contract: Contract, pool: PoolDistribution | None) -> Iterator[facts.Event]:
    """From the signature until the day the department's pool was distributed."""
    yield from _unsettled(contract, "pool", pool.distributed_on if pool else None)


def _held(contract: Contract, name: str, since: date, until: date | None) -> Iterator[facts.Event]:
    since = max(since, contract.signed_on)
    yield facts.Event(id=name, kind=facts.Kind.DISPUTE_OPENED, on=since)
    if until is not None:
        yield facts.Event(id=f"{name}:ruled", kind=facts.Kind.DISPUTE_RULED, on=max(since, until))


def _unsettled(contract: Contract, name: str, until: date | None) -> Iterator[facts.Event]:
    """Who shares the department pool is open from the signature until a day."""
    yield facts.Event(id=name, kind=facts.Kind.SHARES_OPENED, on=contract.signed_on)
    if until is not None:
        settled = max(contract.signed_on, until)
        yield facts.Event(id=f"{name}:settled", kind=facts.Kind.SHARES_SETTLED, on=settled)
