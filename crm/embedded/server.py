"""What PostgreSQL and Valkey have in common as private servers: start, see that it answers, stop."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import IO

from crm.embedded import leases
from crm.embedded.account import Account, account, identity, own

LONGEST_SOCKET_DIRECTORY = 80  # a socket's whole path may have 103 (macOS) or 107 bytes (Linux)
LOG_LIMIT = 10 << 20  # bytes; a longer log is set aside at the next start
ANSWER = 2.0  # seconds that a server which lives may take for a word
PATIENCE = 60  # seconds that a start (with recovery after a crash) or a stop may take


Process = subprocess.Popen[bytes]


class ServerError(Exception):
    """A private server could not be found, started or stopped; the message says what to do."""


def run_directory(data_dir: Path) -> Path:
    """Where the sockets are: `data_dir`/run, or a short private directory when that path is long or odd."""
    if len(str(data_dir)) < LONGEST_SOCKET_DIRECTORY and re.fullmatch(r"[A-Za-z0-9/._-]+", str(data_dir)):
        return data_dir / "run"
    digest = sha256(os.fsencode(data_dir)).hexdigest()[:12]
    return Path(f"/tmp/guanhu-{os.geteuid()}-{digest}")  # not TMPDIR, in which two processes may differ


class Server:
    """One private server of a data directory. Call `start` and `stop` only inside `leases.alone`."""

    name: str  # of the product
    directory: str  # of its data, inside the data directory

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.data = data_dir / self.directory
        self.run = run_directory(data_dir)
        self.log = data_dir / f"{self.directory}.log"
        self.alive = data_dir / f"{self.directory}.alive"  # locked by the server's own processes
        self._process: Process | None = None

    @property
    def address(self) -> Path:
        raise NotImplementedError

    def prepare(self, who: Account | None) -> list[str | Path]:
        """Make what the start needs; the command line of the start."""
        raise NotImplementedError

    def answers(self) -> bool:
        """True when a client would be served now."""
        raise NotImplementedError

    def pid(self) -> int | None:
        """The number of the main process, as the server wrote it down; it may be long dead."""
        raise NotImplementedError

    def ask_to_stop(self) -> None:
        if pid := self.pid():
            os.kill(pid, signal.SIGINT)  # PostgreSQL: end sessions, write a checkpoint, leave

    def connect(self) -> socket.socket | None:
        """A connected socket (ANSWER seconds for every answer), None when nobody listens."""
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(ANSWER)
        try:
            line.connect(str(self.address))
        except OSError:
            line.close()
            return None
        return line

    def ensure(self) -> bool:
        """Start the server unless it answers; True when it was started.

        One that lives without answering (it recovers, or the machine is slow) is given time before it
        is stopped and started anew.
        """
        if self.answers():
            return False
        if leases.held(self.alive):
            with suppress(ServerError):
                wait(lambda: self.answers() or not leases.held(self.alive), "")
        if self.answers():
            return False
        self.start()
        return True

    def start(self) -> None:
        """Start the server and wait until it answers.

        Raises ServerError with the end of its log when it does not.
        """
        who = account(self.data)
        self._own_run_directory(who)
        lock = self._take_over()
        try:
            command = self.prepare(who)
            self._set_log_aside()
            with open(self.log, "ab", opener=lambda path, flags: os.open(path, flags, 0o600)) as log:
                self._process = spawn(command, who, self.data, log, lock)
        finally:
            os.close(lock)
        wait(lambda: self.answers() or self._ended(), f"{self.name} does not answer; see {self.log}")
        if self._ended():
            tail = self.log.read_text(errors="replace").splitlines()[-12:]
            raise ServerError("\n".join([f"{self.name} did not start. The end of {self.log}:", *tail]))

    def stop(self) -> None:
        """Stop the server and wait until its last process has gone; nothing when it does not run."""
        if not leases.held(self.alive):
            return
        self.ask_to_stop()
        try:
            wait(lambda: not leases.held(self.alive), f"{self.name} does not stop")
        except ServerError:
            if pid := self.pid():
                os.kill(pid, signal.SIGKILL)
            wait(lambda: not leases.held(self.alive), f"{self.name} does not stop, not even when killed")
        self._ended()

    def _take_over(self) -> int:
        """The lock that says the server lives; one that lives without answering is stopped first."""
        self.stop()
        lock = leases.take(self.alive)
        if lock is None:
            raise ServerError(f"{self.name} of {self.data_dir} is being started by another program")
        return lock

    def _own_run_directory(self, who: Account | None) -> None:
        with suppress(FileExistsError):
            self.run.mkdir(mode=0o700)
        if self.run.is_symlink() or self.run.stat().st_uid not in {os.geteuid(), who.uid if who else None}:
            raise ServerError(f"{self.run} belongs to another user; remove it or choose a shorter DATA_DIR")
        own(self.run, who)

    def _set_log_aside(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))

    def _ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None


def spawn(command: list[str | Path], who: Account | None, cwd: Path, log: IO[bytes], keep: int) -> Process:
    """Start `command`, holding `keep`, in a session of its own: Ctrl-C in a terminal is not meant for it."""
    return subprocess.Popen(
        command,
        cwd=cwd,
        env={"PATH": os.environ.get("PATH", os.defpath), "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        pass_fds=[keep],
        start_new_session=True,
        umask=0o077,
        **identity(who),
    )


def wait(until: Callable[[], bool], otherwise: str) -> None:
    """Return once `until()` is true; raise ServerError(`otherwise`) after PATIENCE seconds."""
    deadline = time.monotonic() + PATIENCE
    while not until():
        if time.monotonic() > deadline:
            raise ServerError(otherwise)
        time.sleep(0.02)


def package_directory(name: str) -> Path | None:
    """Where the wheel `name` is installed, without importing it; None when it is not."""
    for entry in sys.path:
        if (Path(entry) / name / "__init__.py").exists():
            return Path(entry) / name
    return None


def on_path(*names: str) -> Path | None:
    """The first program of that name on PATH."""
    found = next((path for name in names if (path := shutil.which(name))), None)
    return Path(found) if found else None
