import os
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

import manage
from crm.embedded.postgres import SUPERUSER
from crm.embedded.servers import Servers
from crm.management.commands import compilemessages, run

ROOT = Path(__file__).resolve().parents[3]
CATALOGUE = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

msgid "customer"
msgstr "客户"
"""


@pytest.mark.parametrize(
    ("line", "none"),
    [
        ("", True),
        ("what_if requests.json", True),
        ("backtest file.csv --json", True),
        ("help migrate", True),
        ("migrate --help", True),
        ("migrate", False),
        ("collectstatic", False),
        ("shell -c version", False),
    ],
)
def test_commands_without_a_database_start_no_server(line: str, none: bool) -> None:
    assert manage.needs_no_server(line.split()) is none


def test_a_command_without_a_database_leaves_no_trace(tmp_path: Path) -> None:
    env = os.environ | {"DATA_DIR": str(tmp_path / "data")}
    command = [sys.executable, "manage.py", "version"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert not (tmp_path / "data").exists()


def test_migrate_runs_as_the_owner() -> None:
    from crm.management.commands.migrate import Command

    assert Command().create_parser("manage.py", "migrate").parse_args([]).database == "owner"


def test_a_server_elsewhere_gets_the_same_roles(house: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    superuser = house.postgres.url(SUPERUSER, "postgres")
    for name, role in [("DATABASE_URL", "crm_app"), ("DATABASE_OWNER_URL", "crm_owner")]:
        monkeypatch.setenv(name, house.postgres.url(role, "elsewhere"))
    call_command("prepare_database", superuser, verbosity=0)
    call_command("prepare_database", superuser, verbosity=0)
    with psycopg.connect(house.postgres.url("crm_owner", "elsewhere"), autocommit=True) as owner:
        owner.execute("CREATE TABLE page (name text)")
    with psycopg.connect(house.postgres.url("crm_app", "elsewhere"), autocommit=True) as app:
        assert app.execute("SELECT count(*) FROM page").fetchone() == (0,)


def test_urls_of_other_roles_or_of_two_databases_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://postgres@db/crm")
    with pytest.raises(CommandError, match="DATABASE_URL must be the URL of role crm_app, not of postgres"):
        call_command("prepare_database", "postgresql://postgres@db/postgres")
    monkeypatch.setenv("DATABASE_URL", "postgresql://crm_app@db/crm")
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://crm_owner@db/other")
    with pytest.raises(CommandError, match="different databases: crm, other"):
        call_command("prepare_database", "postgresql://postgres@db/postgres")


def test_a_server_that_refuses_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(CommandError, match="The server refused"):
        call_command("prepare_database", f"postgresql://postgres@/postgres?host={tmp_path}")


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", "８０"])
def test_a_port_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("PORT", port)
    with pytest.raises(CommandError, match=f"PORT={port} is not a port"):
        run.address()


def test_a_port_that_is_taken_is_named_with_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "PATIENCE", (0,))
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} is taken .* make run PORT={port + 1}"):
            run.require_free("127.0.0.1", port)
    run.require_free("127.0.0.1", port)


def test_a_second_run_on_the_same_data_is_told_where_the_first_is(tmp_path: Path) -> None:
    held = run.only_one(tmp_path / "run.lock", "http://127.0.0.1:8000")
    with pytest.raises(CommandError, match=r"Already running at http://127\.0\.0\.1:8000"):
        run.only_one(tmp_path / "run.lock", "http://127.0.0.1:8001")
    os.close(held)
    os.close(run.only_one(tmp_path / "run.lock", "http://127.0.0.1:8001"))


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    path = tmp_path / "customers" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(CATALOGUE)
    return path


def test_a_catalogue_is_compiled_when_it_changed(catalogue: Path, settings) -> None:  # type: ignore[no-untyped-def]
    from gettext import GNUTranslations

    settings.BASE_DIR = catalogue.parents[4]
    call_command("compilemessages", verbosity=0)
    compiled = catalogue.with_suffix(".mo")
    with compiled.open("rb") as file:
        assert GNUTranslations(file).gettext("customer") == "客户"
    before = compiled.stat().st_mtime_ns
    call_command("compilemessages", verbosity=0)
    assert compiled.stat().st_mtime_ns == before
    assert {path.name for path in catalogue.parent.iterdir()} == {"django.po", "django.mo"}


@pytest.mark.parametrize("entry", ['msgid "tier"\nmsgstr ""', '#, fuzzy\nmsgid "tier"\nmsgstr "层"'])
def test_an_empty_or_unsure_message_is_refused_by_the_check(catalogue: Path, entry: str) -> None:
    assert compilemessages.missing([catalogue]) == []
    catalogue.write_text(f"{CATALOGUE}\n{entry}\n")
    assert ["'tier'" in gap for gap in compilemessages.missing([catalogue])] == [True]


def test_a_message_may_be_translated_in_another_catalogue(catalogue: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    other.parent.mkdir(parents=True)
    other.write_text(f'{CATALOGUE}\n#~ msgid "tier"\n#~ msgstr "等级"\n')
    catalogue.write_text(f'{CATALOGUE}\nmsgid "tier"\nmsgstr ""\n')
    assert compilemessages.missing([catalogue, other]) == []


def test_a_malformed_catalogue_is_named(catalogue: Path) -> None:
    catalogue.write_text(f'{CATALOGUE}\nmsgid "a"\nmsgid "b"\n')
    with pytest.raises(CommandError, match=r"django\.po"):
        compilemessages.read(catalogue)
