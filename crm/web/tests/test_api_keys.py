"""How the API knows its caller, and how often he may call."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from crm.accounts.models import Member
from crm.accounts.rights import Role
from crm.events.models import Event
from crm.integrations import keys
from crm.integrations.models import ApiKey
from crm.tenancy.context import tenant
from crm.tests.callers import Api, codes, key, statements
from crm.tests.cast import NOW, TODAY
from crm.web.api import limits

pytestmark = pytest.mark.django_db

PROBLEM = "application/problem+json"


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


def test_a_revoked_key_an_expired_one_and_those_of_people_who_leave_or_left_are_dead(yunheng) -> None:
    alive = [Api(yunheng, person) for person in ("li", "zhou", "wu", "sun")]
    with tenant(yunheng.tenant.id):
        mine = {k.member_id: k for k in ApiKey.objects.all()}
        keys.revoke(mine[yunheng.li.id], by=yunheng.li, at=NOW, on=TODAY)
        ApiKey.objects.filter(member=yunheng.zhou).update(expires_at=timezone.now())
        Member.objects.filter(pk=yunheng.wu.pk).update(status=Member.Status.LEFT)
        Member.objects.filter(pk=yunheng.sun.pk).update(status=Member.Status.LEAVING)
    assert [api.get("me/").status_code for api in alive] == [401, 401, 401, 401]


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
