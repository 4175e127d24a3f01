"""The product as its users have it: `manage.py run` on its own data and its own port."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from django.conf import settings

PATIENCE = 120  # seconds until the first answer; 30 are enough on a quiet machine
OURS = (
    "DATABASE_",
    "REDIS_",
    "GUANHU_",
    "DJANGO_",
    "DATA_DIR",
    "TEST_DATABASE",
)  # of the tests, not of a user


class Product:
    """A running installation; `stop` leaves nothing behind."""

    def __init__(self) -> None:
        self.data = Path(tempfile.mkdtemp(prefix="guanhu-"))
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.seats: dict[str, dict] = {}  # the cookies of who has signed in, by his address
        self.log = (self.data / "run.log").open("w+b")
        self._run = subprocess.Popen(
            self._command("run", "--no-demo"), stdout=self.log, stderr=subprocess.STDOUT, **self._place
        )

    @property
    def _place(self) -> dict:
        env = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        return {"cwd": settings.BASE_DIR, "env": env | {"DATA_DIR": str(self.data), "PORT": str(self.port)}}

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "manage.py", *words]

    def wait(self) -> None:
        """Until the first page is answered; raises with the log when the product ended before."""
        until = time.monotonic() + PATIENCE
        while not self._answers():
            if self._run.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"The product does not answer:\n{self.said()}")
            time.sleep(0.2)

    def command(self, *words: str) -> str:
        """What a command of manage.py says; raises when it fails."""
        done = subprocess.run(self._command(*words), capture_output=True, text=True, **self._place)
        if done.returncode:
            raise RuntimeError(f"manage.py {words[0]} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def said(self) -> str:
        """Everything that the product has written."""
        return (self.data / "run.log").read_text()

    def stop(self) -> None:
        self._run.send_signal(signal.SIGINT)
        try:
            self._run.wait(60)
        finally:
            self._run.kill()
            self.log.close()
            shutil.rmtree(self.data, ignore_errors=True)

    def _answers(self) -> bool:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            line.request("GET", "/readyz")
            return line.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            line.close()


def _free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return line.getsockname()[1]
