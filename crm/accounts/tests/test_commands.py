"""`manage.py tenant` and `manage.py api_key`."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from django.test import Client

from crm.accounts import tenants
from crm.accounts.models import Department, Member, Seat, User
from crm.events.models import Event
from crm.tenancy.context import tenant
from crm.tenancy.models import Tenant
from crm.tests.callers import key
from customers.models import Customer

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_a_key_stands_alone_on_the_last_line_and_works(yunheng) -> None:
    out = run(
        "api_key",
        "create",
        "--tenant",
        "yunheng",
        "--member",
        "li@yunheng.example",
        "--scopes",
        "customers:read",
    )
    text = out.splitlines()[-1]
    answer = Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {text}"})
    assert (answer.status_code, answer.json()["scopes"]) == (200, ["customers:read"])


def test_a_key_as_json_with_several_scopes(yunheng) -> None:
    words = [
        "--tenant",
        "yunheng",
        "--member",
        "LI@yunheng.example",
        "--scopes",
        "customers:read,contracts:write",
        "*:read",
    ]
    told = json.loads(run("api_key", "create", *words, "--expires", "30", "--json"))
    assert told["scopes"] == ["customers:read", "contracts:write", "*:read"]
    assert Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {told['key']}"}).status_code == 200


@pytest.mark.parametrize(
    ("company", "member", "scope", "days", "said"),
    [
        ("nowhere", "li@yunheng.example", "customers:read", "1", "There is no tenant 'nowhere'."),
        ("yunheng", "x@x.example", "customers:read", "1", "no member with the e-mail 'x@x.example'"),
        ("yunheng", "li@yunheng.example", "customers", "1", "“customers” is no scope"),
        ("yunheng", "li@yunheng.example", "customers:read", "0", "expires in the next three years"),
        ("yunheng", "li@yunheng.example", "customers:read", "99999999", ""),
    ],
)
def test_a_key_that_cannot_be_is_refused_in_words(yunheng, company, member, scope, days, said) -> None:
    with pytest.raises(CommandError, match=said or "."):
        run(
            "api_key", "create", "--tenant", company, "--member", member, "--scopes", scope, "--expires", days
        )


def test_a_tenant_is_founded_with_its_admin_who_signs_in() -> None:
    words = [
        "--admin-email",
        "boss@new.example",
        "--admin-password",
        "a-long-pass-phrase",
        "--admin-name",
        "老板",
    ]
    told = json.loads(run("tenant", "--json", "create", "new", "新公司", *words))
    with tenant(told["id"]):
        assert [m.name for m in Member.objects.all()] == ["老板"]
        assert Event.objects.filter(name="tenant.founded").count() == 1
    answer = Client().post("/account/login/", {"login": "boss@new.example", "password": "a-long-pass-phrase"})
    assert answer.status_code == 302
    with pytest.raises(CommandError, match="There is a tenant 'new' already"):
        run("tenant", "create", "new", "again")


def test_a_tenant_of_an_unknown_zone_is_refused() -> None:
    with pytest.raises(CommandError, match="There is no time zone 'Mars/Base'"):
        run("tenant", "create", "new", "x", "--time-zone", "Mars/Base")


def test_tenants_are_listed(yunheng, beihe) -> None:
    assert [row["slug"] for row in json.loads(run("tenant", "--json", "list"))] == ["yunheng", "beihe"]


def test_children_stand_before_what_they_refer_to() -> None:
    order = tenants.tables()
    places = {model: place for place, model in enumerate(order)}
    for model in order:
        for parent in tenants._parents(model) - {model}:
            assert places[model] < places[parent], (model, parent)


def test_every_table_of_tenants_is_on_the_list_of_deletion() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns WHERE column_name = 'tenant_id' "
            "AND table_schema = 'public' AND table_name <> 'accounts_seat'"
        )
        found = {name for (name,) in cursor.fetchall()}
    assert found == {model._meta.db_table for model in tenants.tables()}


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_a_deleted_tenant_leaves_no_row_and_the_other_stays_whole() -> None:
    from crm.tests import cast

    with transaction.atomic():
        gone, stays = cast.company("gone", "走了"), cast.company("stays", "留下")
        key(gone, "li")
    with tenant(gone.tenant.id), transaction.atomic():
        parent = Customer.objects.create(code="P", name="P", registered_on=cast.TODAY)
        Customer.objects.create(code="C", name="C", registered_on=cast.TODAY, parent=parent)
    before = rows_of(stays.tenant.id)
    run("tenant", "delete", "gone", "--yes")
    assert sum(rows_of(gone.tenant.id).values()) == 0
    assert rows_of(stays.tenant.id) == before
    assert not Tenant.objects.filter(slug="gone").exists()
    assert not User.objects.filter(email__endswith="@gone.example").exists()
    assert Seat.objects.filter(tenant=stays.tenant).count() == 13


def rows_of(number: int) -> dict[str, int]:
    found = {}
    with connections["owner"].cursor() as cursor:
        for model in tenants.tables():
            cursor.execute(f'SELECT count(*) FROM "{model._meta.db_table}" WHERE tenant_id = %s', [number])
            found[model._meta.db_table] = cursor.fetchone()[0]
    return found


def test_deletion_asks_for_the_name(yunheng, monkeypatch) -> None:
    monkeypatch.setattr("builtins.input", lambda prompt: "no")
    with pytest.raises(CommandError, match="Nothing was deleted"):
        run("tenant", "delete", "yunheng")
    with tenant(yunheng.tenant.id):
        assert Department.objects.exists()
