"""Loading `maven`: the published files through the importer, as a company would bring in its own."""

import csv
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO

from commissions import plans
from commissions.models import Plan, PlanVersion
from crm.accounts import members, tenants
from crm.accounts.models import Department, Member
from crm.accounts.roles import Role
from crm.demo.huaxin.people import give_password
from crm.demo.maven.reading import Maven, Row
from crm.integrations.imports import receiving, run
from crm.integrations.imports.kinds import kind_of
from crm.integrations.models import ImportFault
from crm.tenancy.models import Tenant
from tiers import policies
from tiers.models import Tier, TierPolicy

BANDS = (  # USD of twelve months
    policies.Band(Tier.COMPANY, Decimal("300000.00"), None),
    policies.Band(Tier.KEY, Decimal("200000.00"), Decimal("300000.00")),
    policies.Band(Tier.MAJOR, Decimal("100000.00"), Decimal("200000.00")),
    policies.Band(Tier.GENERAL, Decimal("0.00"), Decimal("100000.00")),
)
STAFF = (  # code, name, role, mail
    ("CEO", "Morgan Hale", Role.EXECUTIVE, "ceo@maven.example"),
    ("CFO", "Robin Ames", Role.FINANCE, "finance@maven.example"),
    ("ADMIN", "Alex Kim", Role.TENANT_ADMIN, "admin@maven.example"),
)


class Broken(RuntimeError):
    """A published file did not come in whole."""


def found(*, at: datetime, on: date) -> Tenant:
    """The tenant, as it is before anything is imported."""
    return tenants.found(
        slug="maven",
        name="Maven Hardware",
        at=at,
        on=on,
        currency="USD",
        time_zone="America/New_York",
        language="en",
        is_demo=True,
    )


def set_rules(currency: str) -> None:
    """The company's own bands, for tiers and for commission; nothing has used the defaults yet."""
    TierPolicy.objects.all().delete()
    policies.lay_down(code="1", bands=BANDS, currency=currency, valid_from=policies.LONG_AGO)
    amounts = {band.tier: band for band in BANDS}
    rows = [
        {
            **row,
            "from": str(amounts[row["class"]].lower),
            "to": None if amounts[row["class"]].upper is None else str(amounts[row["class"]].upper),
        }
        for row in plans.default_bands()
    ]
    PlanVersion.objects.all().delete()
    Plan.objects.all().delete()
    plans.found(currency, rows)


def staff(*, password: str, at: datetime, on: date) -> None:
    """The head office, which the published files do not have; and everyone may sign in."""
    top = Department.objects.get(code="HQ")
    for code, name, role, email in STAFF:
        members.add(code=code, name=name, email=email, department=top, roles=[role], at=at, on=on)
    for member in Member.objects.exclude(email=""):
        members.seat(member, language="en")
    give_password(password)


def bring_in(company: Maven, *, at: datetime, on: date) -> None:
    """Everything of the published files, kind by kind; raises Broken if a row was refused."""
    for kind, rows in _kinds(company):
        _bring_in(kind, list(rows), at=at, on=on)


def people(company: Maven, *, at: datetime, on: date) -> None:
    """Departments and members, which must be there before the head office is added."""
    for kind, rows in (("departments", company.departments()), ("members", company.members())):
        _bring_in(kind, list(rows), at=at, on=on)


def _kinds(company: Maven) -> Iterator[tuple[str, Iterable[Row]]]:
    yield "customers", company.customers()
    yield "contracts", company.contracts()
    yield "payments", company.payments()
    yield "interactions", company.interactions()


def _bring_in(kind: str, rows: list[Row], *, at: datetime, on: date) -> None:
    text = StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    file = BytesIO(text.getvalue().encode())
    found = receiving.receive(file, name=f"maven-{kind}.csv", kind=kind_of(kind), by=None, at=at)
    found = receiving.choose(found, mapping={name: place for place, name in enumerate(rows[0])})
    receiving.request(found, write=True, by=None, at=at, on=on)
    done = run.work(found.id, lambda: at)
    if done.refused or done.created != len(rows):
        first = ImportFault.objects.filter(run=done).order_by("row").values("row", "column", "code").first()
        raise Broken(f"{kind}: {done.state} {done.fault} {done.fault_params} {done.counts} {first}")
