"""What work costs: CPU seconds of this process and of its database backend, since clocks are noisy."""

from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from django.db import connections, transaction

from crm.tenancy.context import tenant

ROUNDS, FEWEST = 7, 3
PATIENCE = 60.0  # CPU seconds; who needs more is measured in fewer rounds
Work = Callable[[], object]


def cost(company: int, work: Work) -> float:
    """CPU seconds of some work for a tenant, in a transaction that is rolled back."""
    with tenant(company), transaction.atomic():
        with connections["default"].cursor() as cursor:
            cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        seconds = spent(work)
        transaction.set_rollback(True)
    return seconds


def spent(work: Work, using: str = "default") -> float:
    """CPU seconds of work that opens its own transactions on a connection of this process.

    Wall seconds where the server's processes cannot be seen, as on another machine.
    """
    clock = _backend(using)
    before = _now(clock)
    work()
    return _now(clock) - before


def _backend(using: str) -> Path | None:
    connection = connections[using]
    connection.ensure_connection()
    connection.close_at = None  # a request closes what is older than CONN_MAX_AGE, its clock with it
    server = connection.connection.info
    schedule = Path(f"/proc/{server.backend_pid}/schedstat")
    is_here = server.host.startswith("/") or server.host in ("127.0.0.1", "::1", "localhost")
    return schedule if is_here and schedule.exists() else None


def _now(clock: Path | None) -> float:
    if clock is None:
        return perf_counter()
    return process_time() + int(clock.read_text().split()[0]) / 1e9


def ratio(company: int | None, work: Work, limit: Work) -> tuple[float, float]:
    """(cost of work ÷ cost of limit, cost of work), both measured in turn; the medians of the rounds.

    Without a company both open their own transactions.
    """

    def measured(some: Work) -> float:
        return spent(some) if company is None else cost(company, some)

    measured(limit)
    first = measured(work)
    rounds = max(FEWEST, min(ROUNDS, int(PATIENCE / max(first, 0.001))))
    pairs = [(measured(work), measured(limit)) for _ in range(rounds)]
    return median(mine / least for mine, least in pairs), median(mine for mine, _least in pairs)
