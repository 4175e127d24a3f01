"""Who uses the private servers: file locks, which the kernel drops when a process dies, however it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _try(fd: int, kind: int) -> bool:
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold `path` exclusively for the block; waits for whoever holds it."""
    fd = _open(path)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def take(path: Path) -> int | None:
    """Take `path` exclusively without waiting: the open descriptor that is the lock, None if it is held.

    The lock lives as long as any copy of the descriptor: given to a child process, it says that the
    child (or a child of the child) is alive, and no number of a process can be mistaken for it.
    """
    fd = _open(path)
    if _try(fd, fcntl.LOCK_EX):
        return fd
    os.close(fd)
    return None


def held(path: Path) -> bool:
    """True while some process holds `path` exclusively."""
    fd = take(path)
    if fd is None:
        return True
    os.close(fd)
    return False


class Lease:
    """A share in the servers: any number of processes hold one; `leave` tells the last one out."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = _open(path)
        fcntl.flock(self._fd, fcntl.LOCK_SH)

    def leave(self) -> bool:
        """Give the share back; True when nobody else holds one. Call it inside `alone`."""
        os.close(self._fd)
        return not held(self.path)
