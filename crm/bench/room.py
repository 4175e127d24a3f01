"""A tenant that a bench fills by itself, and leaves no trace of."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import connection, connections
from django.db.models import Model

from crm.accounts import tenants
from crm.tenancy.context import current, tenant
from crm.tenancy.models import Tenant


@contextmanager
def room(at: datetime) -> Iterator[Tenant]:
    """A new tenant with the defaults of every app, in no timetable; removed with all its rows at the end."""
    company = tenants.found(slug=f"bench-{uuid4().hex[:12]}", name="Bench", at=at, on=at.date())
    Tenant.objects.filter(pk=company.pk).update(is_active=False)
    try:
        with tenant(company.id):
            yield company
    finally:
        remove(company)


def remove(company: Tenant) -> None:
    """Delete a tenant and every row of it, as the owner: append-only tables and people too."""
    for _table, _rows in tenants.delete(company):
        pass


def fill(model: type[Model], columns: dict[str, str], source: str, at: datetime) -> int:
    """INSERT … SELECT into a table of the tenant in scope; returns the rows.

    `columns` are SQL by column of the model, over the FROM clause `source`; a column left out takes
    the model's own default.
    """
    defaults: dict[str, Any] = {"tenant_id": current()}
    for field in model._meta.concrete_fields:
        if field.column in columns or field.column in defaults or _by_database(field):
            continue
        is_stamp = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
        value = at if is_stamp else field.get_default()
        defaults[str(field.column)] = field.get_db_prep_save(value, connection)
    names = ", ".join(f'"{name}"' for name in [*defaults, *columns])
    values = ", ".join([*(["%s"] * len(defaults)), *columns.values()])
    with connection.cursor() as cursor:
        table = model._meta.db_table
        cursor.execute(f'INSERT INTO "{table}" ({names}) SELECT {values} FROM {source}', [*defaults.values()])
        return cursor.rowcount


def _by_database(field: Any) -> bool:
    return field.primary_key or field.generated or field.has_db_default()


def tidy(*models: type[Model]) -> None:
    """What autovacuum would do sooner or later."""
    with connections["owner"].cursor() as cursor:
        for model in models:
            cursor.execute(f'VACUUM ANALYZE "{model._meta.db_table}"')
