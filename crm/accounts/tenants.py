from datetime import date, datetime

from django.db import transaction

from crm.accounts import departments, members
from crm.accounts.models import Department, Member
from crm.accounts.roles import Role
from crm.events.record import event, record
from crm.tenancy.context import tenant
from crm.tenancy.models import Tenant


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
