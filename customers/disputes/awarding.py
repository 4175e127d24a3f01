"""What a ruling does: the customer's credits change hands, and the deals of the time are divided anew."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from crm.accounts.models import Member
from crm.events.record import Actor, event, record
from customers import confirming, crediting
from customers.crediting import Place
from customers.disputes import concealing
from customers.models import (
    Contract,
    CreditSplit,
    Customer,
    DisputeRuling,
    OwnershipCredit,
    OwnershipDispute,
)
from customers.models.dispute import WHOLE
from customers.ownership import DISPUTE

COLLABORATOR = OwnershipCredit.Role.COLLABORATOR
HALF = WHOLE // 2


def award(ruling: DisputeRuling, *, by: Actor, at: datetime, on: date) -> list[Contract]:
    """Carry a ruling out: who manages, who has a share in it, who shares the deals signed meanwhile.

    Who has the larger share manages; of halves whoever manages already. Who developed the customer stays its
    developer, unless he concealed something. Returns the contracts.
    """
    dispute = ruling.dispute
    customer = Customer.objects.select_for_update(no_key=True, of=("self",)).get(pk=dispute.customer_id)
    manager = _manager(ruling, customer)
    inputs = {
        "dispute": str(dispute.pk),
        "instance": ruling.instance,
        "outcome": ruling.outcome,
        "claimant_basis_points": ruling.claimant_basis_points,
    }
    about: dict[str, Any] = {"rule": DISPUTE, "reason": ruling.reason[:200]}
    if manager is not None:
        _hand_over(customer, manager, inputs, about, by=by, at=at, on=on)
    _share(ruling, manager or customer.owner, inputs, about, by, on)
    concealing.settle(ruling, {"inputs": inputs, "decided_by_id": by.id, **about}, on=on)
    contracts = meanwhile(dispute)
    for contract in contracts:
        _divide(contract, ruling)
    confirming.settle(contracts, by=by, at=at, on=on)
    return contracts


def _manager(ruling: DisputeRuling, customer: Customer) -> Member | None:
    """Who takes the customer over; None when it stays where it is."""
    dispute, share = ruling.dispute, ruling.claimant_basis_points
    if share > HALF and customer.owner_id != dispute.claimant_id:
        return dispute.claimant
    if share < HALF and customer.owner_id == dispute.claimant_id:
        return dispute.respondent
    return None


def _hand_over(
    customer: Customer,
    to: Member,
    inputs: dict[str, Any],
    about: dict[str, Any],
    *,
    by: Actor,
    at: datetime,
    on: date,
) -> None:
    was = customer.owner
    crediting.move({customer.pk: Place(to, None, inputs)}, **about, by=by, at=at, on=on)
    told = {"from": was and was.name, "from_id": was and str(was.pk), "to": to.name, "to_id": str(to.pk)}
    told |= {"department": to.department.name, "reason": about["reason"]}
    about_it: dict[str, Any] = {"subject": customer.pk, "customer": customer.pk, "data": told}
    record(event("customer.transferred", **about_it, by=by, at=at, on=on))


def _share(
    ruling: DisputeRuling,
    manager: Member | None,
    inputs: dict[str, Any],
    about: dict[str, Any],
    by: Actor,
    on: date,
) -> None:
    """The side that does not manage has its share as a collaborator from that day; earlier ones end."""
    dispute = ruling.dispute
    before = OwnershipCredit.objects.filter(
        customer=dispute.customer_id,
        role=COLLABORATOR,
        member__in=[dispute.claimant_id, dispute.respondent_id],
        valid_to=None,
    )
    before.filter(valid_from__gte=on).delete()
    before.update(valid_to=on)
    claims = manager is not None and manager.pk == dispute.claimant_id
    share = WHOLE - ruling.claimant_basis_points if claims else ruling.claimant_basis_points
    other = dispute.respondent if claims else dispute.claimant
    if 0 < share < WHOLE:
        OwnershipCredit.objects.create(
            customer_id=dispute.customer_id,
            role=COLLABORATOR,
            department_id=other.department_id,
            member=other,
            basis_points=share,
            valid_from=on,
            inputs=inputs,
            decided_by_id=by.id,
            **about,
        )


def meanwhile(dispute: OwnershipDispute) -> list[Contract]:
    """The contracts of the customer that became known while the dispute went on: what it is about."""
    rows = Contract.objects.filter(during([dispute.pk]), customer=dispute.customer_id)
    return list(rows.order_by("signed_on", "id"))


def during(disputes: Sequence[UUID]) -> Q:
    """Contracts that became known between the opening and the end of one of these disputes."""
    about = {"customer__disputes__in": disputes, "entered_on__gte": F("customer__disputes__opened_on")}
    closed = F("customer__disputes__closed_on")
    return Q(**about) & (Q(customer__disputes__closed_on=None) | Q(entered_on__lte=closed))


def _divide(contract: Contract, ruling: DisputeRuling) -> None:
    """Divide what the two sides have of a contract anew, by the ruling; the shares of others stay."""
    dispute, splits = ruling.dispute, list(contract.splits.order_by("position"))
    sides = {
        dispute.claimant_id: [each for each in splits if _belongs(each, dispute, claimant=True)],
        dispute.respondent_id: [each for each in splits if _belongs(each, dispute, claimant=False)],
    }
    both = sum(each.basis_points for rows in sides.values() for each in rows)
    to_claimant = both * ruling.claimant_basis_points // WHOLE
    parts = {dispute.claimant_id: to_claimant, dispute.respondent_id: both - to_claimant}
    for member, rows in sides.items():
        _set(contract, member, rows, parts[member])


def _belongs(split: CreditSplit, dispute: OwnershipDispute, *, claimant: bool) -> bool:
    member = dispute.claimant_id if claimant else dispute.respondent_id
    department = dispute.claimant_dept_id if claimant else dispute.respondent_dept_id
    of_both = dispute.claimant_dept_id == dispute.respondent_dept_id
    if split.department_id:
        return split.department_id == department and not (of_both and claimant)
    return split.member_id == member


def _set(contract: Contract, member: UUID, rows: list[CreditSplit], part: int) -> None:
    """One side's part of a contract in one row, that of the person before that of his department."""
    rows.sort(key=lambda row: row.member_id is None)
    if not rows and part:
        position = contract.splits.count()
        CreditSplit.objects.create(contract=contract, member_id=member, position=position, basis_points=part)
    for row in rows[1:] if part else rows:
        row.delete()
    if rows and part and rows[0].basis_points != part:
        rows[0].basis_points = part
        rows[0].save(update_fields=["basis_points"])
