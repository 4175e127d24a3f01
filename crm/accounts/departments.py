from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Department, Member
from crm.events.record import Actor, event, record
from crm.refusal import Fault, Refused

EDITABLE = ("code", "name", "kind", "parent", "authority_amount", "is_key_account", "is_active")


def create(
    *,
    code: str,
    name: str,
    kind: str = Department.Kind.SALES,
    parent: Department | None = None,
    **fields: Any,
) -> Department:
    """A new department below `parent`, or at the top."""
    department = Department(code=code, name=name, kind=kind, parent=parent, **fields)
    department.ancestors = [*(parent.ancestors if parent else []), department.id]
    department.save()
    return department


def add(*, by: Actor, at: datetime, on: date, **fields: Any) -> Department:
    """A new department by a person's hand; Refused when its code is taken."""
    _judge_code(fields["code"])
    department = create(**fields)
    data = {"name": department.name, "code": department.code}
    record(event("department.added", at=at, on=on, by=by, subject=department.id, data=data))
    return department


def edit(
    department: Department, *, changes: Mapping[str, Any], version: int, by: Actor, at: datetime, on: date
) -> Department:
    """Change a department and, when it moves, the line of all below it.

    Conflict when somebody changed it after `version`; Refused for a taken code, a circle, or closing a
    department in which people still work.
    """
    everyone = Department.objects.select_for_update().order_by("pk")
    moving = "parent" in changes  # two moves at once could close a circle that neither sees
    locked = next(d for d in everyone if d.pk == department.pk) if moving else everyone.get(pk=department.pk)
    locked.refuse_stale(version)
    diff = differences(locked, changes, EDITABLE)
    if not diff:
        return locked
    _judge(locked, changes, diff)
    for field in diff:
        setattr(locked, field, changes[field])
    locked.touch().save()
    if "parent" in diff:
        replant()
    data = {"name": locked.name, "changes": diff}
    record(event("department.edited", at=at, on=on, by=by, subject=locked.id, data=data))
    return locked


def differences(row: Any, changes: Mapping[str, Any], editable: tuple[str, ...]) -> dict[str, list[Any]]:
    """{field: [before, after]} in words for an event, of what `changes` really changes."""
    return {
        field: [_plain(getattr(row, field)), _plain(after)]
        for field, after in changes.items()
        if field in editable and getattr(row, field) != after
    }


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int | list | None) else str(value)


def _judge(department: Department, changes: Mapping[str, Any], diff: Mapping[str, Any]) -> None:
    parent = changes.get("parent")
    if "code" in diff:
        _judge_code(changes["code"])
    if "parent" in diff and parent and department.id in parent.ancestors:
        raise Refused(Fault("parent", "circle", _("A department cannot belong to one below it.")))
    if "is_active" in diff and not changes["is_active"]:
        below = Department.objects.filter(ancestors__contains=[department.id], is_active=True)
        at_work = Member.objects.filter(department__in=below).exclude(status=Member.Status.LEFT)
        if at_work.exists() or below.exclude(pk=department.pk).exists():
            words = _("People or departments still belong to it; move them first.")
            raise Refused(Fault("is_active", "in_use", words))


def _judge_code(code: str) -> None:
    if Department.objects.filter(code=code).exists():
        raise Refused(Fault("code", "taken", _("Another department has this code.")))


def replant() -> None:
    """Work out every department's ancestors again, after parents were changed in bulk.

    Raises ValueError naming a department that stands in a circle.
    """
    everyone = {d.id: d for d in Department.objects.all()}
    changed = []
    for department in everyone.values():
        line = _line(department, everyone)
        if line != department.ancestors:
            department.ancestors = line
            changed.append(department)
    Department.objects.bulk_update(changed, ["ancestors"])


def _line(department: Department, everyone: dict[Any, Department]) -> list[Any]:
    line = [department.id]
    while (parent := everyone[line[0]].parent_id) is not None:
        if parent in line:
            raise ValueError(department.code)
        line.insert(0, parent)
    return line
