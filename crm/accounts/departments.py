from typing import Any

from crm.accounts.models import Department


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
