import http.client
import os
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from crm.demo.tenants import TENANTS
from crm.embedded import leases, servers
from crm.embedded.assets import gather
from crm.embedded.server import ServerError
from crm.embedded.supervisor import Program, Supervisor
from crm.tenancy.models import Tenant

PATIENCE = (0.5, 1, 2, 4, 0)  # seconds between looks at a port that may be about to become free


class Command(BaseCommand):
    help = (
        "Run everything: migrations, demo tenants, web server, queue worker and timetable. "
        "PORT (8000) and HOST (127.0.0.1) say where; Ctrl-C stops all and loses nothing."
    )
    requires_system_checks = ()
    _demo: subprocess.Popen[bytes] | None = None

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="make no demo tenants")

    def handle(self, *, no_demo: bool, **options: object) -> None:
        host, port = address()
        held = only_one(settings.DATA_DIR / "run.lock", f"http://{host}:{port}")
        try:
            require_free(host, port)
            self._prepare()
            connections.close_all()
            supervisor = Supervisor(programs(host, port, settings.DATA_DIR), self._care, settings.BASE_DIR)
            supervisor.start()
            supervisor.run(lambda: answers(host, port) and self._announce(host, port, no_demo))
        except KeyboardInterrupt:
            pass
        finally:
            self._leave_demo()
            os.ftruncate(held, 0)
        self.stdout.write("Stopped; everything is saved.")

    def _prepare(self) -> None:
        call_command("compilemessages", verbosity=0)
        call_command("migrate", interactive=False, verbosity=0)
        gather(Path(settings.STATIC_ROOT))

    def _care(self) -> None:
        """Start a private server that died again."""
        if servers.wanted():
            try:
                servers.of_this_process().join(servers.wanted())
            except ServerError as error:
                self.stderr.write(str(error))

    def _announce(self, host: str, port: int, no_demo: bool) -> bool:
        self.stdout.write(f"\nGuanhu 管户 is running at http://{host}:{port}\n")
        missing = set(TENANTS) - set(Tenant.objects.values_list("slug", flat=True))
        if missing and not no_demo:
            self.stdout.write("Two demo companies are being made, which takes a minute or two;")
            self.stdout.write("their log-ins appear here when they are ready.")
            self._demo = subprocess.Popen([sys.executable, "manage.py", "demo"], cwd=settings.BASE_DIR)
        else:
            call_command("demo", logins=True)
        connections.close_all()
        self.stdout.write(f"Data: {settings.DATA_DIR}. Ctrl-C stops everything and loses nothing.\n")
        self.stdout.flush()
        return True

    def _leave_demo(self) -> None:
        """Stop a demo in the making; its transaction is undone, and the next start makes it anew."""
        if self._demo is not None and self._demo.poll() is None:
            self._demo.terminate()
            self._demo.wait()


def address() -> tuple[str, int]:
    """HOST and PORT of the environment; raises CommandError when PORT is no port."""
    port = os.environ.get("PORT") or "8000"
    if not (port.isascii() and port.isdecimal()) or not 0 < int(port) < 65536:
        raise CommandError(f"PORT={port} is not a port: give a number from 1 to 65535.")
    return os.environ.get("HOST") or "127.0.0.1", int(port)


def require_free(host: str, port: int) -> None:
    """Raise CommandError when somebody else listens there; waits for the rest of a run that was killed."""
    for patience in PATIENCE:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                line.bind((host, port))
                return
            except PermissionError:
                raise CommandError(f"Port {port} is for root only: make run PORT=8000") from None
            except OSError as error:
                reason = error.strerror
        time.sleep(patience)
    raise CommandError(
        f"Port {port} is taken by another program ({reason}). Choose one: make run PORT={port + 1}"
    )


def programs(host: str, port: int, data_dir: Path) -> list[Program]:
    """What runs, the web server first."""
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    web = [
        "gunicorn",
        "crm.wsgi",
        "--bind",
        bind,
        "--workers",
        "2",
        "--worker-class",
        "gthread",
        "--threads",
        "4",
    ]
    web += ["--graceful-timeout", "20", "--log-level", "warning", "--no-control-socket"]
    celery = ["celery", "--quiet", "--app", "crm"]
    worker = [*celery, "worker", "--concurrency", "2", "--loglevel", "WARNING", "--without-gossip"]
    beat = [*celery, "beat", "--schedule", str(data_dir / "beat"), "--pidfile", "", "--loglevel", "WARNING"]
    quiet = ["-W", "ignore:You're running the worker with superuser"]  # it takes JSON only, nothing that runs
    named = {"web": web, "worker": worker, "beat": beat}
    return [Program(name, [sys.executable, *quiet, "-m", *command]) for name, command in named.items()]


def answers(host: str, port: int) -> bool:
    """True when the web server answers a request, whatever the answer."""
    open_host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    line = http.client.HTTPConnection(open_host, port, timeout=20)
    try:
        line.request("GET", "/", headers={"Host": "localhost"})
        return line.getresponse().status > 0
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def only_one(path: Path, url: str) -> int:
    """The lock of the one run of this data directory; raises CommandError when there is one already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = leases.take(path)
    if lock is None:
        raise CommandError(f"Already running at {path.read_text()} on the same data ({path.parent}).")
    os.ftruncate(lock, 0)
    os.pwrite(lock, url.encode(), 0)
    return lock
