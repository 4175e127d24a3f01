"""The nights of the company by the API: what each did, step by step."""

from uuid import uuid4

import pytest

from crm.nightly.models import NightRun, NightStep
from crm.nightly.run import run
from crm.nightly.steps import STEPS
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, codes, statements

pytestmark = pytest.mark.django_db


def night(company, days: int, state: str = NightRun.State.DONE, *steps: tuple[str, int, str]) -> NightRun:
    """A night of a company with its steps, their rows and seconds."""
    on = morning.day(days)
    with tenant(company.tenant.id):
        made = NightRun.objects.create(business_day=on, state=state, started_at=morning.noon(on))
        for name, rows, seconds in steps:
            NightStep.objects.create(run=made, business_day=on, step=name, rows=rows, seconds=seconds)
    return made


def test_a_night_comes_with_its_steps_in_order_and_their_sums(yunheng) -> None:
    made = night(yunheng, -1, NightRun.State.DONE, ("grade", 7, "1.250"), ("accrue", 5, "0.500"))
    found = Api(yunheng, "gao").get(f"nights/{made.pk}/?expand=steps").json()
    assert (found["business_day"], found["state"]) == (f"{morning.day(-1)}", "DONE")
    assert (found["rows"], found["seconds"]) == (12, "1.750")
    assert [(step["step"], step["rows"], step["seconds"]) for step in found["steps"]] == [
        ("grade", 7, "1.250"),
        ("accrue", 5, "0.500"),
    ]


def test_what_a_night_did_is_what_the_api_tells(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        morning.sign(morning.customer(yunheng.li, "华信"), "K-1", "345678.00", starts_on=morning.day(-30))
    told = run(yunheng.tenant, morning.today(), morning.noon(morning.today()))
    (found,) = Api(yunheng, "gao").get("nights/?expand=steps").json()["results"]
    assert [step["step"] for step in found["steps"]] == [step.name for step in STEPS]
    assert [step["rows"] for step in found["steps"]] == [step.rows for step in told.steps]
    assert (found["state"], found["customers"], found["rows"]) == ("DONE", 1, sum(s.rows for s in told.steps))


def test_a_night_without_a_step_has_changed_nothing(yunheng) -> None:
    made = night(yunheng, -1, NightRun.State.FAILED)
    found = Api(yunheng, "gao").get(f"nights/{made.pk}/?expand=steps").json()
    assert (found["rows"], found["seconds"], found["steps"]) == (0, "0.000", [])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [-1, -2, -3]),
        ("ordering=business_day", [-3, -2, -1]),
        ("state=FAILED", [-2]),
        ("state=FAILED,DONE&limit=2", [-1, -2]),
        (f"business_day__gte={morning.day(-2)}", [-1, -2]),
        (f"business_day__lte={morning.day(-2)}", [-2, -3]),
        (f"business_day={morning.day(-3)}", [-3]),
    ],
)
def test_nights_are_listed_newest_first_and_filtered(yunheng, query: str, found: list[int]) -> None:
    for days, state in ((-3, "DONE"), (-2, "FAILED"), (-1, "DONE")):
        night(yunheng, days, state, ("grade", 1, "0.100"), ("cash", 1, "0.100"))
    answer = Api(yunheng, "gao").get(f"nights/?{query}").json()
    assert [row["business_day"] for row in answer["results"]] == [f"{morning.day(days)}" for days in found]


def test_nights_are_walked_by_their_links_and_counted(yunheng) -> None:
    for days in (-3, -2, -1):
        night(yunheng, days, NightRun.State.DONE, ("grade", 1, "0.100"), ("cash", 1, "0.100"))
    api = Api(yunheng, "gao")
    first = api.get("nights/?limit=2&count=true").json()
    assert (len(first["results"]), first["count"]) == (2, 3)
    (last,) = api.get(first["next"]).json()["results"]
    assert (last["business_day"], last["rows"]) == (f"{morning.day(-3)}", 2)


def test_many_nights_with_their_steps_are_two_queries(yunheng) -> None:
    for days in (-3, -2, -1):
        night(yunheng, days, NightRun.State.DONE, ("grade", 1, "0.100"))
    api = Api(yunheng, "gao")
    api.get("nights/")
    with statements() as sql:
        assert len(api.get("nights/?expand=steps").json()["results"]) == 3
    assert len([text for text in sql if "nightly_" in text]) == 2


def test_nights_need_their_right_and_the_scope_of_the_key(yunheng) -> None:
    made = night(yunheng, -1)
    for path in ("nights/", f"nights/{made.pk}/"):
        assert Api(yunheng, "li").get(path).status_code == 403
        assert Api(yunheng, "gao", "customers:read").get(path).status_code == 403
        assert Api(yunheng, "gao", "nights:read").get(path).status_code == 200
        assert Api(yunheng, "gao", "platform:read").get(path).status_code == 200


def test_a_night_of_another_tenant_or_none_does_not_exist(yunheng, beihe) -> None:
    theirs, api = night(beihe, -1), Api(yunheng, "gao")
    assert api.get("nights/").json()["results"] == []
    assert [api.get(f"nights/{key}/").status_code for key in (theirs.pk, uuid4())] == [404, 404]


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("state=ASLEEP", ("state", "invalid_choice")),
        ("business_day=yesterday", ("business_day", "invalid")),
        ("step=grade", ("step", "unknown")),
        ("ordering=error", ("ordering", "unknown")),
        ("expand=tenant", ("expand", "unknown")),
    ],
)
def test_a_question_about_nights_that_makes_no_sense_is_told(yunheng, query: str, fault) -> None:
    answer = Api(yunheng, "gao").get(f"nights/?{query}")
    assert (answer.status_code, codes(answer)) == (400, [fault])
