"""Child processes that never outlive their parent, and the lock that proves it.

The lock of a data folder is an flock whose descriptor every guardian and every server inherits.
The system releases it when the last of them is gone, so whoever holds it knows that nothing of
an earlier run is alive, and that pid files and sockets found in the folder are leftovers. No
process is ever signalled because a file names its pid.
"""

import fcntl
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.dev.account import Account
from app.dev.errors import EmbeddedServerError

logger = logging.getLogger("minplan.embedded")

GUARDIAN = Path(__file__).with_name("guardian.py")
LOCK_PATIENCE = 15.0  # seconds the servers of a killed process get to stop
STOP_PATIENCE = 45.0  # seconds; longer than the guardian's own, which insists with SIGKILL
START_PATIENCE = 60.0  # seconds; recovery after a crash takes its time
GLANCE = 0.01  # seconds between two looks at a condition


def clean_environment() -> dict[str, str]:
    """What servers need of the environment, and nothing (PGPORT, PGOPTIONS) that sways them."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True)
class Command:
    """One program to run under guard.

    `name` is what messages call it, `stop` the signal that ends it cleanly, `account` None for
    the caller's own, `log` the file that gets its output (the previous run's is kept as .old).
    """

    name: str
    arguments: list[str]
    log: Path
    stop: signal.Signals
    account: Account | None = None
    environment: Mapping[str, str] = field(default_factory=clean_environment)


class Guarded:
    """A running command whose life hangs on this object and on this process."""

    def __init__(self, command: Command, lock: int) -> None:
        self.command = command
        account = command.account
        guardian = [sys.executable, "-I", "-S", str(GUARDIAN)]
        ids = ["-", "-"] if account is None else [str(account.uid), str(account.gid)]
        if command.log.exists():
            command.log.replace(command.log.with_name(command.log.name + ".old"))
        with command.log.open("wb") as log:
            self._guardian = subprocess.Popen(  # noqa: S603  # our own commands, no shell
                [*guardian, str(int(command.stop)), *ids, *command.arguments],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=command.log.parent,
                env=dict(command.environment),
                pass_fds=[lock],
                start_new_session=True,  # Ctrl-C in the terminal is for the application alone
            )

    def wait_until(self, answers: Callable[[], bool]) -> None:
        """Return when the server `answers`; EmbeddedServerError if it ends or takes too long."""
        deadline = time.monotonic() + START_PATIENCE
        while not answers():
            if self._guardian.poll() is not None:
                raise EmbeddedServerError(f"{self.command.name} did not start.{self._log_tail()}")
            if time.monotonic() > deadline:
                raise EmbeddedServerError(
                    f"{self.command.name} did not answer in {START_PATIENCE:.0f} seconds."
                    + self._log_tail()
                )
            time.sleep(GLANCE)

    def finish(self) -> None:
        """Wait for a command that ends by itself; EmbeddedServerError if it fails."""
        try:
            code = self._guardian.wait()
        finally:
            self._let_go()
            self.wait_stopped()
        if code != 0:
            raise EmbeddedServerError(f"{self.command.name} failed.{self._log_tail()}")

    def ask_to_stop(self) -> None:
        """Cut the lifeline; the guardian does the rest."""
        if self._guardian.poll() is not None:
            logger.error(
                "%s ended by itself (exit code %d); its log is %s",
                self.command.name,
                self._guardian.returncode,
                self.command.log,
            )
        self._let_go()

    def wait_stopped(self) -> None:
        """Return when the server has ended; call `ask_to_stop` first."""
        try:
            self._guardian.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            logger.error("The guardian of %s does not end; killed", self.command.name)
            self._guardian.kill()
            self._guardian.wait()

    def _let_go(self) -> None:
        if self._guardian.stdin is not None:
            self._guardian.stdin.close()

    def _log_tail(self) -> str:
        lines = self.command.log.read_text(errors="replace").splitlines()[-15:]
        return f" The end of {self.command.log}:\n" + "\n".join(lines)


def stop_all(servers: list[Guarded]) -> None:
    """Stop all at the same time and wait for the slowest."""
    for server in servers:
        server.ask_to_stop()
    for server in servers:
        server.wait_stopped()


@contextmanager
def folder_lock(folder: Path) -> Iterator[int]:
    """Hold `folder` for this process and its servers; yields the descriptor to pass on.

    Raises EmbeddedServerError at once if another living process holds it. If its holder was
    killed, waits (up to `LOCK_PATIENCE` seconds) for the servers it left to finish stopping.
    """
    path = folder / "lock"
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError:
        raise EmbeddedServerError(
            f"{path} belongs to another user, probably because it was made as root. Run as that "
            f"user, or delete {folder}."
        ) from None
    try:
        _take(lock, folder)
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        yield lock
    finally:
        os.close(lock)


def _take(lock: int, folder: Path) -> None:
    deadline = time.monotonic() + LOCK_PATIENCE
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(lock, 20, 0).decode() or "starting"
            if _lives(holder) or time.monotonic() > deadline:
                raise EmbeddedServerError(
                    f"The data folder {folder} is in use by another process (pid {holder}). "
                    f"Stop that one first, or give this one a data folder of its own "
                    f"(minplan up --data DIR)."
                ) from None
            time.sleep(GLANCE)
        else:
            return


def _lives(holder: str) -> bool:
    """Whether a lock's holder still runs; signal 0 only asks. An unwritten pid counts as yes."""
    try:
        os.kill(int(holder), 0)
    except ProcessLookupError:
        return False
    except (ValueError, PermissionError):
        return True
    return True
