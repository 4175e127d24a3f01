import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from crm.embedded.server import wait

ROOT = Path(__file__).resolve().parents[3]
START = """
import sys
from pathlib import Path
from crm.embedded import supervisor as s
s.ROUND = 0.1
programs = [s.Program(str(n), [sys.executable, "-c", code]) for n, code in enumerate(sys.argv[1:])]
boss = s.Supervisor(programs, lambda: None, Path.cwd())
boss.start()
boss.run(lambda: Path("up").exists())
print("stopped")
"""
WRITE = "import os; open('pids', 'a').write(f'{os.getpid()}\\n'); open('up', 'a'); "
STAY = "import time; time.sleep(60)"
POLITE = """
import signal, sys
signal.signal(signal.SIGTERM, lambda *_: (open('bye', 'a').write('bye'), sys.exit()))
"""
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "

Boss = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def boss(tmp_path: Path) -> Boss:  # type: ignore[misc]
    """Start a supervisor of the given programs (Python lines) in its own process, in `tmp_path`."""
    started: list[subprocess.Popen[str]] = []

    def start(*programs: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", START, *programs]
        env = os.environ | {"PYTHONPATH": str(ROOT)}
        started.append(
            subprocess.Popen(
                command, cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def pids(folder: Path, count: int) -> list[int]:
    """The numbers of the programs that started so far, once there are `count`."""
    path = folder / "pids"
    wait(lambda: path.exists() and len(path.read_text().splitlines()) >= count, f"no {count} starts")
    return [int(line) for line in path.read_text().splitlines()]


def gone(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    try:
        return state.read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_a_program_that_dies_starts_again(boss: Boss, tmp_path: Path) -> None:
    supervisor = boss(WRITE + STAY)
    [first] = pids(tmp_path, 1)
    os.kill(first, signal.SIGKILL)
    second = pids(tmp_path, 2)[1]
    assert second != first
    supervisor.send_signal(signal.SIGTERM)
    out, err = supervisor.communicate(timeout=20)
    assert (out, err) == ("stopped\n", "0 ended with -9; it starts again in 1 s\n")


def test_it_waits_longer_each_time(boss: Boss, tmp_path: Path) -> None:
    supervisor = boss(WRITE)
    pids(tmp_path, 3)
    supervisor.send_signal(signal.SIGINT)
    err = supervisor.communicate(timeout=20)[1].splitlines()
    assert err[:2] == ["0 ended with 0; it starts again in 1 s", "0 ended with 0; it starts again in 2 s"]


def test_programs_are_told_to_end_and_given_time(boss: Boss, tmp_path: Path) -> None:
    supervisor = boss(POLITE + WRITE + STAY)
    pids(tmp_path, 1)
    supervisor.send_signal(signal.SIGINT)
    assert supervisor.wait(20) == 0
    assert (tmp_path / "bye").read_text() == "bye"


def test_a_second_ctrl_c_kills_what_does_not_end(boss: Boss, tmp_path: Path) -> None:
    supervisor = boss(STUBBORN + WRITE + STAY)
    [stubborn] = pids(tmp_path, 1)
    supervisor.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert not gone(stubborn)
    supervisor.send_signal(signal.SIGINT)
    assert supervisor.wait(20) == 0
    assert gone(stubborn)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_programs_end_with_a_supervisor_that_is_killed(boss: Boss, tmp_path: Path) -> None:
    supervisor = boss(WRITE + STAY, WRITE + STAY)
    started = pids(tmp_path, 2)
    supervisor.kill()
    wait(lambda: all(gone(pid) for pid in started), "orphans live on")


def test_a_first_program_that_cannot_start_ends_everything(boss: Boss) -> None:
    supervisor = boss("raise SystemExit('no such module')", STAY)
    out, err = supervisor.communicate(timeout=30)
    assert (supervisor.returncode, out) == (1, "")
    assert err.splitlines()[-1] == "0 does not start; its reason stands above."
