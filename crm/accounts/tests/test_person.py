"""A person's own pages: keys and profile."""

import re

import pytest

from crm.integrations.models import ApiKey
from crm.tenancy.context import tenant
from crm.tests.callers import browser

pytestmark = pytest.mark.django_db


def test_a_key_is_shown_once_and_works(yunheng, client) -> None:
    person = browser(yunheng, "li")
    page = person.post(
        "/keys/", {"name": "ERP", "scopes": ["platform:read"], "more": "payments:read", "days": "30"}
    )
    (text,) = re.findall(r'value="(gh_[^"]+)"', page.content.decode())
    assert client.get("/api/v1/me/", headers={"Authorization": f"Bearer {text}"}).json()["scopes"] == [
        "payments:read",
        "platform:read",
    ]
    again = person.get("/keys/").content.decode()
    assert ("ERP" in again, text in again) == (True, False)


def test_a_key_without_a_scope_is_refused_beside_the_field(yunheng) -> None:
    answer = browser(yunheng, "li").post("/keys/", {"name": "ERP", "days": "30"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["scopes"])


def test_one_revokes_only_his_own_key(yunheng, client) -> None:
    browser(yunheng, "li").post("/keys/", {"name": "ERP", "scopes": ["platform:read"]})
    with tenant(yunheng.tenant.id):
        key = ApiKey.objects.get(name="ERP")
    assert browser(yunheng, "zhou").post(f"/keys/{key.id}/revocation/").status_code == 404
    assert browser(yunheng, "li").post(f"/keys/{key.id}/revocation/").status_code == 303
    with tenant(yunheng.tenant.id):
        assert ApiKey.objects.get(name="ERP").revoked_at is not None


def test_the_profile_is_the_persons_own(yunheng) -> None:
    client = browser(yunheng, "li")
    answer = client.post(
        "/profile/", {"name": "李娜", "language": "en", "theme": "light", "density": "roomy"}
    )
    assert answer.status_code == 303
    wrong = client.post("/profile/", {"name": "", "language": "xx", "theme": "light", "density": "roomy"})
    assert (wrong.status_code, sorted(wrong.context["form"].errors)) == (422, ["language", "name"])
