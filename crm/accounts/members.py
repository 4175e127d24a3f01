from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer, viewer_of
from crm.accounts.departments import differences
from crm.accounts.models import Department, Member, Seat, User
from crm.accounts.rights import Role
from crm.accounts.roles import GRANTS
from crm.events.record import Actor, event, record
from crm.refusal import Fault, Refused
from crm.tenancy.context import current

EDITABLE = ("code", "name", "email", "title", "department", "status")


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
    """A new person of the company; he cannot sign in until he has a seat.

    Refused for a taken code or e-mail, and for roles beyond the rights of a Viewer who adds him.
    """
    email = email.strip().lower()
    _judge_unique(code=code, email=email)
    _judge_roles(by, (), roles)
    member = Member.objects.create(
        code=code, name=name, department=department, roles=list(roles), email=email, **fields
    )
    data = {"name": name, "roles": list(roles), "department": department.name}
    record(event("member.added", at=at, on=on, by=by, subject=member.id, data=data))
    return member


def edit(
    member: Member,
    *,
    changes: Mapping[str, Any],
    version: int,
    at: datetime,
    on: date,
    by: Actor | None,
) -> Member:
    """Change a member; `changes` may hold the fields of EDITABLE and `roles`.

    One who has left loses his seat. Conflict when somebody changed him after `version`; Refused for a
    taken code or e-mail, for roles beyond the editor's own rights, and for the last tenant admin.
    """
    locked = Member.objects.select_for_update().select_related(None).get(pk=member.pk)
    locked.refuse_stale(version)
    wanted = dict(changes)
    if "email" in wanted:
        wanted["email"] = wanted["email"].strip().lower()
    diff = differences(locked, wanted, EDITABLE)
    _judge_unique(**{field: wanted[field] for field in ("code", "email") if field in diff})
    roles = wanted.get("roles", locked.roles)
    if set(roles) != set(locked.roles):
        _judge_roles(by, locked.roles, roles)
        diff["roles"] = [locked.roles, list(roles)]
    if not diff:
        return locked
    _keep_an_admin(locked, roles, wanted.get("status", locked.status))
    _apply(locked, wanted, diff)
    data = {"name": locked.name, "changes": diff}
    record(event("member.edited", at=at, on=on, by=by, subject=locked.id, data=data))
    return locked


def _apply(member: Member, wanted: Mapping[str, Any], diff: Collection[str]) -> None:
    for field in diff:
        setattr(member, field, list(wanted[field]) if field == "roles" else wanted[field])
    if member.status == Member.Status.LEFT and member.user_id:
        Seat.objects.filter(user_id=member.user_id, tenant_id=current()).delete()
        member.user = None
    member.touch().save()


def set_roles(member: Member, roles: Sequence[str], *, at: datetime, on: date, by: Actor | None) -> None:
    """Give a member other roles; they hold from his next request on."""
    changed = edit(member, changes={"roles": roles}, version=member.version, at=at, on=on, by=by)
    member.roles, member.version = changed.roles, changed.version


def seat(member: Member, *, password: str | None = None, language: str = "") -> User:
    """Let a member sign in by his e-mail; a person known from another company keeps his password."""
    if not member.email:
        raise Refused(Fault("email", "required", _("Without an e-mail nobody can sign in.")))
    user = User.objects.filter(email=member.email.lower()).first()
    if user is None:
        user = User.objects.create_user(member.email, password, name=member.name, language=language)
    elif not user.has_usable_password() and user.seats.exclude(tenant_id=current()).exists():
        # Another company's invitation may still be open: its link must not open this company too.
        user.set_unusable_password()
        user.save(update_fields=["password"])
    member.user = user
    member.touch().save(update_fields=["user", "version", "updated_at"])
    Seat.objects.get_or_create(user=user, tenant_id=current())
    return user


def invite(member: Member, *, by: Actor, at: datetime, on: date) -> User:
    """Give a member a seat; Refused for one who has left or has no e-mail."""
    if member.status == Member.Status.LEFT:
        raise Refused(Fault("status", "left", _("Who has left cannot be invited.")))
    user = seat(member)
    record(event("member.invited", at=at, on=on, by=by, subject=member.id, data={"name": member.name}))
    return user


def may_set_password(user: User) -> bool:
    """Whether this company may hand out a link that sets the person's first password.

    Not for one who has a password, and not for one whom another company invited too: the link would
    open that company as well. He asks for a link by mail himself.
    """
    return not user.has_usable_password() and not user.seats.exclude(tenant_id=current()).exists()


def grantable(viewer: Viewer) -> list[Role]:
    """Roles that a viewer may give: those whose rights and scopes he has himself.

    A tenant admin may give every role, or a company could never be set up; each time it is recorded
    who gave what, and he cannot act as those he made.
    """
    if Role.TENANT_ADMIN in viewer.member.roles:
        return list(Role)
    return [
        role
        for role, grant in GRANTS.items()
        if grant.rights <= viewer.rights
        and grant.customers <= viewer.customers
        and grant.commission <= viewer.commission
    ]


def _judge_roles(by: Actor | None, before: Collection[str], after: Collection[str]) -> None:
    if by is None:
        return
    viewer = by if isinstance(by, Viewer) else viewer_of(by)  # type: ignore[arg-type]
    allowed = {str(role) for role in grantable(viewer)}
    if {str(role) for role in set(before) ^ set(after)} - allowed:
        words = _("You can give or take only roles whose rights you have yourself.")
        raise Refused(Fault("roles", "beyond_own", words))


def _keep_an_admin(member: Member, roles: Collection[str], status: str) -> None:
    stays = Role.TENANT_ADMIN in roles and status == Member.Status.ACTIVE
    if Role.TENANT_ADMIN not in member.roles or stays:
        return
    admins = Member.objects.select_for_update().filter(
        roles__contains=[Role.TENANT_ADMIN], status=Member.Status.ACTIVE
    )
    if not [admin for admin in admins.order_by("pk") if admin.pk != member.pk]:
        words = _("The last tenant admin stays; make another person tenant admin first.")
        raise Refused(Fault("roles", "last_admin", words))


def _judge_unique(*, code: str = "", email: str = "") -> None:
    faults = []
    if code and Member.objects.filter(code=code).exists():
        faults.append(Fault("code", "taken", _("Another person has this staff number.")))
    if email and Member.objects.filter(email=email).exists():
        faults.append(Fault("email", "taken", _("Another person of the company has this e-mail.")))
    if faults:
        raise Refused(*faults)
