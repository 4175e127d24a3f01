"""Work that may not write: every query of the block goes through the role that can only read.

For what-if, replay and reports. The role has no right to write anything, and the transaction is read-only
besides: a write inside the block is refused by the database, whatever the code meant.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connections, transaction

READER = "reader"
_reading: ContextVar[bool] = ContextVar("reading", default=False)


class Router:
    """Sends queries of the ORM to the reader inside `only_reading`, writes too: there they are refused."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return READER if _reading.get() else None

    def db_for_write(self, model: Any, **hints: Any) -> str | None:
        return READER if _reading.get() else None

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        """The three names are one database: a row read by one role may stand beside one read by another."""
        return True


@contextmanager
def only_reading() -> Iterator[None]:
    """Read for the tenant in scope, and nothing else. Rows it brings are not to be saved outside."""
    token = _reading.set(True)
    try:
        with transaction.atomic(using=READER):
            with connections[READER].cursor() as cursor:
                cursor.execute("SET LOCAL transaction_read_only = on")
            yield
    finally:
        _reading.reset(token)
