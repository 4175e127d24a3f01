"""The operating-system user that the servers run as.

PostgreSQL refuses to run as root. An ordinary user runs its own servers. Root runs them as a system
user without a home or a shell, which must be able to walk to the data and to read the programs.
"""

import os
import pwd
import shutil
import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NAME = "guanhu-servers"
ACL = "system.posix_acl_access"
OWNER, USER, GROUP, MASK, OTHER = 1, 2, 4, 16, 32
WALK = 1


@dataclass(frozen=True)
class Account:
    """An unprivileged user that root starts programs as."""

    uid: int
    gid: int

    def can(self, *command: str | Path) -> bool:
        """True when `command`, run as this user, ends with 0."""
        try:
            done = subprocess.run(command, capture_output=True, **identity(self))
        except PermissionError:
            return False
        return done.returncode == 0

    def can_walk(self, path: Path) -> bool:
        return self.can("/bin/sh", "-c", 'test -x "$1"', "sh", path)


def identity(who: Account | None) -> dict[str, Any]:
    """The arguments of subprocess that start a program as `who`."""
    return {"user": who.uid, "group": who.gid, "extra_groups": []} if who else {}


def account(cluster: Path) -> Account | None:
    """Who runs the servers whose data is `cluster`: None means the present user.

    Data that exists keeps its user, also where the user's name is gone (a container made anew).
    """
    if os.geteuid() != 0:
        return None
    if cluster.exists() and cluster.stat().st_uid != 0:
        return Account(cluster.stat().st_uid, cluster.stat().st_gid)
    if not _has(NAME):
        add = [
            "useradd",
            "--system",
            "--user-group",
            "--no-create-home",
            "--shell",
            "/usr/sbin/nologin",
            NAME,
        ]
        if shutil.which("useradd"):
            subprocess.run(add, capture_output=True, check=False)
    entry = pwd.getpwnam(NAME if _has(NAME) else "nobody")
    return Account(entry.pw_uid, entry.pw_gid)


def _has(name: str) -> bool:
    return any(entry.pw_name == name for entry in pwd.getpwall())


def user_name(uid: int) -> str | None:
    """The name of user number `uid`; None where the machine has none for it."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None


def own(path: Path, who: Account | None) -> None:
    """Make directory `path`, private to the servers' user."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    if who:
        os.chown(path, who.uid, who.gid)


def open_way(path: Path, who: Account | None) -> None:
    """Let `who` walk through `path` and every directory above it; nothing more, and nobody else.

    Says aloud what it changed: a repository under /root (mode 700) is the usual case.
    """
    if who is None:
        return
    for directory in [*reversed(path.parents), path]:
        if not who.can_walk(directory):
            _let_walk(directory, who)
            print(
                f"{directory}: user id {who.uid} of the private servers may now walk through it",
                file=sys.stderr,
            )


def _let_walk(directory: Path, who: Account) -> None:
    try:
        os.setxattr(directory, ACL, _with_walker(access_list(directory), who.uid))
    except OSError:  # a file system without access lists
        directory.chmod(directory.stat().st_mode | 0o001)


def access_list(directory: Path) -> list[tuple[int, int, int]]:
    """The access list as (tag, permissions, id); made from the mode where there is none."""
    try:
        return list(struct.iter_unpack("<HHI", os.getxattr(directory, ACL)[4:]))
    except OSError:
        mode = directory.stat().st_mode
        nobody = 0xFFFFFFFF
        return [(OWNER, mode >> 6 & 7, nobody), (GROUP, mode >> 3 & 7, nobody), (OTHER, mode & 7, nobody)]


def _with_walker(entries: list[tuple[int, int, int]], uid: int) -> bytes:
    """The access list with `x` for user `uid`, in the kernel's form (version 2, sorted by tag and id)."""
    permissions = {tag: bits for tag, bits, _ in entries}
    mask = permissions.get(MASK, permissions[GROUP]) | WALK
    kept = [entry for entry in entries if entry[0] != MASK and entry[::2] != (USER, uid)]
    listed = sorted([*kept, (USER, WALK, uid), (MASK, mask, 0xFFFFFFFF)], key=lambda entry: entry[::2])
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in listed)


def borrow(package: Path, program: str, who: Account | None, into: Path) -> Path:
    """The path of `program` (relative to `package`) that `who` can run.

    Where the installed one is out of reach (a virtual environment made under umask 077), the package
    is copied once into `into`.
    """
    installed = package / program
    if who is None or who.can(installed, "--version"):
        return installed
    copy = into / f"{package.name}-{int(installed.stat().st_mtime)}"
    if not copy.exists():
        _copy_readable(
            package.with_name(f"{package.name}.libs"), into
        )  # its programs look for it beside the package
        _copy_readable(package, into).rename(copy)
    return copy / program


def _copy_readable(source: Path, into: Path) -> Path:
    target = into / source.name
    if source.exists():
        shutil.copytree(source, target, dirs_exist_ok=True)
        for path in [into, target, *target.rglob("*")]:
            path.chmod(
                path.stat().st_mode | (path.stat().st_mode >> 6 & 0o5) | (path.stat().st_mode >> 3 & 0o50)
            )
    return target
