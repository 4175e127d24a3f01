import pytest
from django.test import Client

from crm.integrations import health
from crm.integrations.health import Finding

pytestmark = pytest.mark.django_db


def test_the_process_answers_without_asking_anything() -> None:
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_ready_names_every_part() -> None:
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert {name: part["ok"] for name, part in answer.json()["checks"].items()}.items() >= {
        "database": True,
        "migrations": True,
        "cache": True,
        "broker": True,
    }.items()


def test_a_missing_part_takes_the_process_out_of_service_unless_it_is_soft(monkeypatch) -> None:
    def broken() -> Finding:
        raise ConnectionError("password=secret host=db")

    monkeypatch.setitem(health.CHECKS, "database", broken)
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["database"]) == (
        503,
        {"ok": False, "detail": "ConnectionError"},
    )
    monkeypatch.setitem(health.CHECKS, "database", lambda: Finding(True))
    monkeypatch.setitem(health.CHECKS, "broker", broken)
    assert Client().get("/readyz").status_code == 200


def test_metrics_need_their_token(settings) -> None:
    assert Client().get("/metrics").status_code == 404
    settings.METRICS_TOKEN = "t0ken"
    assert Client().get("/metrics", headers={"Authorization": "Bearer other"}).status_code == 404
    answer = Client().get("/metrics", headers={"Authorization": "Bearer t0ken"})
    assert answer["Content-Type"].startswith("text/plain")
    assert 'guanhu_up{part="database"} 1' in answer.content.decode().splitlines()


def test_a_part_above_may_add_its_check(monkeypatch) -> None:
    monkeypatch.setattr(health, "CHECKS", dict(health.CHECKS))
    monkeypatch.setattr(health, "SOFT", set(health.SOFT))
    health.register("night", lambda: Finding(False, "30 h ago", 30))
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["night"]["detail"]) == (200, "30 h ago")
