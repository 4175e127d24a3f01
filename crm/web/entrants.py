"""Who comes in: the member with department and tenant, by one function of the database.

Every request asks this first, so the statement is not composed by the ORM each time (2.5 ms of the 4 ms
that the smallest answer took) and not planned each time either. Rows are still those of the tenant in
scope: by the argument, and by the policy of the database.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model

from crm.accounts.models import Department, Member
from crm.tenancy.context import current
from crm.tenancy.models import Tenant


def columns(model: type[Model], part: str) -> str:
    """The columns of a model from a part of what `e` answers, in the order in which `built` takes them."""
    return ", ".join(f'(e.{part})."{field.column}"' for field in model._meta.concrete_fields)


def built(model: type[Model], values: Sequence[Any]) -> Any:
    """An instance from the values of `columns`."""
    return model.from_db("default", _names(model), values)


@cache
def _names(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


@cache
def selected() -> str:
    """The columns of the three, in the order of `entrant`."""
    return ", ".join(
        columns(model, part) for model, part in ((Member, "m"), (Department, "d"), (Tenant, "t"))
    )


def entrant(values: Sequence[Any]) -> tuple[Member, Tenant]:
    """Member (with his department) and tenant from the values of `selected`."""
    widths = [len(model._meta.concrete_fields) for model in (Member, Department)]
    member = built(Member, values[: widths[0]])
    member.department = built(Department, values[widths[0] : sum(widths)])
    return member, built(Tenant, values[sum(widths) :])


def of_user(user_id: int) -> tuple[Member, Tenant] | None:
    """The person as a member of the tenant in scope; None if he is not, has left, or it is closed."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {selected()} FROM crm_entrant(%s, %s) e", [current(), user_id])
        found = cursor.fetchone()
    return entrant(found) if found else None
