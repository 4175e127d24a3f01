"""Who asks, in a test: a key of a member for the API, a signed-in member for pages."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm.integrations import keys
from crm.tenancy.context import tenant
from crm.tenancy.middleware import SESSION_KEY
from crm.tests.cast import NOW, TODAY, Company

CONTROL = re.compile(r"(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET LOCAL)\b")


def key(company: Company, person: str, *scopes: str) -> str:
    """The text of a new key that acts as a person of the cast; without scopes it may everything."""
    with tenant(company.tenant.id):
        member = company.people[person]
        wanted = scopes or ("*:write",)
        return keys.issue(member=member, name="test", scopes=wanted, by=member, at=NOW, on=TODAY)[1]


class Api(Client):
    """A client of the API: `Api(yunheng, "li").get("customers/")`; bodies are JSON."""

    def __init__(self, company: Company, person: str, *scopes: str, **defaults: Any) -> None:
        self.company = company
        bearer = f"Bearer {key(company, person, *scopes)}"
        super().__init__(headers={"Authorization": bearer, "Accept-Language": "en", **defaults})

    def post(self, path: str, data: Any = None, content_type: str = "application/json", **extra: Any) -> Any:
        return super().post(self._at(path), data, content_type=content_type, **extra)

    def get(self, path: str, data: Any = None, **extra: Any) -> Any:
        return super().get(self._at(path), data, **extra)

    def patch(self, path: str, data: Any = "", content_type: str = "application/json", **extra: Any) -> Any:
        return super().patch(self._at(path), data, content_type=content_type, **extra)

    def delete(self, path: str, data: Any = "", content_type: str = "application/json", **extra: Any) -> Any:
        return super().delete(self._at(path), data, content_type=content_type, **extra)

    @staticmethod
    def _at(path: str) -> str:
        return path if path.startswith(("/", "http")) else f"/api/v1/{path}"


def codes(response: Any) -> list[tuple[str, str]]:
    """Field and code of every fault in a problem."""
    return [(fault["field"], fault["code"]) for fault in response.json()["errors"]]


def browser(company: Company, person: str, language: str = "en") -> Client:
    """A client that is signed in as a person of the cast and has entered the company."""
    client = Client(headers={"Accept-Language": language})
    with tenant(company.tenant.id):
        client.force_login(company.people[person].user)
    session = client.session
    session[SESSION_KEY] = company.tenant.id
    session.save()
    return client


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL inside the block, without transaction control and the setting of the tenant."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as caught:
        yield found
    found += [q["sql"] for q in caught.captured_queries if not CONTROL.match(q["sql"])]
