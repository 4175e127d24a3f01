"""A request through the whole application, and its statements again without it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any, NamedTuple, cast

import orjson
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_started
from django.db import close_old_connections, connection
from django.test import RequestFactory

WRITES = ("INSERT", "UPDATE", "DELETE")
Environ = dict[str, Any]


class Statement(NamedTuple):
    """What a request asked the database."""

    sql: str
    values: Any

    @property
    def about_customers(self) -> bool:
        """Whether this reads rows of customers for a page."""
        return 'FROM "customers_customer"' in self.sql and "LIMIT" in self.sql


class Door:
    """The application under WSGI in this process, on one connection."""

    def __init__(self, **headers: str) -> None:
        self.app = WSGIHandler()
        self.factory = RequestFactory(headers={"Accept-Language": "zh-hans", **headers})

    def environ(self, path: str) -> Environ:
        """What a server would hand over for GET `path`."""
        asked = self.factory.get(path, SERVER_NAME="localhost").environ
        return {**asked, "wsgi.url_scheme": "http"}

    def call(self, environ: Environ) -> bytes:
        """The body of the answer, which has to be a 200."""
        told: list[str] = []
        environ = {**environ, "wsgi.input": BytesIO()}

        def begin(status: str, headers: Any, problem: Any = None, /) -> Any:
            told.append(status)

        body = b"".join(self.app(environ, begin))
        if not told[0].startswith("200"):
            raise RuntimeError(f"{environ['PATH_INFO']} answered {told[0]}: {body[:500]!r}")
        return body

    def statements(self, environ: Environ) -> list[Statement]:
        """The statements of a request, those that only set the scene left out."""
        with listening() as found:
            self.call(environ)
        return found


@contextmanager
def listening() -> Iterator[list[Statement]]:
    """The statements of the block as they are asked."""
    found: list[Statement] = []

    def listen(execute: Callable[..., Any], sql: str, values: Any, many: bool, context: Any) -> Any:
        if not sql.lstrip().startswith(("SET ", "SAVEPOINT", "RELEASE", *WRITES)):
            found.append(Statement(sql, values))
        return execute(sql, values, many, context)

    with connection.execute_wrapper(listen):
        yield found


@contextmanager
def one_connection() -> Iterator[None]:
    """Requests of this block keep the connection that is open, whose backend is measured."""
    request_started.disconnect(close_old_connections)
    try:
        yield
    finally:
        request_started.connect(close_old_connections)


class Bare:
    """Statements through a bare WSGI application and psycopg, in one transaction of a tenant."""

    def __init__(self, company: int, statements: Sequence[Statement], *, as_json: bool) -> None:
        self.company, self.statements, self.as_json = company, statements, as_json

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> list[bytes]:
        connection.ensure_connection()
        cursor = cast(Any, connection.connection).cursor()
        cursor.execute("BEGIN")
        cursor.execute(f"SET LOCAL app.tenant_id = '{self.company}'")
        rows: list[Any] = []
        for statement in self.statements:
            cursor.execute(statement.sql, statement.values)
            rows = cursor.fetchall()
        cursor.execute("COMMIT")
        start_response("200 OK", [("Content-Type", "application/json")])
        return [orjson.dumps(rows, default=str) if self.as_json else b""]

    def call(self, environ: Environ) -> bytes:
        """The body of the answer."""
        return b"".join(self(environ, lambda status, headers: None))
