import json
from contextlib import suppress
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from crm.accounts.models import User
from crm.bench.promise import Outcome
from crm.bench.room import room
from crm.tenancy.models import Tenant, TenantModel
from crm.tests.cast import NOW


def rows() -> dict[str, int]:
    """How many rows every table of tenants has, of all tenants together."""
    found = {}
    with connections["owner"].cursor() as cursor:
        for model in apps.get_models():
            if issubclass(model, TenantModel):
                cursor.execute(f'SELECT count(*) FROM "{model._meta.db_table}"')
                found[model.__name__] = cursor.fetchone()[0]
    return found


def test_a_promise_is_kept_up_to_its_bound() -> None:
    kept = Outcome("a.b", 1.5, 1.5, "a limit")
    broken = Outcome("a.b", 1.501, 1.5, "a limit")
    assert (kept.line(), broken.line()) == ("a.b 1.50 1.50 pass", "a.b 1.50 1.50 fail")
    assert broken.plain() == {
        "name": "a.b",
        "ratio": 1.501,
        "bound": 1.5,
        "limit": "a limit",
        "detail": "",
        "pass": False,
    }


def measured(name: str) -> dict[str, dict]:
    """The outcomes of a bench at a size that keeps no promise of speed: starting costs more than the work."""
    out = StringIO()
    with suppress(CommandError):
        call_command("bench", "--scale", "60", "--only", name, "--json", stdout=out)
    return {each["name"]: each for each in json.loads(out.getvalue())}


PROMISES = {
    "api": {
        *("api.floor", "api.floor.queries", "api.list", "api.list.queries", "api.detail"),
        *("api.detail.queries", "api.shape.rows", "api.shape.page"),
    },
    "page": {"page.list", "page.search", "page.customer", "page.home"},
    "search": {"search.one", "search.two", "search.initials", "search.phone"},
    "import": {"import"},
    "pool": {
        *("night.release.unchanged", "night.release.changed", "night.warn.unchanged", "night.warn.changed"),
        "pool.preview",
    },
    "commission.accrue": {"commission.accrue"},
    "commission.settle": {"commission.settle", "commission.settle.fresh"},
    "commission.replay": {"commission.replay"},
}
NIGHT = ("grade", "cash", "value", "stages", "score", "accrue", "strategies")
PROMISES |= {
    f"night.{n}": {f"night.{n}.{what}" for what in ("unchanged", "changed", "growth")} for n in NIGHT
}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("name", PROMISES)
def test_a_bench_measures_its_promises_and_leaves_no_trace(name: str) -> None:
    before = rows(), set(Tenant.objects.values_list("slug", flat=True)), User.objects.count()
    outcomes = measured(name)
    assert set(outcomes) == PROMISES[name]
    assert all(each["ratio"] > 0 for each in outcomes.values())
    after = rows(), set(Tenant.objects.values_list("slug", flat=True)), User.objects.count()
    assert after == before


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("step", NIGHT)
def test_the_night_of_a_bench_changes_one_customer_in_twenty(step: str) -> None:
    changed = measured(f"night.{step}")[f"night.{step}.changed"]["detail"]
    assert int(changed.split()[0]) in range(1, 10), changed


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_calls_of_the_api_ask_as_few_statements_as_promised() -> None:
    outcomes = measured("api")
    assert {name: each["pass"] for name, each in outcomes.items() if name.endswith(".queries")} == {
        "api.floor.queries": True,
        "api.list.queries": True,
        "api.detail.queries": True,
    }


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_database_without_the_tables_of_this_version_is_told_to_be_migrated() -> None:
    recorder = MigrationRecorder(connections["owner"])
    [latest] = MigrationLoader(connections["owner"]).graph.leaf_nodes("tiers")
    recorder.record_unapplied(*latest)
    try:
        with pytest.raises(CommandError, match=r"run `manage\.py migrate` first"):
            call_command("bench", "--scale", "1")
    finally:
        recorder.record_applied(*latest)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_room_is_cleared_when_the_bench_breaks() -> None:
    before = rows()
    with pytest.raises(ZeroDivisionError), room(NOW):
        raise ZeroDivisionError
    assert (rows(), Tenant.objects.filter(slug__startswith="bench-").count()) == (before, 0)


def test_a_bench_that_does_not_exist_is_refused() -> None:
    with pytest.raises(
        CommandError, match=r"there is no bench 'no\.such'; there are api, page, search, import, pool, comm"
    ):
        call_command("bench", "--only", "no.such")
    with pytest.raises(CommandError, match="at least 1"):
        call_command("bench", "--scale", "0")
