"""Who shares the commission of a contract 分成: basis points of exactly 10,000, each payee once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Department, Member
from crm.refusal import Fault
from customers.models import Contract, CreditSplit

WHOLE = 10_000


@dataclass(frozen=True)
class Share:
    """What one payee has of the commission pool of a contract, in basis points of 10,000."""

    payee: Member | Department
    basis_points: int


def splits_of(contract: Contract, shares: Sequence[Share]) -> tuple[list[CreditSplit], list[Fault]]:
    """The shares as rows, and what stands against them; without any the responsible department has all.

    Faults: shares required, sum_not_10000; shares[i].payee duplicate_payee, not_active;
    shares[i].basis_points invalid_integer.
    """
    if not shares:
        return _whole(contract)
    rows = [
        CreditSplit(contract=contract, position=place, basis_points=share.basis_points, **_payee(share))
        for place, share in enumerate(shares)
    ]
    return rows, faults_of(shares)


def faults_of(shares: Sequence[Share]) -> list[Fault]:
    """What stands against shares: each payee once and at work, 10,000 basis points in all."""
    faults = [
        fault for place, share in enumerate(shares) for fault in _of_share(place, share, shares[:place])
    ]
    if not faults and sum(share.basis_points for share in shares) != WHOLE:
        faults = [Fault("shares", "sum_not_10000", _("The shares must sum to exactly 100 %."))]
    return faults


def _whole(contract: Contract) -> tuple[list[CreditSplit], list[Fault]]:
    if contract.responsible_dept_id is None:
        words = _("No department is responsible for this customer: say who shares the commission.")
        return [], [Fault("shares", "required", words)]
    department = contract.responsible_dept_id
    return [CreditSplit(contract=contract, department_id=department, basis_points=WHOLE)], []


def _payee(share: Share) -> dict[str, Any]:
    return {"member" if isinstance(share.payee, Member) else "department": share.payee}


def _of_share(place: int, share: Share, before: Sequence[Share]) -> Iterable[Fault]:
    payee, field = share.payee, f"shares[{place}]"
    if any(payee == other.payee for other in before):
        yield Fault(f"{field}.payee", "duplicate_payee", _("Each payee stands once."))
    gone = payee.status == Member.Status.LEFT if isinstance(payee, Member) else not payee.is_active
    if gone:
        words = format_lazy(_("{name} is no longer active."), name=payee.name)
        yield Fault(f"{field}.payee", "not_active", words)
    if not isinstance(share.basis_points, int) or not 0 < share.basis_points <= WHOLE:
        yield Fault(f"{field}.basis_points", "invalid_integer", _("A share lies above 0 and up to 100 %."))
