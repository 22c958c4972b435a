"""PostgreSQL 18 and Valkey 9 for development and tests, without installing anything.

The servers come from wheels and live only as long as the process that started them: they are
stopped on normal exit and on an exception, and also when that process is killed (`guardian`).
They listen on Unix sockets in a private folder, so that two checkouts never meet.
"""

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from app.dev import postgres, valkey
from app.dev.account import Account, open_way_to, private_folder, server_account
from app.dev.errors import EmbeddedServerError
from app.dev.supervisor import Guarded, folder_lock, stop_all

__all__ = ["EmbeddedServerError", "Servers", "embedded_servers", "running_servers"]

MAX_SOCKET_PATH = 100  # bytes; the system's limit is 107 on Linux and 103 on macOS
NEEDS_NO_QUOTING = re.compile(r"[A-Za-z0-9/._-]+")


@dataclass(frozen=True)
class Servers:
    """Where the servers answer.

    `database_url` is a DSN for asyncpg and libpq (superuser, Unix socket, database "minplan"),
    `redis_url` a URL for redis-py and arq.
    """

    database_url: str
    redis_url: str

    def database_url_for(self, name: str) -> str:
        """The DSN of another database on the same server."""
        return urlsplit(self.database_url)._replace(path=f"/{quote(name, safe='')}").geturl()


@contextmanager
def embedded_servers(data_dir: Path, *, durable: bool = True) -> Iterator[Servers]:
    """Run both servers on `data_dir` (made if absent) for the length of the block.

    With `durable=False` the data survives neither a power cut (PostgreSQL) nor a restart
    (Valkey): for tests. Logs are in `data_dir`/log. A child made by a bare fork keeps the
    servers alive as long as it lives; subprocesses do not.

    Raises EmbeddedServerError, with what to do, when another process uses the folder or a
    server cannot start.
    """
    folder = data_dir.resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with folder_lock(folder) as lock:
        account = server_account(folder / "postgres")
        open_way_to(folder, account)
        sockets = _socket_folder(folder)
        _make_room(folder, sockets, account)
        started: list[Guarded] = []
        try:
            _start(folder, sockets, durable, account, lock, started)
            yield _servers(sockets)
        finally:
            stop_all(started)
            if sockets.parent != folder:
                with suppress(OSError):  # not empty: a server could not be stopped
                    sockets.rmdir()


def running_servers(data_dir: Path) -> Servers | None:
    """The servers another process runs on `data_dir`, or None if they do not answer.

    For a second command beside a running application; it may not stop them.
    """
    sockets = _socket_folder(data_dir.resolve())
    if _answering(sockets) == [True, True]:
        return _servers(sockets)
    return None


def _start(
    folder: Path,
    sockets: Path,
    durable: bool,
    account: Account | None,
    lock: int,
    started: list[Guarded],
) -> None:
    """Start both and wait for both; what has been started is in `started` at any moment."""
    redis_server = valkey.Valkey(folder, sockets, durable)
    database_server = postgres.Postgres(folder, sockets, durable)
    started.append(redis_server.start(account, lock))
    started.append(database_server.start(account, lock))
    started[0].wait_until(lambda: valkey.answers(redis_server.socket))
    started[1].wait_until(lambda: postgres.answers(database_server.socket))
    postgres.create_database(sockets)


def _make_room(folder: Path, sockets: Path, account: Account | None) -> None:
    """The folders for logs and sockets, without the sockets of an earlier run.

    The lock says that our own earlier servers are gone, so a socket that still answers belongs
    to a server that somebody started by hand: it is left alone and the start refused.
    """
    (folder / "log").mkdir(mode=0o700, exist_ok=True)
    _require_own(sockets, account)
    private_folder(sockets, account)
    if any(_answering(sockets)):
        raise EmbeddedServerError(
            f"Servers that this program did not start answer in {sockets}. Stop them first, or "
            f"choose another data folder than {folder}."
        )
    for leftover in (postgres.socket_in(sockets), valkey.socket_in(sockets)):
        leftover.unlink(missing_ok=True)
        leftover.with_name(leftover.name + ".lock").unlink(missing_ok=True)


def _socket_folder(folder: Path) -> Path:
    """A folder for the sockets: short, and free of characters that a URL would have to quote."""
    name = "minplan-" + hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    candidates = [folder / "run"]
    if os.geteuid() != 0 and os.path.isabs(runtime) and os.path.isdir(runtime):
        candidates.append(Path(runtime) / name)
    candidates.append(Path("/tmp") / name)  # noqa: S108  # ownership is checked before use
    return next(path for path in candidates if _fits(path))


def _fits(sockets: Path) -> bool:
    longest = max(postgres.socket_in(sockets), valkey.socket_in(sockets), key=lambda p: len(str(p)))
    plain = NEEDS_NO_QUOTING.fullmatch(str(longest)) is not None
    return plain and len(str(longest)) <= MAX_SOCKET_PATH


def _require_own(sockets: Path, account: Account | None) -> None:
    """Refuse a socket folder that another user may have laid out in a shared place."""
    try:
        found = sockets.lstat()
    except FileNotFoundError:
        return
    owners = {os.geteuid()} | ({account.uid} if account else set())
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners:
        raise EmbeddedServerError(
            f"{sockets} is not a folder of this user. Delete it, or choose another data folder."
        )


def _answering(sockets: Path) -> list[bool]:
    return [
        postgres.answers(postgres.socket_in(sockets)),
        valkey.answers(valkey.socket_in(sockets)),
    ]


def _servers(sockets: Path) -> Servers:
    return Servers(postgres.database_url(sockets), valkey.redis_url(sockets))
