"""Loading `maven`: the published files through the importer, as a company would bring in its own."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal

from commissions import plans
from commissions.models import Plan, PlanVersion
from crm.accounts import members, tenants
from crm.accounts.models import Department, Member
from crm.accounts.rights import Role
from crm.demo.bringing import bring_in
from crm.demo.huaxin.people import give_password
from crm.demo.maven.reading import Maven, Row
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


def business(company: Maven, *, at: datetime, on: date) -> None:
    """Everything of the published files, kind by kind; raises Broken if a row was refused."""
    for kind, rows in _kinds(company):
        bring_in(kind, list(rows), name=f"maven-{kind}.csv", at=at, on=on)


def people(company: Maven, *, at: datetime, on: date) -> None:
    """Departments and members, which must be there before the head office is added."""
    for kind, rows in (("departments", company.departments()), ("members", company.members())):
        bring_in(kind, list(rows), name=f"maven-{kind}.csv", at=at, on=on)


def _kinds(company: Maven) -> Iterator[tuple[str, Iterable[Row]]]:
    yield "customers", company.customers()
    yield "contracts", company.contracts()
    yield "payments", company.payments()
    yield "interactions", company.interactions()
