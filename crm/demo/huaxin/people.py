"""华信科技 Huaxin Tech: its departments and people."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.contrib.auth.hashers import make_password

from crm.accounts import departments, members
from crm.accounts.models import Department, Member, User
from crm.accounts.rights import Role
from customers.assignment import remits
from customers.assignment.remits import Place, Remit

DEPARTMENTS = (  # code, name, kind, parent
    ("EAST", "华东商务部", Department.Kind.SALES, "HQ"),
    ("NORTH", "华北商务部", Department.Kind.SALES, "HQ"),
    ("SOUTH", "华南商务部", Department.Kind.SALES, "HQ"),
    ("NINGBO", "宁波组", Department.Kind.SALES, "EAST"),
    ("OPS", "运维部", Department.Kind.OPS, "HQ"),
    ("SERVICE", "客服部", Department.Kind.SERVICE, "HQ"),
    ("FINANCE", "财务部", Department.Kind.FINANCE, "HQ"),
)
PEOPLE = (  # code, name, department, roles, title
    ("gao", "高远", "HQ", (Role.EXECUTIVE,), "总经理"),
    ("an", "安琪", "HQ", (Role.TENANT_ADMIN,), "系统管理员"),
    ("shen", "沈纪", "HQ", (Role.AUDITOR,), "审计"),
    ("chen", "陈静", "EAST", (Role.DEPT_HEAD, Role.SALES), "华东商务部经理"),
    ("li", "李娜", "EAST", (Role.SALES,), "客户经理"),
    ("zhou", "周毅", "EAST", (Role.SALES,), "客户经理"),
    ("zhaop", "赵鹏", "EAST", (Role.SALES,), "客户经理"),
    ("wu", "吴迪", "NINGBO", (Role.TEAM_LEAD, Role.SALES), "宁波组长"),
    ("suny", "孙悦", "NINGBO", (Role.SALES,), "客户经理"),
    ("ma", "马建国", "NORTH", (Role.DEPT_HEAD, Role.SALES), "华北商务部经理"),
    ("liuy", "刘洋", "NORTH", (Role.SALES,), "客户经理"),
    ("tang", "唐雪", "NORTH", (Role.SALES,), "客户经理"),
    ("huang", "黄志强", "SOUTH", (Role.DEPT_HEAD, Role.SALES), "华南商务部经理"),
    ("lin", "林晓", "SOUTH", (Role.SALES,), "客户经理"),
    ("guo", "郭峰", "SOUTH", (Role.SALES,), "客户经理"),
    ("wang", "王磊", "OPS", (Role.OPS,), "运维工程师"),
    ("he", "何苗", "SERVICE", (Role.SERVICE,), "客服专员"),
    ("qian", "钱敏", "FINANCE", (Role.FINANCE,), "财务主管"),
    ("tian", "田蓉", "FINANCE", (Role.COMP_ADMIN,), "提成管理员"),
)
TERRITORIES = {
    "EAST": ("上海", "江苏", "安徽", "浙江"),
    "NORTH": ("北京", "天津", "河北", "山东"),
    "SOUTH": ("广东", "福建", "湖南"),
}
AUTHORITY = {"EAST": Decimal("3000000.00"), "NORTH": Decimal("1000000.00"), "SOUTH": Decimal("1000000.00")}


@dataclass
class Company:
    """Departments and people by their codes."""

    departments: dict[str, Department] = field(default_factory=dict)
    people: dict[str, Member] = field(default_factory=dict)


def hire(*, password: str, at: datetime, on: date) -> Company:
    """Departments, territories and people of the tenant in scope; everyone may sign in."""
    company = Company({"HQ": Department.objects.get(code="HQ")})
    for code, name, kind, parent in DEPARTMENTS:
        company.departments[code] = departments.create(
            code=code, name=name, kind=kind, parent=company.departments[parent]
        )
    for code, name, department, roles, title in PEOPLE:
        person = members.add(
            code=code,
            name=name,
            title=title,
            department=company.departments[department],
            roles=roles,
            email=f"{code}@huaxin.example",
            at=at,
            on=on,
        )
        members.seat(person, language="zh-hans")
        company.people[code] = person
    for code, provinces in TERRITORIES.items():
        remit = Remit([Place(one) for one in provinces], terms={"authority_amount": AUTHORITY[code]})
        remits.give(company.departments[code], remit=remit, version=1, by=company.people["an"], at=at, on=on)
    give_password(password)
    return company


def give_password(password: str) -> None:
    """One password for everyone of the tenant in scope, hashed once: a good hash is slow by design."""
    seated = Member.objects.filter(user__isnull=False).values("user")
    User.objects.filter(id__in=seated).update(password=make_password(password))
