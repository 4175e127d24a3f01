"""Payees of the calculation as members and departments: "m:<id>" and "d:<id>"."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crm.accounts.models import Department, Member

NO_OPS_DEPARTMENT = "OPS_DEPT"


@dataclass(frozen=True)
class Payee:
    """Who is paid: exactly one of member and department, and the department that reviews it."""

    member_id: UUID | None
    department_id: UUID | None
    payee_department_id: UUID


def of_member(member_id: UUID) -> str:
    return f"m:{member_id}"


def of_department(department_id: UUID) -> str:
    return f"d:{department_id}"


def of_payee(payee: Member | Department) -> str:
    """The key of whoever is paid."""
    return of_member(payee.pk) if isinstance(payee, Member) else of_department(payee.pk)


def of_row(row: Any) -> str:
    """The key of the payee of a row that has a member or else a department."""
    return of_member(row.member_id) if row.member_id else of_department(row.department_id)


class Directory:
    """The members and departments of the tenant in scope, read once for a run."""

    def __init__(self) -> None:
        self._home = dict(Member.objects.values_list("id", "department_id"))

    def payee(self, key: str) -> Payee | None:
        """The payee behind a key; None for the ops pool of a company without an ops department."""
        kind, _, identity = key.partition(":")
        if kind == "m":
            return Payee(UUID(identity), None, self._home[UUID(identity)])
        return Payee(None, UUID(identity), UUID(identity)) if kind == "d" else None


def ops_department() -> str:
    """The department that receives the ops pool: the first operations department by code."""
    kind = Department.Kind.OPS
    found = Department.objects.filter(kind=kind, is_active=True).order_by("code").values_list("id", flat=True)
    first = found.first()
    return of_department(first) if first else NO_OPS_DEPARTMENT
