"""The table of crm.tests.matrix, tried: address × role × method × record."""

from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from crm.accounts.access import viewer_of
from crm.events.models import Event
from crm.tenancy.context import tenant
from crm.tests import matrix
from crm.tests.callers import Api, browser
from crm.tests.cast import Company
from crm.tests.kinds import ALL, KINDS, PEOPLE
from crm.tests.matrix import ANY, NOBODY, OPEN, ROWS, Needs, Row

pytestmark = pytest.mark.django_db(databases=["default", "reader"])

METHODS = ("get", "post", "patch", "delete")
Record = UUID | dict[str, UUID] | None
ABSENT = UUID("019a2f6e-3c1b-7d44-9f0a-5b7c2d8e1f30")
FOUND = {"get": {200}, "post": {200, 201, 202, 204, 303, 302, 400, 409, 415, 422}}
FOUND["patch"] = FOUND["delete"] = FOUND["post"]


def names() -> list[str]:
    return sorted({name for name, _ in matrix.addresses()})


def test_every_address_has_a_row_or_a_reason() -> None:
    missing = {name for name in names() if name not in ROWS and name not in OPEN}
    assert missing == set(), "add a line to crm/tests/matrix.py"


def test_no_row_outlives_its_address() -> None:
    assert [name for name in {**ROWS, **OPEN} if name not in names()] == []


@pytest.fixture
def clients(yunheng: Company, request: pytest.FixtureRequest) -> dict[str, Client]:
    name = request.node.callspec.params["name"]
    return {p: Api(yunheng, p) if name.startswith("api:") else browser(yunheng, p) for p in PEOPLE}


def may(company: Company, person: str, needs: Needs) -> bool:
    viewer = viewer_of(company.people[person])
    if isinstance(needs, ANY):
        return any(map(viewer.may, needs.rights))
    return all(map(viewer.may, needs if isinstance(needs, tuple) else (needs,)))


def records(row: Row, yunheng: Company, beihe: Company) -> dict[str, tuple[Record, frozenset[str]]]:
    """Each record of the address by its nearness, with who sees it."""
    if not row.of:
        return {"own": (None, ALL)}
    kind = KINDS[row.of]
    with tenant(yunheng.tenant.id):
        near, far = kind.near(yunheng), kind.far(yunheng)
    with tenant(beihe.tenant.id):
        foreign = kind.near(beihe)
    return {
        "own": (near, kind.near_seen_by),
        "out of scope": (far, kind.far_seen_by),
        "another tenant's": (foreign, frozenset()),
    }


def url(name: str, row: Row, record: Record) -> str:
    """The address of a record, or of several where the address names each by its argument."""
    pattern = next(p for n, p in matrix.addresses() if n == name)
    free = [key for key in pattern.pattern.converters if key not in row.takes]
    named = record if isinstance(record, dict) else dict.fromkeys(free, record)
    return reverse(name, kwargs={**row.takes, **named})


def ask(client: Client, method: str, address: str) -> Any:
    """One request whose effect is undone."""
    with transaction.atomic():
        answer = getattr(client, method)(address)
        transaction.set_rollback(True)
    return answer


def expected(row: Row, method: str, person: str, allowed: bool, seen: bool) -> set[int]:
    needs = row.needs(method)
    if needs is NOBODY:
        return {405}
    if not seen:
        return {404} if allowed else {403, 404}
    if not allowed:
        return {403, 404}
    if person in row.but_not.get(method, ()):
        return {403}
    return {200, 302, 400, 404} if method == "get" and row.asks else FOUND[method]


@pytest.mark.parametrize("name", sorted(ROWS))
def test_the_row_holds(name: str, clients: dict[str, Client], yunheng: Company, beihe: Company) -> None:
    row, wrong = ROWS[name], []
    for nearness, (record, seen_by) in records(row, yunheng, beihe).items():
        address = url(name, row, record)
        for person, client in clients.items():
            for method in METHODS:
                if row.needs(method) is NOBODY and (nearness != "own" or not name.startswith("api:")):
                    continue
                allowed = row.needs(method) is not NOBODY and may(yunheng, person, row.needs(method))
                status = ask(client, method, address).status_code
                wanted = expected(row, method, person, allowed, person in seen_by)
                if status not in wanted:
                    wrong.append(f"{method} as {person}, {nearness}: {status} instead of {sorted(wanted)}")
    assert wrong == []


@pytest.mark.parametrize("name", sorted(name for name, row in ROWS.items() if row.of))
def test_another_tenants_record_is_answered_like_an_absent_one(
    name: str, clients: dict[str, Client], yunheng: Company, beihe: Company
) -> None:
    row = ROWS[name]
    foreign = records(row, yunheng, beihe)["another tenant's"][0]
    for person, method in [
        (p, m) for p in ("li", "gao", "an") for m in METHODS if row.needs(m) is not NOBODY
    ]:
        there, absent = (ask(clients[person], method, url(name, row, key)) for key in (foreign, ABSENT))
        assert (there.status_code, there.content) == (absent.status_code, absent.content), (person, method)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_a_stranger_gets_nothing(name: str, yunheng: Company, beihe: Company) -> None:
    row = ROWS[name]
    record = next(iter(records(row, yunheng, beihe).values()))[0]
    for method in (m for m in METHODS if row.needs(m) is not NOBODY):
        answer = ask(Client(), method, url(name, row, record))
        if name.startswith("api:"):
            assert answer.status_code == 401
        else:
            assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/account/login/")


@pytest.mark.parametrize("name", sorted(name for name, row in ROWS.items() if row.of))
def test_a_refused_change_changes_nothing(name: str, yunheng: Company, beihe: Company) -> None:
    row = ROWS[name]
    near = records(row, yunheng, beihe)["another tenant's"][0]
    client: Client = Api(yunheng, "an") if name.startswith("api:") else browser(yunheng, "an")
    with tenant(beihe.tenant.id):
        before = Event.objects.count()
    for method in (m for m in METHODS[1:] if row.needs(m) is not NOBODY):
        getattr(client, method)(url(name, row, near))
    with tenant(beihe.tenant.id):
        assert Event.objects.count() == before
