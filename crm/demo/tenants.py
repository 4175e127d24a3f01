"""The two demo tenants: making one whole or not at all, and who can sign in to them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from crm.accounts import tenants
from crm.demo.huaxin import people, play
from crm.events.record import follow_up_pending
from crm.nightly import run as night_run
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
)


@transaction.atomic
def huaxin(*, on: date, at: datetime, scale: int = 1, progress: Progress = lambda done, total: None) -> Tenant:
    """华信科技: a Chinese company lived through the real verbs over three years until `on`."""
    began = min(play.nights(on))
    company = tenants.found(slug="huaxin", name="华信科技", at=play.moment(began), on=began, is_demo=True)
    with tenant(company.id):
        staff = people.hire(password=PASSWORD, at=play.moment(began), on=began)
        play.play(
            staff, today=on, scale=scale, progress=progress,
            night=lambda day, moment: night_run.run(company, business_day=day, at=moment),
        )
        while follow_up_pending():
            pass
    return company
