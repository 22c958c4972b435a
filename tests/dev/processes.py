"""Processes that run the embedded servers, and what is seen of them from outside."""

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import asyncpg

ROOT = Path(__file__).parents[2]
PATIENCE = 40.0  # seconds

# Runs servers on a folder, says so, and ends when its standard input does. Interrupted, it
# still wants something from the database, as an application that drains its work does.
APPLICATION = """
import asyncio, json, os, signal, sys
from pathlib import Path
import asyncpg
from app.dev.embedded import embedded_servers

# a shell that puts the tests into the background has them ignore interrupts
signal.signal(signal.SIGINT, signal.default_int_handler)

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


def living() -> dict[int, int]:
    """The parent of every living process; zombies, which only wait to be counted, left out."""
    if sys.platform == "linux":
        rows = [_status(path) for path in Path("/proc").glob("[0-9]*/stat")]
    else:
        command = ["ps", "-A", "-o", "pid=,stat=,ppid="]
        table = subprocess.run(command, capture_output=True, text=True, check=True)
        rows = [line.split() for line in table.stdout.splitlines()]
    return {int(row[0]): int(row[2]) for row in rows if row and not row[1].startswith("Z")}


def _status(path: Path) -> list[str]:
    """Pid, state and parent from /proc/PID/stat; nothing if the process has just gone."""
    try:
        after_name = path.read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []
    return [path.parent.name, *after_name[:2]]


def children(pid: int) -> list[int]:
    return [child for child, parent in living().items() if parent == pid]


def alive(pid: int) -> bool:
    return pid in living()


def server_pids(folder: Path, application: int, others: Sequence[int] = ()) -> list[int]:
    """PostgreSQL and Valkey below their guardians, and PostgreSQL by its own account.

    others: children of the application that are guardians of something else.
    """
    guardians = [child for child in children(application) if child not in others]
    servers = [server for guardian in guardians for server in children(guardian)]
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
