"""The standing cast: two companies with the same people, so that whatever leaks is seen to leak."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from crm.accounts import departments, members, tenants
from crm.accounts.access import Viewer, viewer_of
from crm.accounts.models import Department, Member
from crm.accounts.rights import Role
from crm.tenancy.context import tenant
from crm.tenancy.models import Tenant

TODAY = date(2026, 11, 20)  # a Friday
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai
PASSWORD = "a-long-pass-phrase"

DEPARTMENTS = [
    ("EAST", "华东商务部", Department.Kind.SALES, "HQ"),
    ("NORTH", "华北商务部", Department.Kind.SALES, "HQ"),
    ("NINGBO", "宁波组", Department.Kind.SALES, "EAST"),
    ("OPS", "运维部", Department.Kind.OPS, "HQ"),
    ("SERVICE", "客服部", Department.Kind.SERVICE, "HQ"),
    ("FINANCE", "财务部", Department.Kind.FINANCE, "HQ"),
]
PEOPLE = [
    ("gao", "高远", "HQ", [Role.EXECUTIVE]),
    ("chen", "陈静", "EAST", [Role.DEPT_HEAD, Role.SALES]),
    ("li", "李娜", "EAST", [Role.SALES]),
    ("zhou", "周毅", "EAST", [Role.SALES]),
    ("wu", "吴迪", "NINGBO", [Role.TEAM_LEAD, Role.SALES]),
    ("zhao", "赵鹏", "NORTH", [Role.DEPT_HEAD, Role.SALES]),
    ("sun", "孙悦", "NORTH", [Role.SALES]),
    ("wang", "王磊", "OPS", [Role.OPS]),
    ("he", "何苗", "SERVICE", [Role.SERVICE]),
    ("qian", "钱敏", "FINANCE", [Role.FINANCE]),
    ("tian", "田蓉", "FINANCE", [Role.COMP_ADMIN]),
    ("an", "安琪", "HQ", [Role.TENANT_ADMIN]),
    ("shen", "沈纪", "HQ", [Role.AUDITOR]),
]


@dataclass
class Company:
    """One tenant of the cast, its departments and people by their short names."""

    tenant: Tenant
    departments: dict[str, Department] = field(default_factory=dict)
    people: dict[str, Member] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Member:
        try:
            return self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(name) from None

    def viewer(self, name: str) -> Viewer:
        """The person as the one who looks."""
        return viewer_of(self.people[name])


def company(slug: str, name: str) -> Company:
    """Found one company of the cast with all its people; everyone can sign in."""
    made = Company(tenants.found(slug=slug, name=name, at=NOW, on=TODAY))
    with tenant(made.tenant.id):
        made.departments["HQ"] = Department.objects.get(code="HQ")
        for code, title, kind, parent in DEPARTMENTS:
            made.departments[code] = departments.create(
                code=code, name=title, kind=kind, parent=made.departments[parent]
            )
        for code, person, department, roles in PEOPLE:
            made.people[code] = members.add(
                code=code,
                name=person,
                department=made.departments[department],
                roles=roles,
                email=f"{code}@{slug}.example",
                at=NOW,
                on=TODAY,
            )
            members.seat(made.people[code], password=PASSWORD)
    return made


def load(slug: str) -> Company:
    """The company of the cast as it stands in the database."""
    found = Company(Tenant.objects.get(slug=slug))
    with tenant(found.tenant.id):
        found.departments = {d.code: d for d in Department.objects.all()}
        found.people = {m.code: m for m in Member.objects.select_related("department")}
    return found
