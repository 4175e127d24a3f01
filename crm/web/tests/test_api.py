"""The base of the API, seen through the resources of accounts."""

import itertools
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from crm.accounts import departments, members
from crm.accounts.models import Department, Member
from crm.accounts.roles import Role
from crm.events.models import Event
from crm.integrations import keys
from crm.integrations.models import ApiKey
from crm.refusal import Fault, Refused
from crm.tenancy.context import tenant
from crm.tests.callers import Api, key, statements
from crm.tests.cast import NOW, TODAY
from crm.web.api import limits, problems
from crm.web.models import FirstAnswer

pytestmark = pytest.mark.django_db

PROBLEM = "application/problem+json"


@pytest.fixture
def admin(yunheng) -> Api:
    return Api(yunheng, "an")


def codes(response) -> list[tuple[str, str]]:
    return [(fault["field"], fault["code"]) for fault in response.json()["errors"]]


# Keys


def test_a_key_acts_as_its_member(yunheng) -> None:
    answer = Api(yunheng, "li", "customers:read").get("me/").json()
    assert (answer["name"], answer["tenant"]["slug"], answer["scopes"]) == (
        "李娜",
        "yunheng",
        ["customers:read"],
    )
    assert (answer["department"]["code"], answer["roles"]) == ("EAST", ["SALES"])


def test_me_is_one_query(yunheng) -> None:
    api = Api(yunheng, "li")
    api.get("me/")
    with statements() as sql:
        api.get("me/")
    assert len(sql) == 1


@pytest.mark.parametrize("text", ["", "Basic x", "Bearer", "Bearer gh_1x_", "Bearer nonsense"])
def test_without_a_valid_key_there_is_no_answer(yunheng, text: str) -> None:
    answer = Client().get("/api/v1/me/", headers={"Authorization": text})
    assert (answer.status_code, answer["Content-Type"], answer["WWW-Authenticate"]) == (
        401,
        PROBLEM,
        "Bearer",
    )


def test_a_key_is_of_no_use_under_another_tenants_number(yunheng, beihe) -> None:
    text = key(yunheng, "li")
    number = keys._base36(beihe.tenant.id)
    forged = re.sub(r"^gh_[0-9a-z]+?x(?=[0-9a-z]{16}_)", f"gh_{number}x", text)
    assert forged != text
    assert Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {forged}"}).status_code == 401


def test_a_key_with_one_wrong_letter_is_no_key(yunheng) -> None:
    text = key(yunheng, "li")
    wrong = text[:-1] + ("A" if text[-1] != "A" else "B")
    assert Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {wrong}"}).status_code == 401


def test_a_revoked_key_an_expired_one_and_one_of_a_person_who_left_are_dead(yunheng) -> None:
    alive = [Api(yunheng, person) for person in ("li", "zhou", "wu")]
    with tenant(yunheng.tenant.id):
        mine = {k.member_id: k for k in ApiKey.objects.all()}
        keys.revoke(mine[yunheng.li.id], by=yunheng.li, at=NOW, on=TODAY)
        ApiKey.objects.filter(member=yunheng.zhou).update(expires_at=timezone.now())
        Member.objects.filter(pk=yunheng.wu.pk).update(status=Member.Status.LEFT)
    assert [api.get("me/").status_code for api in alive] == [401, 401, 401]


def test_a_key_of_a_closed_tenant_is_dead(yunheng) -> None:
    api = Api(yunheng, "li")
    yunheng.tenant.is_active = False
    yunheng.tenant.save()
    assert api.get("me/").status_code == 401


def test_the_secret_is_nowhere_in_the_database(yunheng) -> None:
    secret = keys.parse(key(yunheng, "li")).secret
    with tenant(yunheng.tenant.id):
        kept = ApiKey.objects.get()
        events = [e.data for e in Event.objects.filter(name="api_key.issued")]
    assert secret not in f"{kept.__dict__}{events}"
    assert kept.secret_hash == keys.hashed(secret)


def test_the_last_use_is_written_after_the_answer_and_once_a_minute(yunheng) -> None:
    api = Api(yunheng, "li")
    api.get("me/")
    with tenant(yunheng.tenant.id):
        first = ApiKey.objects.get().last_used_at
        assert first is not None
        with statements() as sql:
            api.get("me/")
        assert [line for line in sql if line.startswith("UPDATE")] == []
        ApiKey.objects.update(last_used_at=first - timedelta(minutes=2))
        api.get("me/")
        assert ApiKey.objects.get().last_used_at >= first


def test_a_scope_opens_its_area_or_its_resource_and_write_includes_read(yunheng) -> None:
    def asked(*scopes: str) -> list[int]:
        api = Api(yunheng, "an", *scopes)
        written = api.post("departments/", {"code": f"N{scopes[0]}", "name": "new"}).status_code
        return [api.get("departments/").status_code, written]

    assert asked("customers:write") == [403, 403]
    assert asked("platform:read") == [200, 403]
    assert asked("departments:write") == [200, 201]
    assert asked("*:read") == [200, 403]


def test_a_right_is_asked_besides_the_scope(yunheng) -> None:
    api = Api(yunheng, "li")
    assert api.get("members/").status_code == 200
    assert api.post("departments/", {"code": "N", "name": "new"}).status_code == 403
    assert api.get("events/").status_code == 403


def test_a_demotion_holds_at_the_next_call(yunheng, admin) -> None:
    assert admin.get("events/").status_code == 200
    with tenant(yunheng.tenant.id):
        Member.objects.filter(pk=yunheng.an.pk).update(roles=[Role.SALES])
    assert admin.get("events/").status_code == 403


# Problems


@pytest.mark.parametrize(
    ("method", "path", "extra", "status"),
    [
        ("get", "nothing/", {}, 404),
        ("get", "departments/019a2f6e-3c1b-7d44-9f0a-5b7c2d8e1f30/", {}, 404),
        ("get", "departments/nonsense/", {}, 404),
        ("post", "me/", {}, 405),
        ("get", "me/", {"headers": {"Accept": "text/html"}}, 406),
        ("post", "departments/", {"data": "x", "content_type": "text/plain"}, 415),
        ("post", "departments/", {"data": "{", "content_type": "application/json"}, 400),
        ("post", "departments/", {"data": "[1]", "content_type": "application/json"}, 400),
        ("post", "departments/", {"data": '{"code": "a\\u0000", "name": "x"}'}, 400),
        ("post", "departments/", {"data": b" " * ((1 << 20) + 1), "content_type": "application/json"}, 413),
        ("get", "departments/?x=1", {}, 400),
        ("get", "departments/?limit=0", {}, 400),
        ("get", "departments/?limit=201", {}, 400),
        ("get", "departments/?limit=20000", {}, 400),
        ("get", "departments/?limit=-1", {}, 400),
        ("get", "departments/?cursor=x", {}, 400),
        ("get", "departments/?ordering=tenant_id", {}, 400),
        ("get", "departments/?fields=tenant_id", {}, 400),
        ("get", "departments/?expand=members", {}, 400),
        ("get", "departments/?count=2", {}, 400),
        ("get", "departments/?kind=x", {}, 400),
        ("get", "departments/?parent=x", {}, 400),
        ("get", "departments/?updated_at__gte=9999-99-99", {}, 400),
        ("get", "members/?search=%00", {}, 400),
    ],
)
def test_every_refusal_is_a_problem(admin, method: str, path: str, extra: dict, status: int) -> None:
    answer = getattr(admin, method)(path, **extra)
    body = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)
    assert (body["status"], sorted(body)) == (status, ["detail", "errors", "status", "title", "type"])


def test_a_problem_names_the_field_the_code_and_the_repair(admin) -> None:
    answer = admin.post("departments/", {"code": "EAST", "name": "again"})
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {"field": "code", "code": "taken", "message": "Another department has this code."}
    ]


def test_all_wrong_fields_are_told_at_once(admin) -> None:
    answer = admin.post("departments/", {"kind": "x", "authority_amount": "a", "tier": 1})
    assert codes(answer) == [("tier", "unknown")]
    answer = admin.post("departments/", {"kind": "x", "authority_amount": "a"})
    assert sorted(codes(answer)) == [
        ("authority_amount", "invalid"),
        ("code", "required"),
        ("kind", "invalid_choice"),
        ("name", "required"),
    ]


def test_the_language_of_a_problem_is_the_callers(yunheng) -> None:
    def titles(language: str) -> str:
        return Client(headers={"Accept-Language": language}).get("/api/v1/me/").json()["title"]

    assert titles("en") == "No valid key"
    assert titles("zh-CN,zh;q=0.9") == "没有有效的密钥"


def test_a_fault_of_ours_is_a_500_that_tells_nothing(admin, monkeypatch) -> None:
    from crm.accounts.api.company import Departments

    def broken(self) -> None:
        raise RuntimeError("secret of the machine room")

    monkeypatch.setattr(Departments, "rows", broken)
    admin.raise_request_exception = False
    answer = admin.get("departments/")
    assert (answer.status_code, answer["Content-Type"]) == (500, PROBLEM)
    assert "machine" not in answer.content.decode()


def test_nested_faults_name_their_place() -> None:
    found = problems.faults_of(
        {"splits": [{}, {"payee": ["x"]}], "name": ["y", "z"], "non_field_errors": ["w"]}
    )
    assert [(f.field, f.message) for f in found] == [
        ("splits.1.payee", "x"),
        ("name", "y"),
        ("name", "z"),
        ("", "w"),
    ]


# Lists


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


# Writing


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


# Idempotency


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


# Keys made through the API


def test_a_key_cannot_make_one_that_may_more(yunheng) -> None:
    api = Api(yunheng, "an", "platform:write")
    wider = api.post("api-keys/", {"name": "x", "scopes": ["customers:read"]})
    assert (wider.status_code, codes(wider)) == (400, [("scopes", "beyond_own")])
    assert api.post("api-keys/", {"name": "x", "scopes": ["platform:read"]}).status_code == 201


def test_one_sees_and_revokes_only_his_own_keys(yunheng) -> None:
    mine, his = Api(yunheng, "li"), Api(yunheng, "zhou")
    (other,) = his.get("api-keys/").json()["results"]
    assert other["id"] not in [row["id"] for row in mine.get("api-keys/").json()["results"]]
    assert mine.delete(f"api-keys/{other['id']}/").status_code == 404
    assert Api(yunheng, "an").delete(f"api-keys/{other['id']}/").status_code == 204
    assert his.get("me/").status_code == 401


# Limits


def test_a_caller_beyond_his_allowance_waits(yunheng, settings) -> None:
    settings.API_RATE_PER_KEY = 2
    api = Api(yunheng, "li")
    answers = [api.get("me/") for _ in range(3)]
    assert [a.status_code for a in answers[:2]] == [200, 200]
    assert [a["RateLimit-Remaining"] for a in answers] == ["1", "0", "0"]
    assert answers[2].status_code in {429, 200}  # a new minute may have begun
    if answers[2].status_code == 429:
        assert 0 < int(answers[2]["Retry-After"]) <= 60


def test_without_the_counting_server_nobody_is_limited(yunheng, settings, monkeypatch) -> None:
    import redis

    monkeypatch.setattr(limits, "_client", redis.Redis(port=1, socket_connect_timeout=0.1))
    monkeypatch.setattr(limits, "_resting_until", 0.0)
    settings.API_RATE_PER_KEY = 0
    assert Api(yunheng, "li").get("me/").status_code == 200


# The audit trail


def test_field_secrets_are_missing_from_the_details_of_events(yunheng) -> None:
    from crm.events.record import event, record

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
    from crm.accounts.roles import GRANTS, Right, Scope

    readers = [grant.customers for grant in GRANTS.values() if Right.EVENT_VIEW in grant.rights]
    assert set(readers) == {Scope.TENANT}


# The description


def test_every_operation_is_described_with_errors_and_an_example(client) -> None:
    answer = client.get("/api/v1/schema/")
    document = answer.json()
    assert document["openapi"] == "3.1.0"
    operations = [o for path in document["paths"].values() for o in path.values()]
    ids = [o["operationId"] for o in operations]
    assert len(ids) == len(set(ids)) > 10
    for operation in operations:
        assert operation["summary"], operation["operationId"]
        assert {"400", "401", "403", "429", "500"} <= operation["responses"].keys(), operation["operationId"]
        bodies = [*itertools.chain([operation.get("requestBody", {})], operation["responses"].values())]
        for media in (m for body in bodies for m in body.get("content", {}).values()):
            assert "example" in media or "examples" in media, operation["operationId"]


def test_no_reference_in_the_description_leads_nowhere(client) -> None:
    document = client.get("/api/v1/schema/").json()
    references = set(re.findall(r'"\$ref":\s*"#/([^"]+)"', client.get("/api/v1/schema/").content.decode()))
    for reference in references:
        place = document
        for step in reference.split("/"):
            place = place[step]


def test_the_readable_docs_load_nothing_from_outside(client) -> None:
    page = client.get("/api/v1/docs/")
    assert page.status_code == 200
    assert re.findall(r'(?:src|href)="(https?:)?//', page.content.decode()) == []
    assert "script-src 'self';" in page["Content-Security-Policy"]


def test_a_person_added_twice_is_told_so(yunheng, here) -> None:
    with pytest.raises(Refused, match="code: taken; email: taken"):
        members.add(
            code="li",
            name="x",
            email="LI@yunheng.example",
            department=here.departments["EAST"],
            roles=[],
            at=NOW,
            on=TODAY,
        )
