"""What a tenant admin wants to know: what is not set up yet, the last night, the last imports."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.accounts.models import Department, Member
from crm.integrations.models import Import
from crm.nightly.models import NightRun
from customers.models import Contract, Customer, Payment

IMPORTS = 5


@dataclass(frozen=True)
class Step:
    """One thing to set up: done or not, what there is of it, and where it is done."""

    label: str
    is_done: bool
    note: str
    url: str
    action: str


@dataclass(frozen=True)
class Setup:
    """The page of a tenant admin."""

    steps: list[Step]
    without_role: list[Member]
    night: NightRun | None
    imports: list[Import]

    @property
    def open(self) -> int:
        return sum(not step.is_done for step in self.steps)


def setup() -> Setup:
    """How far the tenant in scope is set up: seven queries."""
    present = Member.objects.exclude(status=Member.Status.LEFT)
    people = present.aggregate(every=Count("pk"), seated=Count("pk", filter=Q(user__isnull=False)))
    return Setup(
        steps=list(_steps(people)),
        without_role=list(present.filter(roles=[]).select_related("department")[:20]),
        night=NightRun.objects.order_by("-business_day").first(),
        imports=list(Import.objects.order_by("-created_at", "-id")[:IMPORTS]),
    )


def _steps(people: dict[str, int]) -> Iterator[Step]:
    departments = Department.objects.filter(is_active=True).count()
    team = reverse("accounts:team")
    words = ngettext("%(n)d department", "%(n)d departments", departments) % {"n": departments}
    yield Step(_("Departments"), departments > 1, words, team, _("Add departments"))
    words = _("%(n)d people, %(seated)d can sign in") % {"n": people["every"], "seated": people["seated"]}
    yield Step(_("People"), people["seated"] > 1, words, team, _("Add people"))
    imports = reverse("integrations:imports")
    for label, rows in _books():
        there = rows.exists()
        words = _("there are some") if there else _("none yet")
        yield Step(label, there, words, imports, _("Import"))


def _books() -> Iterator[tuple[str, Any]]:
    yield _("Customers"), Customer.objects.all()
    yield _("Contracts"), Contract.objects.all()
    yield _("Receipts"), Payment.objects.all()
