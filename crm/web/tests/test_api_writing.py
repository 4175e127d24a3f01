"""Writing through the API: versions, races, and one effect for a request sent twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.accounts import departments
from crm.accounts.models import Department
from crm.refusal import Fault, Refused
from crm.tenancy.context import tenant
from crm.tests.callers import Api, codes
from crm.web.models import FirstAnswer

pytestmark = pytest.mark.django_db


def test_what_is_made_is_answered_with_its_place_and_version(admin) -> None:
    body = {"code": "WEST", "name": "华西商务部", "authority_amount": "500000.00"}
    answer = admin.post("departments/", body)
    made = answer.json()
    assert (answer.status_code, answer["ETag"], made["version"]) == (201, '"1"', 1)
    assert {name: made[name] for name in body} == body
    assert admin.get(answer["Location"]).json() == made


def test_an_id_of_another_tenant_in_a_body_is_unknown(admin, beihe) -> None:
    unknown = "019a2f6e-3c1b-7d44-9f0a-5b7c2d8e1f30"
    for parent in (str(beihe.departments["HQ"].id), unknown):
        answer = admin.post("departments/", {"code": "WEST", "name": "x", "parent": parent})
        assert (answer.status_code, codes(answer)) == (400, [("parent", "does_not_exist")])


def test_a_patch_merges_and_counts_the_version(admin, yunheng) -> None:
    path = f"departments/{yunheng.departments['EAST'].id}/"
    answer = admin.patch(path, {"name": "华东一部"})
    assert (answer.status_code, answer["ETag"]) == (200, '"2"')
    assert (answer.json()["name"], answer.json()["code"]) == ("华东一部", "EAST")


def test_a_lost_race_is_412(admin, yunheng) -> None:
    path = f"departments/{yunheng.departments['EAST'].id}/"
    assert admin.patch(path, {"name": "a"}, headers={"If-Match": '"1"'}).status_code == 200
    late = admin.patch(path, {"name": "b"}, headers={"If-Match": '"1"'})
    assert (late.status_code, codes(late)) == (412, [("", "stale")])
    assert admin.patch(path, {"name": "b"}, headers={"If-Match": '"2"'}).status_code == 200
    assert admin.patch(path, {"name": "c"}, headers={"If-Match": "*"}).status_code == 200


def test_an_unchanged_record_is_304(admin, yunheng) -> None:
    path = f"departments/{yunheng.departments['EAST'].id}/"
    tag = admin.get(path)["ETag"]
    again = admin.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_the_company_is_changed_under_its_tag(admin) -> None:
    old = admin.get("tenant/")["ETag"]
    changed = admin.patch("tenant/", {"name": "云衡"}, headers={"If-Match": old})
    assert (changed.status_code, changed.json()["name"]) == (200, "云衡")
    assert admin.patch("tenant/", {"name": "x"}, headers={"If-Match": old}).status_code == 412
    assert admin.get("tenant/", headers={"If-None-Match": changed["ETag"]}).status_code == 304
    assert codes(admin.patch("tenant/", {"time_zone": "Mars/Base"})) == [("time_zone", "unknown")]
    assert admin.patch("tenant/", {"currency": "USD"}).json()["currency"] == "CNY"


def test_what_is_read_only_stays_and_what_is_unknown_is_refused(admin, yunheng) -> None:
    path = f"departments/{yunheng.departments['EAST'].id}/"
    assert admin.patch(path, {"version": 9, "id": str(yunheng.tenant.id), "name": "n"}).json()["version"] == 2
    assert codes(admin.patch(path, {"tenant_id": 2})) == [("tenant_id", "unknown")]


def test_a_refusing_verb_leaves_nothing_behind(admin, yunheng, monkeypatch) -> None:
    def half_done(**fields) -> None:
        departments.create(code="HALF", name="half")
        raise Refused(Fault("name", "no", "no"))

    monkeypatch.setattr(departments, "add", half_done)
    assert admin.post("departments/", {"code": "X", "name": "x"}).status_code == 400
    with tenant(yunheng.tenant.id):
        assert not Department.objects.filter(code="HALF").exists()


def test_the_same_request_again_gives_the_first_answer_and_one_effect(admin, yunheng) -> None:
    body = {"code": "WEST", "name": "x"}
    first, again = (admin.post("departments/", body, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert [again[name] for name in ("ETag", "Location", "Content-Type")] == [
        first[name] for name in ("ETag", "Location", "Content-Type")
    ]
    assert again["Idempotency-Replayed"] == "true"
    with tenant(yunheng.tenant.id):
        assert Department.objects.filter(code="WEST").count() == 1


def test_the_same_key_for_another_request_is_422(admin) -> None:
    assert (
        admin.post("departments/", {"code": "A", "name": "x"}, headers={"Idempotency-Key": "k"}).status_code
        == 201
    )
    other = admin.post("departments/", {"code": "B", "name": "x"}, headers={"Idempotency-Key": "k"})
    assert (other.status_code, codes(other)) == (422, [("Idempotency-Key", "reused")])


def test_an_idempotency_key_is_of_one_caller(admin, yunheng) -> None:
    other = Api(yunheng, "an")
    for number, api in enumerate((admin, other)):
        answer = api.post(
            "departments/", {"code": f"N{number}", "name": "x"}, headers={"Idempotency-Key": "k"}
        )
        assert answer.status_code == 201


def test_a_refused_request_may_be_repaired_under_its_key(admin) -> None:
    assert (
        admin.post(
            "departments/", {"code": "EAST", "name": "x"}, headers={"Idempotency-Key": "k"}
        ).status_code
        == 400
    )
    assert (
        admin.post(
            "departments/", {"code": "WEST", "name": "x"}, headers={"Idempotency-Key": "k"}
        ).status_code
        == 201
    )


def test_after_a_day_a_key_is_new(admin, yunheng) -> None:
    admin.post("departments/", {"code": "A", "name": "x"}, headers={"Idempotency-Key": "k"})
    with tenant(yunheng.tenant.id):
        FirstAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    again = admin.post("departments/", {"code": "B", "name": "x"}, headers={"Idempotency-Key": "k"})
    assert again.status_code == 201


def test_a_new_keys_secret_is_not_kept_for_a_second_sender(admin, yunheng) -> None:
    body = {"name": "erp", "scopes": ["customers:read"]}
    first = admin.post("api-keys/", body, headers={"Idempotency-Key": "k"}).json()
    again = admin.post("api-keys/", body, headers={"Idempotency-Key": "k"}).json()
    assert (first["id"], "key" in first) == (again["id"], True)
    assert "key" not in again
    with tenant(yunheng.tenant.id):
        assert first["key"] not in FirstAnswer.objects.get().body
