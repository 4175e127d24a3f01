import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis

from crm.embedded import leases, servers
from crm.embedded.server import ServerError, run_directory, wait
from crm.embedded.servers import Servers, Urls

Start = Callable[[str], "subprocess.Popen[str]"]


def one(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()
    assert row
    return row[0]


def pids(house: Servers) -> tuple[int, int]:
    return house.postgres.pid() or 0, house.valkey.pid() or 0


def heard(process: "subprocess.Popen[str]") -> str:
    """The next line that the process says."""
    assert process.stdout
    return process.stdout.readline()


def test_a_first_start_makes_a_database_that_finds_chinese_words(house: Servers) -> None:
    assert one(house.urls.database, "SELECT show_trgm('上海华兴')") != []
    assert one(house.urls.database, "SELECT current_setting('fsync')") == "on"
    assert redis.from_url(house.urls.redis).ping()


def test_nothing_listens_on_the_network_and_only_the_owner_reaches_the_sockets(house: Servers) -> None:
    assert one(house.urls.database, "SELECT current_setting('listen_addresses')") == ""
    assert redis.from_url(house.urls.redis).config_get("port") == {"port": "0"}
    assert house.postgres.run.stat().st_mode & 0o777 == 0o700


def test_a_second_process_joins_the_same_servers_at_once(house: Servers, another: Start) -> None:
    before = pids(house)
    second = another(
        "import time; t = time.monotonic(); servers.of_this_process().join(); print(time.monotonic() - t)"
    )
    assert float(second.communicate(timeout=30)[0]) < 0.5
    assert pids(house) == before


def test_processes_that_start_at_once_start_one_server(data_dir: Path, another: Start) -> None:
    question = "import psycopg; print(psycopg.connect(urls.database).execute("
    question += (
        "'SELECT pg_postmaster_start_time()').fetchone(), servers.of_this_process().valkey.pid()); input()"
    )
    racers = [another(question) for _ in range(4)]
    answers = {heard(racer) for racer in racers}
    assert len(answers) == 1
    for racer in racers:
        assert racer.communicate("\n", timeout=30)[1] is None
        assert racer.returncode == 0
    assert not leases.held(data_dir / "postgres.alive")
    assert not leases.held(data_dir / "valkey.alive")


def test_the_last_one_out_stops_the_servers_and_nobody_before(data_dir: Path, another: Start) -> None:
    first, second = another("print('in', flush=True); input()"), another("print('in', flush=True); input()")
    assert [heard(first), heard(second)] == ["in\n", "in\n"]
    first.communicate("\n", timeout=30)
    assert leases.held(data_dir / "postgres.alive")
    assert leases.held(data_dir / "valkey.alive")
    second.communicate("\n", timeout=30)
    assert not leases.held(data_dir / "postgres.alive")
    assert not leases.held(data_dir / "valkey.alive")


def test_a_killed_process_leaves_servers_that_the_next_one_takes_over(data_dir: Path, another: Start) -> None:
    killed = another("print('in', flush=True); input()")
    heard(killed)
    killed.kill()
    killed.wait()
    house = Servers(data_dir)
    before = pids(house)
    house.join()
    assert pids(house) == before
    house.leave()
    assert not leases.held(data_dir / "postgres.alive")


def test_a_fork_that_ends_does_not_stop_the_servers_of_its_parent(house: Servers) -> None:
    child = os.fork()
    if child == 0:
        house.leave()
        os._exit(0)
    os.waitpid(child, 0)
    assert one(house.urls.database, "SELECT 1") == 1


def test_what_was_acknowledged_survives_the_killing_of_both_servers(house: Servers) -> None:
    line = psycopg.connect(house.urls.owner, autocommit=True)
    line.execute("CREATE TABLE receipt (fen bigint)")
    for fen in range(200):
        line.execute("INSERT INTO receipt VALUES (%s)", [fen])
        redis.from_url(house.urls.redis).rpush("queue", fen)
    for pid in pids(house):
        os.kill(pid, signal.SIGKILL)
    wait(lambda: not house.postgres.answers() and not house.valkey.answers(), "they live")
    house.join()
    assert one(house.urls.owner, "SELECT array_agg(fen ORDER BY fen) FROM receipt") == list(range(200))
    assert redis.from_url(house.urls.redis).lrange("queue", 0, -1) == [str(n).encode() for n in range(200)]


def test_a_process_number_that_another_program_got_since_is_no_obstacle(house: Servers) -> None:
    written = house.postgres.data / "postmaster.pid"
    lines = written.read_text().splitlines()
    os.kill(pids(house)[0], signal.SIGKILL)
    wait(lambda: not leases.held(house.postgres.alive), "it lives")
    bystander = subprocess.Popen(["sleep", "60"], user=written.stat().st_uid)
    written.write_text("\n".join([str(bystander.pid), *lines[1:]]))
    house.join()
    assert one(house.urls.database, "SELECT 1") == 1
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_a_server_that_hangs_is_replaced(house: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.embedded.server.PATIENCE", 1)
    monkeypatch.setattr("crm.embedded.server.ANSWER", 0.2)
    hung = pids(house)[1]
    os.kill(hung, signal.SIGSTOP)
    house.join()
    assert house.valkey.pid() != hung
    assert redis.from_url(house.urls.redis).ping()


@pytest.mark.parametrize("name", ["x" * 120, "数据 and spaces", "it's 100%"])
def test_long_and_odd_paths_work(tmp_path: Path, name: str) -> None:
    house = Servers(tmp_path / name)
    house.join()
    try:
        assert one(house.urls.database, "SELECT current_user") == "crm_app"
        assert redis.from_url(house.urls.redis).ping()
    finally:
        house.leave()
    assert not run_directory(house.data_dir).exists()


def test_a_short_directory_that_a_stranger_made_is_refused(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a directory for somebody else")
    house = Servers(tmp_path / ("y" * 120))
    house.postgres.run.mkdir()
    os.chown(house.postgres.run, 12345, 12345)
    try:
        with pytest.raises(ServerError, match="belongs to another user"):
            house.join()
    finally:
        house.postgres.run.rmdir()


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ServerError, match=r"DATA_DIR=.*/file/d cannot be made: Not a directory"):
        Servers(tmp_path / "file" / "d").join()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_directory_of_another_user_is_refused() -> None:
    with pytest.raises(ServerError, match="/etc belongs to root"):
        Servers(Path("/etc")).join()


def test_a_start_that_fails_says_why(house: Servers, tmp_path: Path) -> None:
    house.postgres.stop()
    (house.postgres.data / "global" / "pg_control").rename(tmp_path / "pg_control")
    with pytest.raises(ServerError, match="pg_control"):
        house.join()
    (tmp_path / "pg_control").rename(house.postgres.data / "global" / "pg_control")


def test_the_environment_replaces_private_servers_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://crm_app:p@db/crm")
    monkeypatch.setenv("REDIS_URL", "redis://queue:6379/3")
    assert servers.wanted() == frozenset()
    url = "postgresql://crm_app:p@db/crm"
    assert servers.urls() == Urls(url, url, url, "redis://queue:6379/3")
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://crm_owner:p@db/crm")
    assert servers.urls().owner == "postgresql://crm_owner:p@db/crm"
    monkeypatch.delenv("REDIS_URL")
    assert servers.wanted() == {"valkey"}


def test_only_the_wanted_server_is_started(data_dir: Path) -> None:
    house = Servers(data_dir)
    house.join(frozenset({"valkey"}))
    assert (house.valkey.answers(), house.postgres.answers()) == (True, False)
    house.leave()
    assert not house.valkey.answers()


def test_celery_gets_the_socket_in_its_own_spelling() -> None:
    private = Urls("", "", "", "unix:///srv/crm/run/valkey.sock?db=0")
    assert private.broker == "redis+socket:///srv/crm/run/valkey.sock?virtual_host=0"
    assert Urls("", "", "", "redis://queue:6379/3").broker == "redis://queue:6379/3"


def test_a_message_waits_in_the_queue_while_the_servers_are_down(house: Servers) -> None:
    from celery import Celery

    def queued() -> int:
        with Celery(broker=house.urls.broker).connection_for_read() as line:
            return line.default_channel.queue_declare("celery", passive=True).message_count

    Celery(broker=house.urls.broker).send_task("night")
    house.leave()
    with pytest.raises(OSError), socket.socket(socket.AF_UNIX) as line:
        line.connect(str(house.valkey.address))
    time.sleep(0.1)
    house.join()
    assert queued() == 1
