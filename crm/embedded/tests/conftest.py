import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crm.embedded.servers import Servers

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "d"


@pytest.fixture
def house(data_dir: Path) -> Iterator[Servers]:
    """Servers of a data directory of their own, joined."""
    servers = Servers(data_dir)
    servers.join()
    yield servers
    servers.join()
    servers.leave()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """The same for all tests of a file that leave the servers as they are."""
    servers = Servers(tmp_path_factory.mktemp("kept"))
    servers.join()
    yield servers
    servers.leave()


@pytest.fixture
def another(data_dir: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Start another process on the same data: it joins, runs the given lines and ends."""
    started = []

    def start(lines: str) -> subprocess.Popen[str]:
        code = f"from crm.embedded import servers\nurls = servers.urls()\n{lines}"
        env = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
        started.append(
            subprocess.Popen(
                [sys.executable, "-c", code],
                cwd=ROOT,
                env=env | {"DATA_DIR": str(data_dir)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()
