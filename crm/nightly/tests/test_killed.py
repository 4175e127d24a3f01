"""Processes that die or meet in the night: real ones, killed with SIGKILL at random moments."""

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connections, transaction

from crm.accounts import tenants
from crm.accounts.models import Department
from crm.events.models import Event
from crm.events.record import event, record
from crm.nightly.models import NightRun, NightStep
from crm.nightly.run import run
from crm.nightly.steps import Step
from crm.tenancy.context import tenant
from crm.tenancy.models import Tenant, TenantModel
from crm.tests.cast import NOW, TODAY
from customers.models import Contract, ContractYear, Customer, Standing
from tiers.models import Grade

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

BETWEEN = 0.02  # seconds a slow step waits before and after what it does


def slow(name: str) -> Step:
    """A step that leaves one event, and takes long enough to be killed in."""

    def do(on: date, at: datetime) -> int:
        time.sleep(BETWEEN)
        record(event("night.tested", at=at, on=on, data={"step": name}))
        time.sleep(BETWEEN)
        return 1

    return Step(name, do)


SLOW = [slow(name) for name in ("one", "two", "three", "four")]


def child(work: Callable[[], Any]) -> int:
    """Start work in a process of its own; returns its number."""
    connections.close_all()
    number = os.fork()
    if number == 0:
        try:
            work()
        finally:
            sys.stdout.flush()
            os._exit(0)
    return number


def die(number: int, after: float) -> bool:
    """Kill a process after some seconds; tells whether it was still alive."""
    time.sleep(after)
    os.kill(number, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(number, 0)[1])


def finish(company: Tenant, day: date, **steps: Any) -> None:
    """Call the night until it is done: a killed process may hold its lock until its statement ends."""
    until = time.monotonic() + 20
    while run(company, day, NOW, **steps).state != "DONE":
        assert time.monotonic() < until
        time.sleep(0.05)


def book(slug: str, customers: int = 150) -> Tenant:
    """A company whose customers have contracts that end and begin around TODAY."""
    company = tenants.found(slug=slug, name=slug, at=NOW, on=TODAY)
    chance = random.Random(4)
    with tenant(company.id), transaction.atomic():
        top = Department.objects.get()
        for number in range(customers):
            owner = Customer.objects.create(code=f"C{number}", name=f"C{number}", registered_on=TODAY)
            Standing.objects.create(customer=owner)
            starts = TODAY - timedelta(days=chance.randint(0, 460))
            ends, gross = starts + timedelta(days=365), chance.randint(1, 1_500_000)
            contract = Contract.objects.create(
                customer=owner, number=f"C{number}", gross=gross, signed_on=starts, starts_on=starts,
                ends_on=ends, entered_on=starts, responsible_dept=top,
            )  # fmt: skip
            ContractYear.objects.create(
                contract=contract, customer=owner, number=1, starts_on=starts, ends_on=ends,
                gross=gross, annual_amount=gross, counts_from=starts, counts_until=ends,
            )  # fmt: skip
    return company


def state(company: Tenant) -> dict[str, Any]:
    """Everything the night says of a company: what stands, what was judged, and no row of any kind twice."""
    standing = [
        each.name for each in Standing._meta.concrete_fields if each.name not in ("tenant_id", "customer")
    ]
    grade = ("tier", "previous", "computed_tier", "annual_amount", "below_since", "on", "trigger")
    with tenant(company.id), transaction.atomic():
        return {
            "standing": list(
                Standing.objects.order_by("customer__code").values_list("customer__code", *standing)
            ),
            "grades": list(
                Grade.objects.order_by("customer__code", "id").values_list("customer__code", *grade)
            ),
            "steps": list(
                NightStep.objects.order_by("business_day", "id").values_list("business_day", "step")
            ),
            "runs": list(NightRun.objects.values_list("business_day", "state")),
            "rows": {
                model.__name__: model.objects.count()
                for model in apps.get_models()
                if issubclass(model, TenantModel)
            },
        }


def told(company: Tenant) -> list[str]:
    with tenant(company.id), transaction.atomic():
        events = Event.objects.filter(name="night.tested").order_by("id")
        return [each.data["step"] for each in events]


def test_a_night_killed_again_and_again_does_every_step_once() -> None:
    company = tenants.found(slug="killed", name="Killed", at=NOW, on=TODAY)
    chance = random.Random()
    while die(child(lambda: run(company, TODAY, NOW, steps=SLOW)), chance.uniform(0.0, 0.3)):
        assert told(company) == ["one", "two", "three", "four"][: len(told(company))]
    finish(company, TODAY, steps=SLOW)
    assert told(company) == ["one", "two", "three", "four"]


def test_the_real_night_killed_at_random_ends_as_a_clean_one() -> None:
    clean, killed = book("clean"), book("killed")
    days = [TODAY + timedelta(days=step) for step in range(0, 100, 20)]
    began = time.monotonic()
    for day in days:
        assert run(clean, day, NOW).state == "DONE"
    a_night = (time.monotonic() - began) / len(days)
    chance = random.Random()
    for day in days:
        for _attempt in range(4):
            die(child(lambda day=day: run(killed, day, NOW)), chance.uniform(0, a_night))
        finish(killed, day)
    assert state(killed) == state(clean)
    assert [done.step for day in days for done in run(killed, day, NOW).steps] == []


def test_two_runs_at_once_do_every_step_once() -> None:
    company = tenants.found(slug="once", name="Once", at=NOW, on=TODAY)
    both = [child(lambda: run(company, TODAY, NOW, steps=SLOW)) for _ in range(3)]
    for number in both:
        os.waitpid(number, 0)
    assert told(company) == ["one", "two", "three", "four"]
    with tenant(company.id), transaction.atomic():
        assert list(NightRun.objects.values_list("state", flat=True)) == ["DONE"]
        assert NightStep.objects.count() == len(SLOW)


def test_who_comes_second_leaves_at_once() -> None:
    company = tenants.found(slug="second", name="Second", at=NOW, on=TODAY)
    first = child(lambda: run(company, TODAY, NOW, steps=[Step("long", lambda on, at: time.sleep(3) or 0)]))
    time.sleep(1)
    began = time.monotonic()
    report = run(company, TODAY, NOW, steps=[slow("long")])
    assert (report.state, report.error) == ("RUNNING", "another process is doing this night")
    assert time.monotonic() - began < 1
    os.waitpid(first, 0)
    assert run(company, TODAY, NOW, steps=[slow("long")]).state == "DONE"
    assert told(company) == []
