"""The servers that are compared: one process each, and the CPU time that they use."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from app.dev.ports import free_port
from app.dev.supervisor import GUARDIAN
from app.settings import PREFIX, Settings
from bench.client import HOST
from bench.database import backends

ROOT: Final = Path(__file__).parents[1]
DATA: Final = Path(".data/bench")
"""The folder of the embedded servers and of the key that signs tokens."""
_BUDGETS: Final = (
    *("SUBJECT_REQUESTS", "SUBJECT_COST", "ORGANISATION_REQUESTS", "ORGANISATION_COST"),
)
"""Budgets that no run uses up, while counting against them is measured with the rest."""
_CPU_CLOCK: Final = 2
"""Of a process, beside its number in the id of a clock: `clock_getcpuclockid` (3)."""
_PATIENCE: Final = 30.0
"""Seconds that a server gets to answer, or to stop."""

# name -> arguments of Python before the port, and the application name of its connections
COMMANDS: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "limit": (("-m", "bench.limit"), "bench limit"),
    "ours": (("-m", "app", "serve", "--port"), "minplan"),
    "plain": (("-m", "bench.plain"), "bench plain"),
}


@dataclass(frozen=True, slots=True)
class Cpu:
    """CPU seconds since their start: of a server's process tree, and of its PostgreSQL backends."""

    server: float
    database: Mapping[int, float]

    def since(self, before: "Cpu") -> tuple[float, float]:
        """Seconds used since `before`: server, database."""
        spent = sum(used - before.database.get(pid, 0.0) for pid, used in self.database.items())
        return self.server - before.server, spent


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. `pid` is its guardian's, whose child it is."""

    name: str
    port: int
    pid: int
    application: str
    database_url: str

    async def cpu(self) -> Cpu:
        root = psutil.Process(self.pid)
        tree = [root, *root.children(recursive=True)]
        pids = await backends(self.database_url, self.application)
        return Cpu(sum(map(used_by, tree)), {pid: used_by(psutil.Process(pid)) for pid in pids})


def used_by(process: psutil.Process) -> float:
    """CPU seconds of one process since its start: by its clock, /proc counts in hundredths."""
    try:
        return time.clock_gettime(~process.pid << 3 | _CPU_CLOCK)
    except OSError as error:  # it has ended
        raise psutil.NoSuchProcess(process.pid) from error


@contextmanager
def running(settings: Settings, *names: str) -> Iterator[list[Server]]:
    """Those named, or all, each on a free port, until the block ends or this process does."""
    environment = os.environ | {
        f"{PREFIX}DATABASE_URL": settings.database_url or "",
        f"{PREFIX}REDIS_URL": settings.redis_url or "",
        f"{PREFIX}DATA_DIR": str(settings.data_dir.resolve()),
        **{f"{PREFIX}{name}_PER_SECOND": "1000000000" for name in _BUDGETS},
    }
    with ExitStack() as stack:
        yield [
            stack.enter_context(_running(name, settings.database_url or "", environment))
            for name in names or COMMANDS
        ]


@contextmanager
def _running(name: str, database_url: str, environment: Mapping[str, str]) -> Iterator[Server]:
    arguments, application = COMMANDS[name]
    port = free_port()
    with guarded(*arguments, str(port), environment=environment) as process:
        wait_for(name, port, process)
        yield Server(name, port, process.pid, application, database_url)


@contextmanager
def guarded(*arguments: str, environment: Mapping[str, str]) -> "Iterator[subprocess.Popen[bytes]]":
    """Python with arguments under a guardian, until the block ends or this process does."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-I", "-S", str(GUARDIAN), str(int(signal.SIGTERM)), "-", "-"),
            *(sys.executable, *arguments),
        ],
        stdin=subprocess.PIPE,  # its end tells the guardian to stop the server
        env=environment,
        cwd=ROOT,
        start_new_session=True,
    )
    assert process.stdin is not None
    try:
        yield process
    finally:
        process.stdin.close()
        process.wait(_PATIENCE)


def wait_for(name: str, port: int, process: "subprocess.Popen[bytes]") -> None:
    """Until it listens; exits when it does not."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"The server `{name}` does not answer; see its messages above.")
