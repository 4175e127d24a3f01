import os
import stat
from pathlib import Path

import pytest

from crm.embedded.account import (
    ACL,
    GROUP,
    MASK,
    OTHER,
    OWNER,
    USER,
    Account,
    access_list,
    account,
    borrow,
    open_way,
)
from crm.embedded.secret import secret

STRANGER = Account(61234, 61234)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts programs as somebody else")


def test_an_ordinary_user_runs_its_own_servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert account(tmp_path) is None


@as_root
def test_data_that_exists_keeps_its_user(tmp_path: Path) -> None:
    os.chown(tmp_path, 61234, 61234)
    assert account(tmp_path) == STRANGER
    assert account(tmp_path / "new") not in (None, STRANGER, Account(0, 0))


@as_root
def test_one_user_may_walk_through_a_private_directory_and_nobody_else(tmp_path: Path) -> None:
    inner = tmp_path / "private" / "data"
    inner.mkdir(parents=True)
    inner.parent.chmod(0o700)
    open_way(inner, STRANGER)
    assert STRANGER.can_walk(inner)
    assert not STRANGER.can("/bin/ls", inner.parent)
    assert not Account(61235, 61235).can_walk(inner)


@as_root
def test_an_access_list_that_is_there_is_kept(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    open_way(tmp_path, Account(61235, 61235))
    open_way(tmp_path, STRANGER)
    nobody = 0xFFFFFFFF
    users = [(USER, 1, 61234), (USER, 1, 61235)]
    assert access_list(tmp_path) == [
        *[(OWNER, 7, nobody), *users],
        *[(GROUP, 5, nobody), (MASK, 5, nobody), (OTHER, 0, nobody)],
    ]


@as_root
def test_a_file_system_without_access_lists_gets_one_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.embedded.account.ACL", "system.none")
    inner = tmp_path / "private"
    inner.mkdir(mode=0o700)
    open_way(inner, STRANGER)
    assert stat.S_IMODE(inner.stat().st_mode) == 0o701
    assert ACL not in os.listxattr(inner)


@as_root
def test_a_program_out_of_reach_is_copied_once(tmp_path: Path) -> None:
    open_way(tmp_path, STRANGER)
    package = tmp_path / "private" / "tools"
    package.mkdir(parents=True)
    (package / "say").write_text("#!/bin/sh\necho here\n")
    (package / "say").chmod(0o700)
    package.parent.chmod(0o700)
    copies = tmp_path / "copies"
    copy = borrow(package, "say", STRANGER, copies)
    assert copy.is_relative_to(copies)
    assert STRANGER.can(copy)
    assert borrow(package, "say", STRANGER, copies) == copy
    assert borrow(package, "say", None, copies) == package / "say"


def test_a_secret_is_made_once_and_private(tmp_path: Path) -> None:
    first = secret(tmp_path / "new", "key")
    assert len(first) == 64
    assert secret(tmp_path / "new", "key") == first
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["key"]
    assert stat.S_IMODE((tmp_path / "new" / "key").stat().st_mode) == 0o600
