"""Keeps programs running until it is told to stop, and then stops them in good order."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

TETHER = Path(__file__).with_name("tether.py")
ROUND = 2.0  # seconds between two looks at the private servers
GRACE = 30.0  # seconds that programs have to end what they are doing
STEADY = 60.0  # a program that ran this long has got over its trouble
LONGEST_PAUSE = 30.0
HOPELESS = 3  # failures of the first program before it ever answered


class Program:
    """One child process that is started again when it ends, each time after a longer pause."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name = name
        self.command = [sys.executable, "-I", str(TETHER), *command]
        self.failures = 0
        self.due = 0.0
        self.began = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, cwd: Path) -> None:
        self.began = time.monotonic()
        env = os.environ | {"PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            self.command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, start_new_session=True
        )

    def look(self, cwd: Path) -> str:
        """Start the program when it is due; what happened to it, "" when nothing did."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due:
                self.start(cwd)
            return ""
        if self.process.poll() is None:
            return ""
        self.failures = 1 if now - self.began > STEADY else self.failures + 1
        pause = min(LONGEST_PAUSE, 0.5 * 2**self.failures)
        how, self.process, self.due = self.process.returncode, None, now + pause
        return f"{self.name} ended with {how}; it starts again in {pause:.0f} s"

    def signal(self, number: int) -> None:
        """Pass a signal on: a polite one to the program, SIGKILL to all that it started."""
        if self.process and self.process.poll() is None:
            send = os.killpg if number == signal.SIGKILL else os.kill
            send(self.process.pid, number)

    @property
    def lives(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """`programs`, and `care` called every round for what they stand on."""

    def __init__(self, programs: Sequence[Program], care: Callable[[], None], cwd: Path) -> None:
        self.programs = programs
        self.care = care
        self.cwd = cwd
        self.stops = 0
        self._news = threading.Event()

    def start(self) -> None:
        """Start all programs; from now on Ctrl-C, SIGTERM and a closed terminal mean `run` shall end."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGCHLD, lambda *_: self._news.set())
        for program in self.programs:
            program.start(self.cwd)

    def run(self, announce: Callable[[], bool]) -> None:
        """Return when told to stop and every program has ended.

        `announce` is called until it returns True: then everything is up. When the first program cannot
        be kept alive before that, everything ends and SystemExit is raised.
        """
        try:
            self._run(announce)
        finally:
            self._end()

    def _run(self, announce: Callable[[], bool]) -> None:
        announced, first = False, self.programs[0]
        while not self.stops:
            announced = announced or announce()
            self._look()
            self._wait(ROUND if announced else 0.1)
            if not announced and first.failures >= HOPELESS:
                raise SystemExit(f"{first.name} does not start; its reason stands above.")

    def _look(self) -> None:
        for news in (program.look(self.cwd) for program in self.programs):
            if news:
                print(news, file=sys.stderr)
        self.care()

    def _wait(self, seconds: float) -> None:
        due = [program.due - time.monotonic() for program in self.programs if program.process is None]
        self._news.wait(max(0.05, min([seconds, *due])))
        self._news.clear()

    def _stop(self, *_: object) -> None:
        self.stops += 1
        self._news.set()

    def _end(self) -> None:
        """Let every program end its work; those that take longer, or a second Ctrl-C, are killed."""
        deadline = time.monotonic() + GRACE
        for program in self.programs:
            program.signal(signal.SIGTERM)
        while any(program.lives for program in self.programs):
            if time.monotonic() > deadline or self.stops > 1:
                for program in self.programs:
                    program.signal(signal.SIGKILL)
            self._news.wait(0.1)
            self._news.clear()
