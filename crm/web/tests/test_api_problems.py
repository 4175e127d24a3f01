"""Every error of the API is a problem of RFC 9457, in the caller's language."""

import pytest
from django.db.models import Func, IntegerField
from django.test import Client

from crm.accounts.api.company import Departments
from crm.accounts.models import Department
from crm.integrations import keys
from crm.tests.callers import codes
from crm.web.api import problems

pytestmark = pytest.mark.django_db

PROBLEM = "application/problem+json"


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


def test_a_read_that_takes_too_long_is_stopped(here, admin, monkeypatch) -> None:
    slow = Func(template="length(pg_sleep(2)::text)", output_field=IntegerField())
    rows = Department.objects.alias(slow=slow).filter(slow__gte=0)
    monkeypatch.setattr(Departments, "rows", lambda self: rows)
    monkeypatch.setattr(keys, "READ_SECONDS", 0.2)
    keys._statement.cache_clear()
    answer = admin.get("departments/")
    keys._statement.cache_clear()
    assert (answer.status_code, answer["Retry-After"], codes(answer)) == (503, "5", [("", "unavailable")])
