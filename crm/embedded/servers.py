"""The private servers of a data directory: who needs them starts or joins them, the last one out stops them.

Every process that uses them holds a lease (a shared file lock). A process that is killed loses its
lease with its life; servers that nobody holds go on until the next process joins and leaves.
"""

import atexit
import contextlib
import dataclasses
import functools
import os
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from crm.embedded import leases
from crm.embedded.account import account, open_way, user_name
from crm.embedded.postgres import SUPERUSER, Postgres
from crm.embedded.roles import APP, OWNER, READER, prepare
from crm.embedded.server import Server, ServerError
from crm.embedded.valkey import Valkey

DATABASE = "guanhu"


@dataclass(frozen=True)
class Urls:
    """Where the servers are: the database as each of its three roles, and Valkey or Redis."""

    database: str
    owner: str
    reader: str
    redis: str

    @property
    def broker(self) -> str:
        """The same Valkey in Celery's spelling, which knows sockets by another scheme."""
        if not self.redis.startswith("unix://"):
            return self.redis
        return self.redis.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)


NOWHERE = Urls("", "", "", "")


class Servers:
    """The servers of one data directory, as seen by one process."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.resolve()
        self.postgres = Postgres(self.data_dir)
        self.valkey = Valkey(self.data_dir)
        self._lease: leases.Lease | None = None
        self._joined_by = 0

    @property
    def urls(self) -> Urls:
        database, owner, reader = (self.postgres.url(role, DATABASE) for role in (APP, OWNER, READER))
        return Urls(database=database, owner=owner, reader=reader, redis=self.valkey.url)

    def join(self, wanted: frozenset[str] = frozenset({"postgres", "valkey"})) -> None:
        """Take a lease and start what is wanted and does not answer. Safe to repeat: it restarts what died.

        Raises ServerError when a server cannot be started.
        """
        self._own_data_dir()
        with leases.alone(self.data_dir / "servers.lock"):
            if self._lease is None:
                self._lease, self._joined_by = leases.Lease(self.data_dir / "servers.users"), os.getpid()
            if "postgres" in wanted:
                self._ensure_database()
            if "valkey" in wanted:
                self._ensure(self.valkey)

    def leave(self) -> None:
        """Give the lease back, and stop the servers when nobody else holds one."""
        if self._lease is None or self._joined_by != os.getpid():
            return
        with leases.alone(self.data_dir / "servers.lock"):
            last = self._lease.leave()
            self._lease = None
            for server in (self.valkey, self.postgres) if last else ():
                server.stop()
            if last and not self.postgres.run.is_relative_to(self.data_dir):
                self._remove_short_directory()

    def _own_data_dir(self) -> None:
        try:
            self.data_dir.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ServerError(f"DATA_DIR={self.data_dir} cannot be made: {error.strerror}") from error
        if not os.access(self.data_dir, os.R_OK | os.W_OK | os.X_OK):
            owner = user_name(self.data_dir.stat().st_uid)
            raise ServerError(
                f"{self.data_dir} belongs to {owner}: run as {owner}, or set DATA_DIR to another place"
            )

    def _remove_short_directory(self) -> None:
        with contextlib.suppress(OSError):  # absent, or a server of another hand is still in it
            self.postgres.run.rmdir()

    def _ensure_database(self) -> None:
        """PostgreSQL with its roles; a start that was killed between the two is completed by the next."""
        prepared = self.data_dir / "postgres.prepared"
        if self._ensure(self.postgres) or not prepared.exists():
            prepared.unlink(missing_ok=True)
            prepare(self.postgres.url(SUPERUSER, "postgres"), DATABASE, template=True)
            prepared.touch()

    def _ensure(self, server: Server) -> bool:
        if not server.answers():
            open_way(self.data_dir, account(server.data))
        return server.ensure()


def data_dir() -> Path:
    """DATA_DIR, or `.data` in the repository."""
    return Path(os.environ.get("DATA_DIR") or Path(__file__).resolve().parents[2] / ".data")


@functools.cache
def of_this_process() -> Servers:
    """The servers of DATA_DIR, joined, and left when this process ends."""
    servers = Servers(data_dir())
    atexit.register(servers.leave)
    servers.join(wanted())
    return servers


def wanted() -> frozenset[str]:
    """The private servers that the environment has not replaced by outside ones."""
    replaced_by = {"postgres": "DATABASE_URL", "valkey": "REDIS_URL"}
    return frozenset(name for name, variable in replaced_by.items() if not os.environ.get(variable))


def urls() -> Urls:
    """Where the servers are: what the environment says, else private servers, started or joined.

    DATABASE_URL is the app's role; DATABASE_OWNER_URL and DATABASE_READER_URL default to it.
    """
    private = of_this_process().urls if wanted() else NOWHERE
    database, given = os.environ.get("DATABASE_URL"), os.environ.get
    if not database:
        return dataclasses.replace(private, redis=given("REDIS_URL") or private.redis)
    return Urls(
        database=database,
        owner=given("DATABASE_OWNER_URL") or database,
        reader=given("DATABASE_READER_URL") or database,
        redis=given("REDIS_URL") or private.redis,
    )


def leave_when_terminated() -> None:
    """Let SIGTERM end this process in good order, so that it leaves the servers."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
