"""Who concealed something in a 撞单 loses all credit to the other side (domain.md §2.2)."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q

from customers.models import DisputeRuling, OwnershipCredit
from customers.ownership import DISPUTE

Kind = OwnershipCredit.Role


def settle(ruling: DisputeRuling, about: Mapping[str, Any], *, on: date) -> None:
    """Pass the credit of having developed the customer, and the loser's department's shares, to the winner.

    First a final ruling gives back what an earlier one of the dispute took. Who else developed stays.
    `about` is what the new credits rest on.
    """
    held = OwnershipCredit.objects.filter(customer=ruling.dispute.customer_id, valid_to=None)
    developers = held.filter(role=Kind.DEVELOPER)
    for taken in developers.filter(rule=DISPUTE, inputs__dispute=str(ruling.dispute_id)):
        _pass(taken, taken.inputs["taken_from"], about, on)
    if not ruling.concealed:
        return
    (winner, home), (loser, lost) = ruling.sides
    for credit in developers.filter(Q(member=loser) | Q(member=None, department=lost)):
        _pass(credit, {"member": str(winner.pk), "department": str(home.pk)}, about, on)
    shares = held.filter(role=Kind.COLLABORATOR, member=None, department=lost)
    shares.filter(valid_from__gte=on).delete()
    shares.update(valid_to=on)


def _pass(credit: OwnershipCredit, to: Mapping[str, str | None], about: Mapping[str, Any], on: date) -> None:
    """End a credit and begin that of another; one that began today never held, and becomes his."""
    was = {"member": credit.member_id and str(credit.member_id), "department": str(credit.department_id)}
    inputs = about["inputs"] | {"taken_from": was}
    now = credit
    if credit.valid_from < on:
        credit.valid_to = on
        credit.save(update_fields=["valid_to"])
        now = OwnershipCredit(
            customer_id=credit.customer_id, role=credit.role, basis_points=credit.basis_points, valid_from=on
        )
    for name, value in {**about, "inputs": inputs}.items():
        setattr(now, name, value)
    now.member_id, now.department_id, now.policy_id = _key(to["member"]), _key(to["department"]), None
    now.save()


def _key(text: str | None) -> UUID | None:
    return UUID(text) if text else None
