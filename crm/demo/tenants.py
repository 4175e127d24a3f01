"""The two demo tenants: each made whole or not at all, and who can sign in to them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from crm.accounts import tenants
from crm.accounts.models import Member
from crm.demo.huaxin import people, planning, play
from crm.demo.maven import load
from crm.demo.maven.reading import Maven
from crm.events.record import follow_up_pending
from crm.nightly import run as night
from crm.tenancy.context import tenant
from crm.tenancy.models import Tenant

PASSWORD = "guanhu-demo-2026"
Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class LogIn:
    """One person to sign in as."""

    tenant: str
    role: str
    email: str


LOG_INS = (
    LogIn("huaxin", "sales 李娜", "li@huaxin.example"),
    LogIn("huaxin", "department head 陈静", "chen@huaxin.example"),
    LogIn("huaxin", "executive 高远", "gao@huaxin.example"),
    LogIn("huaxin", "finance 钱敏", "qian@huaxin.example"),
    LogIn("huaxin", "tenant admin 安琪", "an@huaxin.example"),
    LogIn("maven", "sales Darcel Schlecht", "darcel.schlecht@maven.example"),
    LogIn("maven", "department head Melvin Marxen", "melvin.marxen@maven.example"),
    LogIn("maven", "executive Morgan Hale", "ceo@maven.example"),
    LogIn("maven", "tenant admin Alex Kim", "admin@maven.example"),
)


def _silent(done: int, total: int) -> None:
    """Nobody watches."""


@transaction.atomic
def huaxin(*, on: date, at: datetime, scale: int = 1, progress: Progress = _silent) -> Tenant:
    """华信科技: a Chinese company lived through the real verbs over three years until `on`."""
    began = min(play.nights(on))
    company = tenants.found(slug="huaxin", name="华信科技", at=play.moment(began), on=began, is_demo=True)
    with tenant(company.id):
        staff = people.hire(password=PASSWORD, at=play.moment(began), on=began)
        play.play(
            staff,
            today=on,
            scale=scale,
            progress=progress,
            night=lambda day, moment: _night(company, day, moment),
        )
        _settle()
    transaction.on_commit(lambda: _try_out(company, on, at))
    return company


def _try_out(company: Tenant, on: date, at: datetime) -> None:
    with tenant(company.id):
        with transaction.atomic():
            tian = Member.objects.get(code="tian")
        planning.try_out(tian, at=at, on=on)


@transaction.atomic
def maven(*, on: date, at: datetime, scale: int = 1, progress: Progress = _silent) -> Tenant:
    """The published files, all dates shifted by one constant so that the last one falls on the day before."""
    published = Maven(on - timedelta(1))
    company = load.found(at=at, on=on)
    with tenant(company.id):
        load.set_rules(company.currency)
        load.people(published, at=at, on=on)
        load.staff(password=PASSWORD, at=at, on=on)
        load.business(published, at=at, on=on)
        _settle()
        _night(company, on, at)
        _settle()
    return company


TENANTS = {"huaxin": huaxin, "maven": maven}


def _night(company: Tenant, day: date, at: datetime) -> None:
    _settle()
    report = night.run(company, day, at)
    if report.error:
        raise RuntimeError(f"night of {day}: {report.error}")


def _settle() -> None:
    """Do at once what a worker would do later."""
    while follow_up_pending():
        continue
