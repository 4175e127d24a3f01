import json
from contextlib import suppress
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connections

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


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_bench_measures_its_promises_and_leaves_no_trace() -> None:
    before = rows(), set(Tenant.objects.values_list("slug", flat=True))
    out = StringIO()
    with suppress(CommandError):  # a tenant of 60 customers keeps no promise: starting costs more
        call_command("bench", "--scale", "60", "--only", "night", "--json", stdout=out)
    outcomes = {each["name"]: each for each in json.loads(out.getvalue())}
    assert {"night.grade.unchanged", "night.grade.changed", "night.grade.growth"} <= set(outcomes)
    assert outcomes["night.grade.unchanged"]["ratio"] > 0
    assert "0 judgements" not in outcomes["night.grade.changed"]["detail"]
    assert (rows(), set(Tenant.objects.values_list("slug", flat=True))) == before


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_room_is_cleared_when_the_bench_breaks() -> None:
    before = rows()
    with pytest.raises(ZeroDivisionError), room(NOW):
        raise ZeroDivisionError
    assert (rows(), Tenant.objects.filter(slug__startswith="bench-").count()) == (before, 0)


def test_a_bench_that_does_not_exist_is_refused() -> None:
    with pytest.raises(CommandError, match=r"there is no bench 'no\.such'; there are night\.grade"):
        call_command("bench", "--only", "no.such")
    with pytest.raises(CommandError, match="at least 1"):
        call_command("bench", "--scale", "0")
