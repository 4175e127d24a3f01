"""Pages and the API beside their own selects, and the search beside its function in the database."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple, cast
from uuid import UUID

import orjson
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from crm.accounts import members
from crm.accounts.models import Department, Member, User
from crm.accounts.rights import Role
from crm.bench.book import FILLED, Book, fill_book
from crm.bench.cost import Work, cost, ratio
from crm.bench.promise import Outcome
from crm.bench.requests import Bare, Door, Environ, Statement, listening, one_connection
from crm.bench.room import room, tidy
from crm.bench.serving import served
from crm.integrations import keys
from crm.nightly.steps import STEPS
from crm.tenancy.context import no_tenant, tenant
from crm.tenancy.middleware import SESSION_KEY
from crm.tenancy.models import Tenant
from customers import search
from customers.models import Customer, SearchKey

TIMES = 10  # requests in one measurement
ROWS = 50
NIGHT = ("grade", "cash", "scores", "stages")
QUERIES = "the statements it may ask"
TERMS = {"one": "杭", "two": "科技", "initials": "kjyxgs", "phone": "0042"}


class Stage(NamedTuple):
    """A tenant with a whole night behind it, and the two doors of one who sees everything."""

    company: int
    page: Door
    api: Door


@contextmanager
def stage(size: int) -> Iterator[Stage]:
    """A company of so many customers, with one executive who is signed in and has a key."""
    at = timezone.now()
    with room(at) as company:
        fill_book(Book(company.id, at.date(), at), size)
        for step in (step for step in STEPS if step.name in NIGHT):
            with transaction.atomic():
                step.do(at.date(), at)
        with transaction.atomic():
            search.index()
            person = _person(Book(company.id, at.date(), at))
            about: dict[str, Any] = {
                "member": person,
                "name": "bench",
                "by": person,
                "at": at,
                "on": at.date(),
            }
            key = keys.issue(scopes=["*:read"], **about)[1]
        tidy(*FILLED, SearchKey)
        Tenant.objects.filter(pk=company.pk).update(is_active=True)  # nobody enters a closed one
        with no_tenant(), one_connection(), _signed_in(person, company.id) as cookie:
            yield Stage(company.id, Door(Cookie=cookie), Door(Authorization=f"Bearer {key}"))


def _person(book: Book) -> Member:
    top = Department.objects.get(code="HQ")
    email = f"{secrets.token_hex(8)}@bench.example"
    about: dict[str, Any] = {"code": "B1", "name": "Bench", "email": email, "department": top}
    person = members.add(roles=[Role.EXECUTIVE], at=book.at, on=book.on, **about)
    members.seat(person)
    return person


@contextmanager
def _signed_in(person: Member, company: int) -> Iterator[str]:
    client = Client()
    client.force_login(cast(User, person.user))
    session = client.session
    session[SESSION_KEY] = company
    session.save()
    try:
        yield f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
    finally:
        session.delete()


def measure_api(scale: int) -> Iterator[Outcome]:
    """api: the floor of every call, the list, one customer, and that neither rows nor pages count."""
    with stage(scale) as found:
        api, customer = found.api, _customer(found.company)
        rows = f"/api/v1/customers/?limit={ROWS}&ordering=name"
        yield from _call("api.floor", found, api, "/api/v1/me/", 8.0, 2, _nothing, "SELECT 1")
        yield from _call("api.list", found, api, rows, 3.0, 6, _rows, "the select of the same rows")
        one = f"/api/v1/customers/{customer}/"
        yield from _call("api.detail", found, api, one, 3.0, 8, _all, "the same statements")
        yield _same("api.shape.rows", api, rows, rows.replace(f"limit={ROWS}", "limit=10"), 2.0, "10 rows")
        yield _same("api.shape.page", api, _far(api, rows), rows, 1.2, "the first page")


def measure_pages(scale: int) -> Iterator[Outcome]:
    """page: the customer list, a search in it, a customer, the home, beside their own selects."""
    call_command("collectstatic", interactive=False, verbosity=0)  # pages name the files by their content
    with stage(scale) as found:
        customer, told = _customer(found.company), "its selects and nothing else"
        pages = {
            "page.list": ("/customers/", 12.0),
            "page.search": ("/customers/?search=科技", 12.0),
            "page.customer": (f"/customers/{customer}/", 15.0),
            "page.home": ("/", 20.0),
        }
        for name, (path, bound) in pages.items():
            yield from _call(name, found, found.page, path, bound, 0, _all, told)


def _keep(asked: list[Statement], find: Callable[[], object]) -> None:
    asked.extend(_asked(find))


def measure_search(scale: int) -> Iterator[Outcome]:
    """search: what is found by a character, two, initials, the tail of a phone, beside the function alone."""
    with stage(scale) as found, tenant(found.company):
        for name, term in TERMS.items():
            find = partial(search.find, term, phones=True)
            asked: list[Statement] = []
            cost(found.company, partial(_keep, asked, find))
            dear, seconds = ratio(found.company, _often(find), _often(partial(_replay, asked)))
            detail = f"{term}: {seconds / TIMES * 1000:.1f} CPU ms"
            yield Outcome(f"search.{name}", dear, 2.0, "its function in the database alone", detail)


def _call(
    name: str,
    found: Stage,
    door: Door,
    path: str,
    bound: float,
    queries: int,
    least: Callable[[list[Statement]], list[Statement]],
    told: str,
) -> Iterator[Outcome]:
    environ = door.environ(path)
    door.call(environ)  # what a process does once
    asked = door.statements(environ)
    with _both(found, door, environ, least(asked)) as (mine, bare):
        dear, seconds = ratio(None, _often(mine), _often(bare))
    limit = f"{told} through a bare WSGI application"
    detail = f"{seconds / TIMES * 1000:.1f} CPU ms, {len(asked)} statements"
    yield Outcome(name, dear, bound, limit, detail)
    if queries:
        yield Outcome(f"{name}.queries", len(asked), queries, QUERIES)


@contextmanager
def _both(found: Stage, door: Door, environ: Environ, asked: list[Statement]) -> Iterator[tuple[Work, Work]]:
    """A request and its statements alone: both behind the web server for the API, pages without it."""
    bare = Bare(found.company, asked, as_json=door is found.api)
    if door is found.page:
        yield partial(door.call, environ), partial(bare.call, environ)
        return
    with served(door.app, environ) as mine, served(bare, environ) as least:
        yield mine, least


def _same(name: str, door: Door, path: str, other: str, bound: float, told: str) -> Outcome:
    mine, least = (_often(partial(door.call, door.environ(each))) for each in (path, other))
    dear, seconds = ratio(None, mine, least)
    return Outcome(name, dear, bound, told, f"{seconds / TIMES * 1000:.1f} CPU ms")


def _often(work: Work) -> Work:
    def repeated() -> None:
        for _ in range(TIMES):
            work()

    return repeated


def _nothing(_asked: list[Statement]) -> list[Statement]:
    return [Statement("SELECT 1", None)]


def _rows(asked: list[Statement]) -> list[Statement]:
    return [each for each in asked if each.about_customers]


def _all(asked: list[Statement]) -> list[Statement]:
    return asked


def _far(door: Door, path: str) -> str:
    """The thousandth page of a list, or the last."""
    for _ in range(999):
        following = orjson.loads(door.call(door.environ(path)))["next"]
        if not following:
            break
        path = following
    return path


def _customer(company: int) -> UUID:
    with tenant(company), transaction.atomic():
        return Customer.objects.values_list("id", flat=True).get(code="C1")


def _asked(work: Work) -> list[Statement]:
    with listening() as asked:
        work()
    return asked


def _replay(asked: list[Statement]) -> None:
    with connection.cursor() as cursor:
        for statement in asked:
            cursor.execute(statement.sql, statement.values)
            cursor.fetchall()
