"""Lists of the API, seen through the resources of accounts."""

import pytest

from crm.accounts.rights import Right, Scope
from crm.accounts.roles import GRANTS
from crm.events.record import event, record
from crm.tenancy.context import tenant
from crm.tests.callers import Api, statements
from crm.tests.cast import NOW, TODAY

pytestmark = pytest.mark.django_db


def test_a_list_is_walked_by_its_links_in_both_directions(admin) -> None:
    seen, url = [], "departments/?limit=3"
    while url:
        answer = admin.get(url).json()
        seen.append([row["code"] for row in answer["results"]])
        back, url = answer["previous"], answer["next"]
    assert seen == [["EAST", "FINANCE", "HQ"], ["NINGBO", "NORTH", "OPS"], ["SERVICE"]]
    assert [row["code"] for row in admin.get(back).json()["results"]] == seen[1]


def test_a_list_counts_only_when_asked(admin) -> None:
    assert "count" not in admin.get("departments/").json()
    assert admin.get("departments/?count=true&kind=SALES_DEPT").json()["count"] == 3


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=OPS_DEPT", ["OPS"]),
        ("kind=OPS_DEPT,SERVICE_DEPT", ["OPS", "SERVICE"]),
        ("kind=OPS_DEPT&kind=SERVICE_DEPT", ["OPS", "SERVICE"]),
        ("parent=none", ["HQ"]),
        ("ordering=-code&limit=2", ["SERVICE", "OPS"]),
        ("below=me&kind=SALES_DEPT", ["EAST", "NINGBO", "NORTH"]),
    ],
)
def test_filters_and_orders(admin, query: str, found: list[str]) -> None:
    answer = admin.get(f"departments/?{query}")
    assert [row["code"] for row in answer.json()["results"]] == found


def test_fields_trim_and_expand_embeds(admin) -> None:
    (first,) = admin.get("members/?fields=code,department&expand=department&search=李").json()["results"]
    assert sorted(first) == ["code", "department"]
    assert (first["code"], first["department"]["code"]) == ("li", "EAST")


def test_a_list_costs_the_same_queries_for_one_row_and_for_many(admin) -> None:
    admin.get("members/")

    def cost(query: str) -> int:
        with statements() as sql:
            assert admin.get(f"members/?{query}").status_code == 200
        return len(sql)

    assert [cost("limit=1"), cost("limit=50"), cost("limit=50&expand=department&count=true")] == [2, 2, 3]


def test_a_list_shows_one_tenant_only(admin, beihe) -> None:
    rows = admin.get("members/?limit=200").json()["results"]
    assert {row["email"].partition("@")[2] for row in rows} == {"yunheng.example"}
    assert admin.get(f"members/{beihe.li.id}/").status_code == 404
    assert admin.get(f"members/?department={beihe.departments['EAST'].id}").json()["results"] == []


def test_field_secrets_are_missing_from_the_details_of_events(yunheng) -> None:

    data = {"changes": {"credit_code": ["a", "b"], "annual_amount": ["1.00", "2.00"], "name": ["x", "y"]}}
    with tenant(yunheng.tenant.id):
        record(event("customer.edited", at=NOW, on=TODAY, data=data))
        record(event("commission.accrued", at=NOW, on=TODAY, data={"count": 3, "payee": "x"}))

    def seen(person: str) -> list[dict]:
        rows = (
            Api(yunheng, person).get("events/?name__startswith=c&fields=data&ordering=at").json()["results"]
        )
        return [row["data"] for row in rows]

    assert seen("gao") == [data, {"count": 3, "payee": "x"}]
    assert seen("an") == [{"changes": {"name": ["x", "y"]}}, {}]


def test_roles_that_read_the_trail_see_every_customer() -> None:

    readers = [grant.customers for grant in GRANTS.values() if Right.EVENT_VIEW in grant.rights]
    assert set(readers) == {Scope.TENANT}
