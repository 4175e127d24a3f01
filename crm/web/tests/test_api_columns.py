"""Columns read as one term are the columns that the ORM reads one by one."""

from datetime import UTC, datetime

import orjson
import pytest
from django.db import connection
from django.db.models import F, Value

from crm.accounts.rights import Right
from crm.tenancy.context import tenant
from crm.tests.callers import Api, statements
from crm.tests.kinds import KINDS
from crm.web.api import scopes
from crm.web.api.columns import selected
from crm.web.api.plans import plan_of
from crm.web.api.render import dumps
from customers.models import Contract, Customer

pytestmark = pytest.mark.django_db


def told(rows, columns, told=0):
    """Rows by both ways, as JSON."""
    ours = orjson.loads(dumps(list(selected(rows, columns, told))))
    return ours, orjson.loads(dumps(list(rows.values_list(*columns))))


def test_every_resource_reads_the_same_in_both_ways(here) -> None:
    for kind in KINDS.values():
        kind.near(here)
    seen = {}
    for _, view in scopes.views():
        shape = getattr(view, "shape", None)
        if shape is None:
            continue
        plan = plan_of(shape, frozenset(Right), (), ())
        if not columns_of(view.model).issuperset(name.partition("__")[0] for name in plan.columns):
            continue  # it annotates its rows: see below
        ours, theirs = told(view.model.objects.order_by("pk"), plan.columns, len(plan.names))
        assert ours == theirs, view
        seen[view.model] = len(ours)
    assert sum(1 for rows in seen.values() if rows) > 10


def columns_of(model) -> set[str]:
    fields = model._meta.get_fields()
    return {"pk", *(name for f in fields for name in (f.name, getattr(f, "attname", f.name)))}


def test_joins_of_filters_and_of_orders_are_shared_not_doubled(here) -> None:
    rows = Customer.objects.filter(standing__contracts_in_force__gte=0, owner__code="li")
    columns = ("id", "standing__stage", "owner__name", "owner__department__code", "standing__risk_reasons")
    found = selected(rows.order_by("-standing__annual_amount", "pk"), columns)
    assert list(found) == list(rows.order_by("-standing__annual_amount", "pk").values_list(*columns))
    assert str(found.query).count("JOIN") == 3
    assert list(found[:1]) == list(found)[:1]


def test_an_annotation_stands_at_its_place_among_the_columns(here) -> None:
    rows = Customer.objects.annotate(one=Value("x"), again=F("code")).order_by("pk")
    columns = ("name", "one", "id", "again")
    assert list(selected(rows, columns)) == list(rows.values_list(*columns))


def test_rows_that_are_grouped_or_distinct_are_left_to_the_orm(here) -> None:
    rows = Customer.objects.order_by("name").distinct()
    assert list(selected(rows, ["name"])) == list(rows.values_list("name"))


def test_a_key_inside_json_is_left_to_the_orm(here) -> None:
    KINDS["contract"].near(here)
    rows = Customer.objects.order_by("pk")
    columns = ["standing__risk_reasons__0"]
    assert list(selected(rows, columns)) == list(rows.values_list(*columns))


def test_a_queryset_of_another_tenant_is_not_seen(here, beihe) -> None:
    with tenant(beihe.tenant.id):
        theirs = list(selected(Customer.objects.all(), ["id"]))
    assert not set(theirs) & set(selected(Customer.objects.all(), ["id"]))


def test_an_empty_condition_asks_nothing_of_the_database(here) -> None:
    with statements() as sql:
        assert list(selected(Contract.objects.none(), ["id"])) == []
    assert sql == []


def test_an_id_an_amount_and_json_are_told_as_the_database_writes_them(here) -> None:
    KINDS["contract"].near(here)
    columns = ("id", "gross", "customer__standing__risk_reasons")
    ((number, gross, reasons),) = selected(Contract.objects.all()[:1], columns, told=3)
    contract = Contract.objects.get(pk=number)
    assert (number, gross) == (str(contract.pk), str(contract.gross))
    assert orjson.loads(dumps(reasons)) == contract.customer.standing.risk_reasons


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 3, 2, 1, 2, 3, 120000, UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, UTC),
    ],
)
def test_moments_come_back_as_they_went(here, moment: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [moment])
        (back,) = cursor.fetchone()
    assert (back, back.tzinfo) == (moment, UTC)


def test_the_api_answers_without_a_session_and_its_description_still_is_a_page(yunheng, client) -> None:
    answer = Api(yunheng, "li").get("me/")
    assert (answer.status_code, answer.cookies) == (200, {})
    assert "Cookie" not in answer["Vary"]
    assert client.get("/api/v1/docs/").status_code == client.get("/api/v1/schema/").status_code == 200
    assert client.get("/api/v1/no-such-thing/").status_code == 404
    assert Api(yunheng, "li").post("me/").status_code == 405
