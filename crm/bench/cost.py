"""What work costs: CPU seconds of this process and of its database backend, since clocks are noisy."""

from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from django.db import connection, transaction

from crm.tenancy.context import tenant

ROUNDS, FEWEST = 7, 3
PATIENCE = 60.0  # CPU seconds; who needs more is measured in fewer rounds


def cost(company: int, work: Callable[[], object]) -> float:
    """CPU seconds of some work for a tenant, in a transaction that is rolled back.

    Wall seconds where the server's processes cannot be seen, as on another machine.
    """
    with tenant(company), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
            cursor.execute("SELECT pg_backend_pid(), coalesce(inet_server_addr() << '127.0.0.0/8', true)")
            backend, is_here = cursor.fetchone()
        schedule = Path(f"/proc/{backend}/schedstat")
        clock = schedule if is_here and schedule.exists() else None
        before = _now(clock)
        work()
        spent = _now(clock) - before
        transaction.set_rollback(True)
    return spent


def _now(clock: Path | None) -> float:
    if clock is None:
        return perf_counter()
    return process_time() + int(clock.read_text().split()[0]) / 1e9


def ratio(company: int, work: Callable[[], object], limit: Callable[[], object]) -> tuple[float, float]:
    """(cost of work ÷ cost of limit, cost of work), both measured in turn; the medians of the rounds."""
    cost(company, limit)
    first = cost(company, work)
    rounds = max(FEWEST, min(ROUNDS, int(PATIENCE / max(first, 0.001))))
    pairs = [(cost(company, work), cost(company, limit)) for _ in range(rounds)]
    return median(mine / least for mine, least in pairs), median(mine for mine, _least in pairs)
