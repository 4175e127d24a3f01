from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import available_timezones

from django.apps import apps
from django.conf import settings
from django.db import connections, transaction
from django.db.models import Field
from django.utils.translation import gettext_lazy as _

from crm.accounts import departments, members
from crm.accounts.departments import differences
from crm.accounts.models import Department, Member, Seat, User
from crm.accounts.rights import Role
from crm.events.record import Actor, event, record
from crm.refusal import Fault, Refused
from crm.tenancy.context import current, tenant
from crm.tenancy.models import Tenant, TenantModel

EDITABLE = ("name", "time_zone", "language")
BATCH = 5000


@transaction.atomic
def found(
    *,
    slug: str,
    name: str,
    at: datetime,
    on: date,
    currency: str = "CNY",
    time_zone: str = "Asia/Shanghai",
    language: str = "zh-hans",
    is_demo: bool = False,
) -> Tenant:
    """A new tenant with its top department; the defaults of every app follow its event."""
    company = Tenant.objects.create(
        slug=slug, name=name, currency=currency, time_zone=time_zone, language=language, is_demo=is_demo
    )
    with tenant(company.id):
        departments.create(code="HQ", name=name, kind=Department.Kind.MANAGEMENT)
        record(event("tenant.founded", at=at, on=on, data={"slug": slug, "name": name, "currency": currency}))
    return company


def first_admin(*, name: str, email: str, password: str, at: datetime, on: date) -> Member:
    """The tenant admin who sets up the tenant in scope."""
    top = Department.objects.get(code="HQ")
    admin = members.add(
        code="ADMIN", name=name, email=email, department=top, roles=[Role.TENANT_ADMIN], at=at, on=on
    )
    members.seat(admin, password=password)
    return admin


def edit(*, changes: Mapping[str, Any], by: Actor, at: datetime, on: date) -> Tenant:
    """Change the tenant in scope. The currency stays: amounts are kept in it.

    Refused for an unknown time zone or language.
    """
    company = Tenant.objects.select_for_update().get(pk=current())
    diff = differences(company, changes, EDITABLE)
    if "time_zone" in diff and changes["time_zone"] not in available_timezones():
        raise Refused(Fault("time_zone", "unknown", _("There is no such time zone.")))
    if "language" in diff and changes["language"] not in dict(settings.LANGUAGES):
        raise Refused(Fault("language", "unknown", _("There is no such language.")))
    if diff:
        for field in diff:
            setattr(company, field, changes[field])
        company.save(update_fields=list(diff))
        record(event("tenant.edited", at=at, on=on, by=by, data={"changes": diff}))
    return company


def tables() -> list[type[TenantModel]]:
    """Every table of a tenant, children before what they refer to; made from the models.

    Keys that may be empty do not count, so that circles through them come apart.
    """
    waiting = {m for m in apps.get_models() if issubclass(m, TenantModel) and not m._meta.proxy}
    order: list[type[TenantModel]] = []
    while waiting:
        free = sorted(
            (m for m in waiting if not any(m in _parents(other) for other in waiting - {m})),
            key=lambda m: m._meta.label,
        )
        order += free
        waiting -= set(free)
    return order


def _parents(model: type[TenantModel]) -> set[Any]:
    return {f.related_model for f in _keys(model) if not f.null}


def _keys(model: type[TenantModel]) -> list[Field]:
    keys = [f for f in model._meta.local_fields if f.is_relation]
    return [f for f in keys if issubclass(f.related_model, TenantModel)]  # type: ignore[arg-type]


def delete(company: Tenant) -> Iterator[tuple[str, int]]:
    """Delete a tenant with all its rows, in batches as the owner; yields each table and its rows.

    The tenant is closed first, so that nobody writes meanwhile. It can be run again after a stop.
    People who work for no other tenant go too.
    """
    Tenant.objects.using("owner").filter(pk=company.pk).update(is_active=False)
    order = tables()
    for position, model in enumerate(order):
        for key in _keys(model):
            if key.null and key.related_model in order[: position + 1]:
                _batches(f"UPDATE %s SET {key.column} = NULL", model, company.pk, f"{key.column} IS NOT NULL")
    for model in order:
        yield model._meta.db_table, _batches("DELETE FROM %s", model, company.pk, "true")
    yield User._meta.db_table, _delete_people(company)
    Tenant.objects.using("owner").filter(pk=company.pk)._raw_delete("owner")


def _delete_people(company: Tenant) -> int:
    """Close the seats, then delete the people who have no other; returns how many."""
    seats = Seat.objects.using("owner").filter(tenant=company.pk)
    with transaction.atomic(using="owner"):
        people = list(seats.values_list("user_id", flat=True))
        seats.delete()
        alone = list(
            User.objects.using("owner").filter(pk__in=people, seats=None).values_list("pk", flat=True)
        )
        for link in User._meta.related_objects:
            if not issubclass(link.related_model, TenantModel):
                rows = link.related_model._base_manager.using("owner")
                rows.filter(**{f"{link.field.name}__in": alone}).delete()
        return User.objects.using("owner").filter(pk__in=alone)._raw_delete("owner")


def _batches(verb: str, model: type[TenantModel], number: int, condition: str) -> int:
    """Run a statement over one tenant's rows of a table, BATCH rows a transaction."""
    connection = connections["owner"]
    table = connection.ops.quote_name(model._meta.db_table)
    sql = (
        f"{verb % table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {table} "
        f"WHERE tenant_id = %s AND {condition} LIMIT {BATCH}))"
    )
    done = 0
    while True:
        with transaction.atomic(using="owner"), connection.cursor() as cursor:
            cursor.execute(sql, [number])
            done += cursor.rowcount
            if cursor.rowcount < BATCH:
                return done
