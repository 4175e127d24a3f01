"""The tenant that the running code works for. Outside a scope there is none, and asking raises."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class NoTenant(RuntimeError):
    """A row of a tenant was asked for while no tenant was in scope."""


_current: ContextVar[int | None] = ContextVar("tenant", default=None)


def current() -> int:
    """The id of the tenant in scope; raises NoTenant outside one."""
    value = _current.get()
    if value is None:
        raise NoTenant("no tenant is in scope: open one with tenant(id)")
    return value


def current_or_none() -> int | None:
    """The id of the tenant in scope, or None; only for doors and the database backend."""
    return _current.get()


@contextmanager
def tenant(tenant_id: int) -> Iterator[int]:
    """Work for one tenant inside the block: the ORM filters by it and the database enforces it."""
    if not isinstance(tenant_id, int) or isinstance(tenant_id, bool):
        raise TypeError(f"a tenant is given by its number, not {tenant_id!r}")
    token = _current.set(tenant_id)
    try:
        yield tenant_id
    finally:
        _current.reset(token)


@contextmanager
def no_tenant() -> Iterator[None]:
    """Take the tenant away inside the block, as at the start of a job or a request."""
    token = _current.set(None)
    try:
        yield
    finally:
        _current.reset(token)
