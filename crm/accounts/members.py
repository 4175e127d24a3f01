from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from crm.accounts.models import Department, Member, Seat, User
from crm.events.record import Actor, event, record
from crm.tenancy.context import current


def add(
    *,
    code: str,
    name: str,
    department: Department,
    roles: Sequence[str],
    at: datetime,
    on: date,
    by: Actor | None = None,
    email: str = "",
    **fields: Any,
) -> Member:
    """A new person of the company; he cannot sign in until he has a seat."""
    member = Member.objects.create(
        code=code, name=name, department=department, roles=list(roles), email=email.lower(), **fields
    )
    record(
        event(
            "member.added",
            at=at,
            on=on,
            by=by,
            subject=member.id,
            data={"name": name, "roles": list(roles), "department": department.name},
        )
    )
    return member


def seat(member: Member, *, password: str | None = None, language: str = "") -> User:
    """Let a member sign in by his e-mail; a person known from another company keeps his password."""
    if not member.email:
        raise ValueError("a member without e-mail cannot sign in")
    user = User.objects.filter(email=member.email.lower()).first()
    if user is None:
        user = User.objects.create_user(member.email, password, name=member.name, language=language)
    member.user = user
    member.touch().save(update_fields=["user", "version", "updated_at"])
    Seat.objects.get_or_create(user=user, tenant_id=current())
    return user


def set_roles(member: Member, roles: Sequence[str], *, at: datetime, on: date, by: Actor | None) -> None:
    """Give a member other roles; they hold from his next request on."""
    before, member.roles = member.roles, list(roles)
    member.touch().save(update_fields=["roles", "version", "updated_at"])
    record(
        event(
            "member.roles_changed",
            at=at,
            on=on,
            by=by,
            subject=member.id,
            data={"name": member.name, "before": before, "after": list(roles)},
        )
    )
