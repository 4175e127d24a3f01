"""A WSGI application behind the web server's own code, in this process, where its CPU can be seen."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import TConn, ThreadWorker

ROOM = 4 << 20  # bytes that lie between the two ends of a line, since one thread writes and reads
LOCAL = ("127.0.0.1", 8000)


@contextmanager
def served(app: Callable[..., Any], environ: dict[str, Any]) -> Iterator[Callable[[], bytes]]:
    """A call asks for `environ` over one kept-alive connection to a worker of the class that `run` starts.

    It returns the whole answer, and raises RuntimeError unless that is a 200.
    """
    near, far = socket.socketpair()
    far.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ROOM)
    worker, line = _worker(app), TConn(Config(), far, LOCAL, LOCAL)
    request = _request(environ)

    def ask() -> bytes:
        near.sendall(request)
        stays = worker.handle(line)
        answer = near.recv(ROOM)
        if not stays or not answer.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"{environ['PATH_INFO']} answered {answer[:500]!r}")
        return answer

    try:
        yield ask
    finally:
        near.close()
        line.close()


def _worker(app: Callable[..., Any]) -> ThreadWorker:
    config = Config()
    worker = ThreadWorker(0, os.getppid(), [], app, 30, config, Logger(config))
    worker.wsgi = app
    return worker


def _request(environ: dict[str, Any]) -> bytes:
    query = environ["QUERY_STRING"]
    lines = [
        f"GET {environ['PATH_INFO']}{'?' if query else ''}{query} HTTP/1.1",
        "Host: localhost",
        *(f"{_header(name)}: {value}" for name, value in environ.items() if name.startswith("HTTP_")),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def _header(name: str) -> str:
    return name.removeprefix("HTTP_").replace("_", "-").title()
