import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from crm.celery import app
from crm.events.models import Event
from crm.events.record import event, record
from crm.integrations import health
from crm.nightly import due, tasks
from crm.nightly.models import NightRun, NightStep
from crm.nightly.run import run
from crm.nightly.steps import STEPS, Step
from crm.refusal import Conflict
from crm.tenancy.context import tenant
from crm.tenancy.models import Tenant
from crm.tests.cast import NOW, TODAY
from customers.models import Customer, Standing
from tiers import strategies
from tiers.models import TierPolicy

pytestmark = pytest.mark.django_db


def telling(name: str) -> Step:
    """A step that leaves one event."""

    def do(on: date, at: datetime) -> int:
        return len(record(event("night.tested", at=at, on=on, data={"step": name})))

    return Step(name, do)


def failing(name: str) -> Step:
    """A step that does something and then breaks."""

    def do(on: date, at: datetime) -> int:
        telling(name).do(on, at)
        raise ZeroDivisionError("no reason")

    return Step(name, do)


def told() -> list[str]:
    return [each.data["step"] for each in Event.objects.filter(name="night.tested").order_by("id")]


def acme() -> Customer:
    made = Customer.objects.create(code="A", name="A", registered_on=TODAY)
    Standing.objects.create(customer=made)
    return made


def command(*words: str) -> str:
    out = StringIO()
    call_command("nightly", *words, stdout=out)
    return out.getvalue()


def test_steps_run_in_order_as_of_the_business_day_and_are_remembered(here) -> None:
    report = run(here.tenant, TODAY, NOW, steps=[telling("one"), telling("two")])
    assert (report.state, [(done.step, done.rows) for done in report.steps]) == (
        "DONE",
        [("one", 1), ("two", 1)],
    )
    assert told() == ["one", "two"]
    assert list(NightStep.objects.values_list("business_day", "step", "rows")) == [
        (TODAY, "one", 1),
        (TODAY, "two", 1),
    ]
    night = NightRun.objects.get()
    assert (night.state, night.error, night.started_at) == ("DONE", "", NOW)
    assert NOW <= night.finished_at < NOW + timedelta(minutes=1)


def test_a_night_that_is_done_is_not_done_again(here) -> None:
    steps = [telling("one")]
    run(here.tenant, TODAY, NOW, steps=steps)
    again = run(here.tenant, TODAY, NOW, steps=steps)
    assert (again.state, again.steps, told()) == ("DONE", [], ["one"])


def test_a_broken_step_leaves_nothing_and_the_next_call_begins_with_it(here) -> None:
    report = run(here.tenant, TODAY, NOW, steps=[telling("one"), failing("two"), telling("three")])
    assert (report.state, report.error) == ("FAILED", "two: ZeroDivisionError: no reason")
    assert NightRun.objects.get().error == report.error
    assert told() == ["one"]
    later = run(here.tenant, TODAY, NOW, steps=[telling("one"), telling("two"), telling("three")])
    assert [done.step for done in later.steps] == ["two", "three"]
    assert told() == ["one", "two", "three"]
    assert (NightRun.objects.get().state, NightRun.objects.get().error) == ("DONE", "")


def test_nights_of_two_tenants_know_nothing_of_each_other(here, beihe) -> None:
    run(here.tenant, TODAY, NOW, steps=[telling("one")])
    with tenant(beihe.tenant.id):
        assert (NightRun.objects.count(), told()) == (0, [])
        run(beihe.tenant, TODAY, NOW, steps=[telling("one")])
        assert told() == ["one"]
    assert told() == ["one"]


def test_an_earlier_day_is_refused_once_a_later_one_has_begun(here) -> None:
    run(here.tenant, TODAY, NOW, steps=[telling("one"), failing("two")])
    with pytest.raises(Conflict) as refusal:
        run(here.tenant, TODAY - timedelta(days=1), NOW, steps=[telling("one")])
    assert [(fault.field, fault.code) for fault in refusal.value.faults] == [("on", "overtaken")]


def test_a_night_that_suddenly_sees_no_customer_raises_the_alarm(here) -> None:
    made = acme()
    run(here.tenant, TODAY, NOW, steps=[telling("one")])
    assert NightRun.objects.get().customers == 1
    made.delete()
    report = run(here.tenant, TODAY + timedelta(days=1), NOW, steps=[telling("one")])
    assert (report.state, report.error.split(":")[:2]) == ("FAILED", ["one", " NothingSeen"])
    assert told() == ["one"]


def test_a_tenant_without_customers_has_quiet_nights(here) -> None:
    assert run(here.tenant, TODAY, NOW).state == "DONE"


def test_the_second_run_of_the_real_steps_changes_no_row(here) -> None:
    acme()
    run(here.tenant, TODAY, NOW)
    for step in STEPS:
        assert (step.name, step.do(TODAY, NOW)) == (step.name, 0)


def moving(customer: Customer) -> Step:
    """A step that tells that a customer stands in another stage."""

    def do(on: date, at: datetime) -> int:
        return len(record(event("stage.moved", at=at, on=on, subject=customer.pk, customer=customer.pk)))

    return Step("move", do)


def test_what_a_later_step_does_for_everybody_follows_no_event_of_the_night(here) -> None:
    customer = acme()
    due = []

    def look(on: date, at: datetime) -> int:
        due.append(Standing.objects.get().contact_due_on)
        return 0

    run(here.tenant, TODAY, NOW, steps=(moving(customer), Step("look", look), STEPS[-1]))
    assert STEPS[-1].do is strategies.refresh_all
    assert [*due, Standing.objects.get().contact_due_on] == [None, strategies.of(customer, TODAY).due_on]


def test_by_day_it_follows_at_once(here) -> None:
    customer = acme()
    moving(customer).do(TODAY, NOW)
    assert Standing.objects.get().contact_due_on == strategies.of(customer, TODAY).due_on


@pytest.mark.parametrize(
    ("at", "zone", "day"),
    [
        (datetime(2026, 11, 19, 18, 9, 59, tzinfo=UTC), "Asia/Shanghai", date(2026, 11, 19)),
        (datetime(2026, 11, 19, 18, 10, tzinfo=UTC), "Asia/Shanghai", date(2026, 11, 20)),
        (datetime(2026, 11, 20, 15, 59, tzinfo=UTC), "Asia/Shanghai", date(2026, 11, 20)),
        # 02:10 does not exist on the night clocks go forward, and exists once when they go back.
        (datetime(2026, 3, 8, 6, 59, tzinfo=UTC), "America/New_York", date(2026, 3, 7)),
        (datetime(2026, 3, 8, 7, 0, tzinfo=UTC), "America/New_York", date(2026, 3, 8)),
        (datetime(2026, 11, 1, 6, 10, tzinfo=UTC), "America/New_York", date(2026, 10, 31)),
        (datetime(2026, 11, 1, 7, 10, tzinfo=UTC), "America/New_York", date(2026, 11, 1)),
    ],
)
def test_the_business_day_begins_at_ten_past_two_of_the_tenants_clock(at, zone, day) -> None:
    assert due.due_day(at, zone) == day


def test_a_night_is_due_until_it_is_done(yunheng, beihe) -> None:
    Tenant.objects.exclude(slug="yunheng").update(is_active=False)
    assert list(due.due(NOW)) == [(yunheng.tenant, TODAY)]
    run(yunheng.tenant, TODAY, NOW, steps=[failing("one")])
    assert list(due.due(NOW)) == [(yunheng.tenant, TODAY)]
    run(yunheng.tenant, TODAY, NOW, steps=[telling("one")])
    assert list(due.due(NOW)) == []
    assert list(due.due(NOW + timedelta(days=1))) == [(yunheng.tenant, TODAY + timedelta(days=1))]


@pytest.fixture
def eager() -> Iterator[None]:
    """Jobs run where they are sent."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


def test_the_beat_starts_every_tenant_that_is_due(yunheng, beihe, eager) -> None:
    tasks.start_due()
    for company in (yunheng, beihe):
        with tenant(company.tenant.id):
            assert NightRun.objects.get().state == "DONE"


def test_the_age_is_that_of_the_tenant_that_waits_longest(yunheng, beihe) -> None:
    Tenant.objects.update(created_at=NOW - timedelta(days=9))
    run(yunheng.tenant, TODAY, NOW, steps=[])
    assert due.last_run_age(NOW) == timedelta(days=9)
    run(beihe.tenant, TODAY, NOW - timedelta(hours=30), steps=[])
    assert timedelta(hours=29) < due.last_run_age(NOW) <= timedelta(hours=30)


def test_readiness_tells_the_age_of_the_night(yunheng, beihe) -> None:
    finding = health.findings()["night"]
    assert (finding.fine, finding.number is not None) == (True, True)


def test_the_command_runs_every_tenant_and_tells_each_step(yunheng, beihe) -> None:
    lines = command("--on", "2026-11-20").splitlines()
    ends = [line for line in lines if line.endswith("DONE")]
    assert ends == ["yunheng 2026-11-20: DONE", "beihe 2026-11-20: DONE"]
    assert len(lines) == 2 * (len(STEPS) + 1)


def test_a_failing_tenant_stops_no_other_and_makes_the_command_fail(yunheng, beihe) -> None:
    with tenant(yunheng.tenant.id):
        TierPolicy.objects.all().delete()
    with pytest.raises(CommandError, match="failed: yunheng"):
        command("--on", "2026-11-20")
    with tenant(yunheng.tenant.id):
        assert NightRun.objects.get().state == "FAILED"
    with tenant(beihe.tenant.id):
        assert NightRun.objects.get().state == "DONE"


def test_the_command_answers_programs_in_json(yunheng) -> None:
    (report,) = json.loads(command("--tenant", "yunheng", "--on", "2026-11-20", "--json"))
    assert (report["tenant"], report["business_day"], report["state"]) == ("yunheng", "2026-11-20", "DONE")
    assert [step["step"] for step in report["steps"]] == [step.name for step in STEPS]


@pytest.mark.parametrize("words", [("--tenant", "nobody"), ("--on", "2026-99-99")])
def test_the_command_refuses_what_it_cannot_know(words, yunheng) -> None:
    with pytest.raises(CommandError):
        command(*words)
    with tenant(yunheng.tenant.id):
        assert NightRun.objects.count() == 0
