"""Takeovers shortly before a deal, for the calculation: the one before keeps half (domain.md §2.2)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from uuid import UUID

from commissions import payees
from commissions.calculation import facts
from customers.ownership import Takeover, takeovers

Taken = dict[UUID, list[Takeover]]


def takeovers_of(customer_ids: Collection[UUID]) -> Taken:
    """Who took each customer over from whom, in order: one query."""
    found: Taken = defaultdict(list)
    for each in takeovers(customer_ids):
        found[each.customer_id].append(each)
    return found


def events(taken: Iterable[Takeover], signed_on: date) -> Iterator[facts.Event]:
    """The takeovers up to a signature; the plan's version says which are near enough and what they leave."""
    for each in taken:
        if each.on <= signed_on:
            yield facts.Event(
                id=f"handover:{each.on}",
                kind=facts.Kind.HANDOVER,
                on=each.on,
                from_payee=payees.of_member(each.from_member_id),
                to_payee=payees.of_member(each.to_member_id),
            )
