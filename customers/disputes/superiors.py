"""Who judges between two people: the lowest superior they have in common, and the senior managers above."""

from collections.abc import Collection
from uuid import UUID

from crm.accounts.models import Member
from crm.accounts.rights import Role


def lowest_common(one: Member, other: Member) -> Member | None:
    """The head of the lowest department that holds both, who is neither; without one a senior manager."""
    shared = [key for key in one.department.ancestors if key in set(other.department.ancestors)]
    heads = _active(Role.DEPT_HEAD, {one.pk, other.pk}).filter(department__in=shared)
    found = sorted(heads, key=lambda head: (-shared.index(head.department_id), head.code))
    return found[0] if found else senior({one.pk, other.pk})


def senior(but: Collection[UUID]) -> Member | None:
    """A senior manager other than these."""
    return _active(Role.EXECUTIVE, but).order_by("code").first()


def _active(role: Role, but: Collection[UUID]):  # type: ignore[no-untyped-def]
    people = Member.objects.filter(status=Member.Status.ACTIVE, roles__contains=[role])
    return people.exclude(pk__in=but).select_related("department")
