"""What follows from a split before it is signed: who keeps a part of it, and whose word it waits for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from commissions import payees, takenover
from commissions.calculation import facts
from commissions.calculation.plan import PlanVersion
from commissions.calculation.shares import handed_over
from commissions.plans import Book, NoPlan
from crm.accounts.models import Member
from crm.events.record import Actor
from crm.periods import ONE_DAY
from customers import confirming
from customers.models import Contract, Customer
from customers.splits import WHOLE, Share, splits_of


@dataclass(frozen=True)
class Kept:
    """What who had the customer until `on` keeps of the part of who took it over, as a share of the whole."""

    name: str
    of: str
    on: date
    share: Decimal


def kept(customer: Customer, shares: Sequence[Share], signed_on: date) -> list[Kept]:
    """The parts that stay with former owners, as the customer changed hands shortly before the signature."""
    taken = takenover.takeovers_of({customer.pk})[customer.pk]
    version = _paying(customer, signed_on) if taken else None
    if version is None:
        return []
    events = list(takenover.events(taken, signed_on))
    day = facts.Contract("", 0, signed_on, signed_on, signed_on + ONE_DAY)
    names = Member.objects.in_bulk([each.from_member_id for each in taken])
    people = {payees.of_member(key): member.name for key, member in names.items()}
    return [
        Kept(people[part.payee], share.payee.name, events[-1].on, Decimal(part.basis_points) / WHOLE)
        for share in shares
        for part in handed_over([_fact(share)], events, day, version)[1:]
    ]


def is_pooled(customer: Customer, signed_on: date) -> bool:
    """Whether the head of the department distributes the whole pool after the signature (2.3, POOL)."""
    version = _paying(customer, signed_on)
    return version is not None and version.distribution == "POOL"


def _paying(customer: Customer, signed_on: date) -> PlanVersion | None:
    if customer.responsible_dept_id is None:
        return None
    try:
        return Book().paying(customer.responsible_dept_id, signed_on).plan.on(signed_on)
    except NoPlan:
        return None


def _fact(share: Share) -> facts.Share:
    return facts.Share(payees.of_payee(share.payee), share.basis_points)


def awaited(customer: Customer, shares: Sequence[Share], by: Actor, on: date) -> list[str]:
    """The names of those who would have to confirm such a split when `by` signs it."""
    row = Contract(customer=customer, responsible_dept_id=customer.responsible_dept_id)
    splits, faults = splits_of(row, shares)
    if faults:
        return []
    rows = confirming.needed(row, splits, owner_id=customer.owner_id, by=by, on=on)
    waiting = (row for row in rows if row.state == confirming.State.WAITING)
    return list(dict.fromkeys(row.asked.name for row in waiting))
