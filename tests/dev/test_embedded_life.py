"""No server outlives its application, and no leftover of a crash stops the next start."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.dev.embedded import EmbeddedServerError, embedded_servers, running_servers

from .processes import (
    PATIENCE,
    alive,
    application,
    ask,
    children,
    eventually,
    launch,
    server_pids,
    unlocked,
)


def test_an_exception_stops_the_servers(used_folder: Path) -> None:
    # without parallel workers this process runs the servers of all other tests besides
    others = children(os.getpid())
    with pytest.raises(ZeroDivisionError), embedded_servers(used_folder):
        pids = server_pids(used_folder, os.getpid(), others)
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


def test_a_server_that_cannot_start_says_why_and_takes_the_other_with_it(made: Path) -> None:
    with (made / "postgres" / "postgresql.conf").open("a") as settings:
        settings.write("no_such_setting = on\n")
    with pytest.raises(EmbeddedServerError, match="no_such_setting"), embedded_servers(made):
        pass
    assert unlocked(made)


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
